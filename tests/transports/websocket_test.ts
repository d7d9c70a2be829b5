import assert from "node:assert/strict";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { describe, it } from "node:test";
// @ts-types="@types/ws"
import { WebSocket as WsWebSocket } from "ws";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import { type Dial, TransportError } from "@curlew/realtime/protocol";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { Cancellation } from "../../src/connection/cancel.ts";
import { transportContract } from "../contract/transport.ts";
import { ears } from "../kit/ear.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { serveWebSockets } from "../kit/websocket_server.ts";
import { deafUrl, webSocketRig } from "./rigs.ts";

const ws = WsWebSocket as unknown as WebSocketConstructor;

transportContract("websocket, with the platform's class", webSocketRig((transport) => transport));
transportContract("websocket, with the class of ws", webSocketRig((transport) => transport, ws));

const dial = (url: string, more: Partial<Dial> = {}): Dial => ({
  url,
  protocols: ["p"],
  cancelled: new Cancellation(),
  probe: () => "",
  ...more,
});

const because = (reason: string, message: RegExp) => (error: unknown) =>
  error instanceof TransportError && error.reason === reason && message.test(error.message);

for (const [name, WebSocket] of [["the platform's class", undefined], ["ws", ws]] as const) {
  describe(`webSocket with ${name}`, () => {
    const transport = webSocket({ WebSocket });

    it(
      "gives up a server that says nothing, and lets go of it",
      checkLeaks(async () => {
        const sockets: Socket[] = [];
        const server = createServer((socket) => void sockets.push(socket.on("error", () => {})));
        await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
        const { port } = server.address() as AddressInfo;
        const cancelled = new Cancellation();
        const heard = ears();
        const attempt = transport.open(dial(`ws://127.0.0.1:${port}/`, { cancelled }), heard);
        const connected = new Promise<Socket>((done) => server.once("connection", done));
        const socket = await connected;
        const gone = new Promise((done) => socket.resume().once("close", done));
        cancelled.abort();
        await assert.rejects(attempt, because("timeout", /given up before it answered/));
        await gone;
        assert.equal(heard.all.length, 0);
        await new Promise((done) => server.close(done));
      }),
    );

    it("says which address could not be reached", async () => {
      const url = await deafUrl();
      await assert.rejects(transport.open(dial(url), ears()), because("unreachable", RegExp(url)));
      for (const bad of ["", "ftp://x/", "ws://x/#fragment"]) {
        await assert.rejects(transport.open(dial(bad), ears()), because("unreachable", /address/));
      }
    });

    it("says that a link broke, as a value", async () => {
      const [here, there] = [ears(), ears()];
      const server = await serveWebSockets({ protocols: ["p"], accept: there });
      try {
        await transport.open(dial(server.url), here);
        server.cut();
        const { code, error } = await here.all[0]!.ended();
        assert.equal(code, 1006);
        assert.ok(because("unreachable", /The link to ws:.* broke/)(error));
      } finally {
        await server.close();
      }
    });
  });
}

