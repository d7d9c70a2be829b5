import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Realtime } from "@curlew/realtime";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import { FakeClock } from "../kit/clock.ts";
import { listeningLog } from "../kit/log.ts";

/** A class whose sockets fail at once, and that keeps what it was asked for. */
function failing() {
  const asked: unknown[][] = [];
  class Failing {
    binaryType = "";
    onclose: ((event: { code: number }) => void) | null = null;
    constructor(...args: unknown[]) {
      asked.push(args);
      queueMicrotask(() => this.onclose?.({ code: 1006 }));
    }
    close() {}
  }
  return { asked, WebSocket: Failing as unknown as WebSocketConstructor };
}

describe("a Realtime without transports of its own", () => {
  for (
    const [noBinary, protocol] of [[false, "lc.protobuf2.3"], [true, "lc.proto2base64.3"]] as const
  ) {
    it(`dials with the environment's WebSocket, ${noBinary ? "as text" : "in bytes"}`, async () => {
      const { asked, WebSocket } = failing();
      const clock = new FakeClock();
      const options = { appId: "app", appKey: "key", server: "http://x", RTMServers: "ws://x/" };
      const realtime = new Realtime({ ...options, noBinary }, {
        clock,
        log: listeningLog(),
        WebSocket,
      });
      await assert.rejects(realtime.createIMClient("tom"), { name: "TRANSPORT_ERROR" });
      assert.deepEqual(asked, [["ws://x/", [protocol]]]);
      await realtime.close();
      assert.equal(clock.waiting, 0);
    });
  }
});
