import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { memory } from "@curlew/realtime/transports/memory";
import { TransportError } from "@curlew/realtime/protocol";
import { Cancellation } from "../../src/connection/cancel.ts";
import { transportContract } from "../contract/transport.ts";
import { ears } from "../kit/ear.ts";
import { memoryRig } from "./rigs.ts";

transportContract("memory", memoryRig((transport) => transport));

describe("memory", () => {
  it("delivers when it is told to that a turn ends", async () => {
    const turn: (() => void)[] = [];
    const end = () => turn.splice(0).forEach((run) => run());
    const [here, there] = [ears(), ears()];
    const transport = memory({
      protocols: ["p"],
      accept: there,
      turnEnd: (run) => void turn.push(run),
    });
    const dial = { url: "", protocols: ["p"], cancelled: new Cancellation(), probe: () => "" };
    const opened = transport.open(dial, here);
    assert.equal(there.all.length, 0);
    end();
    await opened;
    here.all[0]!.link.send("hello");
    assert.equal(here.all[0]!.link.pending, 5);
    assert.deepEqual(there.all[0]!.frames, []);
    end();
    assert.deepEqual(there.all[0]!.frames, ["hello"]);
    assert.equal(here.all[0]!.link.pending, 0);
  });

  it("tells why: no shared subprotocol, or a server that throws", async () => {
    const fail = () => {
      throw new Error("Broken");
    };
    const transport = memory({ protocols: ["p"], accept: fail });
    const dial = { url: "", protocols: ["p"], cancelled: new Cancellation(), probe: () => "" };
    const because = (reason: string) => (error: unknown) =>
      error instanceof TransportError && error.reason === reason;
    await assert.rejects(transport.open(dial, ears()), because("refused"));
    await assert.rejects(
      transport.open({ ...dial, protocols: ["q"] }, ears()),
      because("subprotocol"),
    );
  });
});