describe("webSocket", () => {
  /** A class whose sockets a test moves by hand. */
  class Puppet {
    static last: Puppet;
    binaryType = "blob";
    protocol = "p";
    bufferedAmount = 0;
    closedWith: unknown[] | undefined;
    readonly sent: unknown[] = [];
    onopen: ((event?: unknown) => void) | null = null;
    onmessage: ((event: { data: unknown }) => void) | null = null;
    onerror: ((event?: unknown) => void) | null = null;
    onclose: ((event: { code?: number; reason?: string }) => void) | null = null;
    constructor() {
      Puppet.last = this;
    }
    send(frame: unknown) {
      this.sent.push(frame);
    }
    close(...how: unknown[]) {
      this.closedWith = how;
    }
  }
  const transport = webSocket({ WebSocket: Puppet as unknown as WebSocketConstructor });

  it("says that a server chose another subprotocol, or none", async () => {
    for (
      const [protocol, message] of [["q", /it chose q; check/], [
        "",
        /it chose none; check/,
      ]] as const
    ) {
      const attempt = transport.open(dial("ws://x/"), ears());
      Puppet.last.protocol = protocol;
      Puppet.last.onopen?.();
      await assert.rejects(attempt, because("subprotocol", message));
      assert.ok(Puppet.last.closedWith, "The socket is closed");
    }
  });

  it("gives up at an error, whether or not the socket then says that it closed", async () => {
    // Chromium does not, where a page's policy forbids the socket.
    const attempt = transport.open(dial("ws://x/"), ears());
    Puppet.last.onerror?.({ message: "Forbidden" });
    await assert.rejects(attempt, because("unreachable", /ws:\/\/x\/ could not .* \(Forbidden\):/));
    Puppet.last.onclose?.({ code: 1006 });
  });

  it("takes a close event that says nothing for a broken link", async () => {
    const heard = ears();
    const attempt = transport.open(dial("ws://x/"), heard);
    Puppet.last.onopen?.();
    await attempt;
    Puppet.last.onerror?.();
    Puppet.last.onclose?.({});
    Puppet.last.onclose?.({ code: 1000, reason: "again" });
    assert.equal(heard.all[0]!.ends.length, 1);
    assert.equal(heard.all[0]!.ends[0]!.code, 1006);
  });

  it("ends a link whose socket throws when it sends", async () => {
    const heard = ears();
    const attempt = transport.open(dial("ws://x/"), heard);
    Puppet.last.send = () => {
      throw new Error("Closed already");
    };
    Puppet.last.onopen?.();
    await attempt;
    const { link } = heard.all[0]!;
    link.send("into the void");
    link.send("and again");
    assert.ok(Puppet.last.closedWith, "The socket is closed");
    assert.equal(heard.all[0]!.ends.length, 0, "`closed` is no part of `send`");
    Puppet.last.onclose?.({ code: 1006 });
    assert.ok(because("unreachable", /broke: Error: Closed already/)(heard.all[0]!.ends[0]!.error));
  });

  it("closes a link over which neither text nor bytes come", async () => {
    const heard = ears();
    const attempt = transport.open(dial("ws://x/"), heard);
    Puppet.last.onopen?.();
    await attempt;
    Puppet.last.onmessage?.({ data: { blob: true } });
    Puppet.last.onmessage?.({ data: "late" });
    assert.deepEqual(Puppet.last.closedWith, [3003, "Neither bytes nor text"]);
    assert.deepEqual(heard.all[0]!.frames, []);
  });

  it("copies what is lent, for a class that keeps it", async () => {
    const heard = ears();
    const attempt = transport.open(dial("ws://x/"), heard);
    Puppet.last.onopen?.();
    await attempt;
    const lent = new Uint8Array([1, 2, 3]);
    heard.all[0]!.link.send(lent.subarray(1));
    lent.fill(0);
    assert.deepEqual(Puppet.last.sent, [new Uint8Array([2, 3])]);
  });

  it("asks nothing more of a socket that it closed, or that ended", async () => {
    const heard = ears();
    const attempt = transport.open(dial("ws://x/"), heard);
    Puppet.last.onopen?.();
    await attempt;
    const { link } = heard.all[0]!;
    Puppet.last.bufferedAmount = 7;
    assert.equal(link.pending, 7);
    link.close(1000);
    link.send("late");
    Puppet.last.onclose?.({ code: 1000 });
    link.send("late");
    assert.deepEqual(Puppet.last.sent, []);
    assert.equal(link.pending, 0);
  });

  it("lets go of what may cancel it once it is open, or failed", async () => {
    const listeners = new Set<() => void>();
    const cancelled = {
      aborted: false,
      addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
    };
    const attempt = transport.open(dial("ws://x/", { cancelled }), ears());
    assert.equal(listeners.size, 1);
    Puppet.last.onopen?.();
    await attempt;
    assert.equal(listeners.size, 0);
    Puppet.last.onclose?.({ code: 1000 });
    const failing = transport.open(dial("ws://x/", { cancelled }), ears());
    Puppet.last.onclose?.({ code: 1006 });
    await assert.rejects(failing);
    assert.equal(listeners.size, 0);
  });

  it("names both remedies where there is no class", async () => {
    const { WebSocket } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "WebSocket");
      await assert.rejects(webSocket().open(dial("ws://x/"), ears()), {
        name: "TypeError",
        message: /Node 22.*webSocket\({ WebSocket }\)/,
      });
    } finally {
      Object.defineProperty(globalThis, "WebSocket", {
        value: WebSocket,
        configurable: true,
        writable: true,
        enumerable: false,
      });
    }
  });
});
