import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { RealtimeError, type Transport, type TransportError } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { Cancellation } from "../../../src/connection/cancel.ts";
import { createWorld, endWorld, failure, inWorld, Peer } from "./world.ts";

describe("opening a connection", () => {
  it(
    "makes one link, however often it is asked",
    inWorld(async ({ connection, clock, network, state, told }) => {
      assert.equal(state(), "initialized");
      assert.equal(connection.transport, undefined);
      const opening = connection.open();
      assert.equal(state(), "connecting");
      assert.equal(connection.open(), opening);
      await clock.advance(0);
      await opening;
      await connection.open();
      assert.equal(connection.transport, "memory");
      assert.equal(network.dials.length, 1);
      assert.deepEqual(told, []);
    }),
  );

  it(
    "fails with the failure of the first attempt, leaves nothing, and can be tried again",
    inWorld(async ({ connection, network, open, state, clock, online, visible, told }) => {
      network.block();
      for (let i = 0; i < 2; i++) {
        assert.equal(await failure(open()), network.failure);
        assert.equal(state(), "initialized");
        assert.deepEqual([clock.waiting, online.watchers, visible.watchers], [0, 0, 0]);
      }
      network.unblock();
      await open();
      assert.equal(connection.transport, "memory");
      assert.deepEqual([online.watchers, visible.watchers], [1, 1]);
      assert.deepEqual(told, []);
    }),
  );

  it(
    "fails where the addresses are not to be had, and where there are none",
    inWorld(async (world) => {
      const wrong = new TypeError("This platform has no fetch");
      world.urls = () => Promise.reject(wrong);
      assert.equal(await failure(world.open()), wrong);
      world.urls = () => Promise.resolve([]);
      assert.equal((await failure(world.open())).message, "There is no address to connect to");
    }),
  );

  it(
    "fails at once without a network, and can be tried again",
    inWorld(async ({ connection, online, network, open }) => {
      online.set(false);
      const error = await failure(connection.open());
      assert.equal(error.name, "CONNECTION_LOST");
      assert.match(error.message, /^There is no network/);
      assert.equal(online.watchers, 0);
      assert.equal(network.dials.length, 0);
      online.set(true);
      await open();
    }),
  );

  it(
    "gives up an address that does not answer within 18 s, before who waits for 20 s gives up",
    inWorld(async ({ connection, network, clock, state }) => {
      network.weather = "hanging";
      const opening = failure(connection.open());
      await clock.advance(17_999);
      assert.equal(state(), "connecting");
      await clock.advance(1);
      const error = await opening as TransportError;
      assert.deepEqual([error.name, error.reason], ["TRANSPORT_ERROR", "timeout"]);
    }),
  );
});

describe("closing a connection", () => {
  it(
    "says goodbye, rejects what waits, and ends for good",
    inWorld(async ({ connection, peer, open, ends, clock, state, told }) => {
      await open();
      peer.answer = () => undefined;
      const request = failure(connection.request({ cmd: "conv" }));
      const closed = connection.close();
      assert.equal(connection.close(), closed);
      assert.equal(state(), "closed");
      await clock.advance(0);
      await closed;
      assert.equal((await request).name, "CONNECTION_LOST");
      assert.deepEqual(peer.ended, [1000]);
      assert.deepEqual(ends, [undefined]);
      assert.deepEqual(told, []);
      const error = await failure(connection.open());
      assert.deepEqual([error.name, error.message], [
        "CONNECTION_LOST",
        "The connection is closed",
      ]);
    }),
  );

  it("waits no longer than 1 s for the other side", async () => {
    const peer = new Peer();
    const inner = memory({ protocols: peer.protocols, accept: peer.accept });
    const deaf: Transport = {
      ...inner,
      open: (dial, accept) => inner.open(dial, (link) => accept({ ...link, close: () => {} })),
    };
    const { connection, clock, open } = createWorld({ transports: [deaf] });
    await open();
    let closed = false;
    void connection.close().then(() => closed = true);
    await clock.advance(999);
    assert.equal(closed, false);
    await clock.advance(1);
    assert.equal(closed, true);
    assert.equal(clock.waiting, 0);
  });

  it(
    "before it was opened is no feat",
    inWorld(async ({ connection, ends }) => {
      await connection.close();
      assert.deepEqual(ends, [undefined]);
    }),
  );

  it(
    "while it dials gives the attempt up",
    inWorld(async ({ connection, network, clock }) => {
      network.weather = "hanging";
      const opening = failure(connection.open());
      await clock.advance(5);
      await connection.close();
      assert.equal((await opening).name, "CONNECTION_LOST");
      await clock.advance(0);
      assert.equal(clock.waiting, 0);
    }),
  );

  it(
    "while it asks for addresses dials none of them",
    inWorld(async (world) => {
      let answer = (_: readonly string[]) => {};
      world.urls = () => new Promise((resolve) => answer = resolve);
      const opening = failure(world.connection.open());
      await world.clock.advance(5);
      await world.connection.close();
      answer(["wss://late/"]);
      assert.equal((await opening).name, "CONNECTION_LOST");
      await world.clock.advance(60_000);
      assert.deepEqual(world.network.dials, []);
    }),
  );

  it("closes a link that opens all the same", async () => {
    const peer = new Peer();
    const inner = memory({ protocols: peer.protocols, accept: peer.accept });
    const never = new Cancellation();
    const deaf: Transport = {
      ...inner,
      open: (dial, accept) => inner.open({ ...dial, cancelled: never }, accept),
    };
    const world = createWorld({ transports: [deaf] });
    const opening = failure(world.connection.open());
    await Promise.resolve(); // The addresses are there, and the attempt has begun.
    await world.connection.close();
    assert.equal((await opening).name, "CONNECTION_LOST");
    await world.clock.advance(0);
    assert.deepEqual([peer.links.length, peer.ended], [1, [1000]]);
    await endWorld(world);
  });

  it(
    "may be done within the event that tells of it",
    inWorld(async ({ connection, open, ends, clock }) => {
      connection.once("ended", () => void connection.close());
      await open();
      const closed = connection.close();
      await clock.advance(0);
      await closed;
      assert.equal(ends.length, 1);
    }),
  );
});

describe("a request", () => {
  it(
    "gets the reply with its number, in whatever order replies come",
    inWorld(async ({ connection, peer, open, clock }) => {
      await open();
      peer.answer = () => undefined;
      const requests = [1, 2, 3].map(() => connection.request({ cmd: "conv", op: "query" }));
      await clock.advance(0);
      assert.deepEqual(peer.received.map(({ i }) => i), [1, 2, 3]);
      for (const i of [3, 1, 2]) peer.push({ cmd: "conv", op: "results", i, peerId: `for ${i}` });
      await clock.advance(0);
      const replies = await Promise.all(requests);
      assert.deepEqual(replies.map(({ peerId }) => peerId), ["for 1", "for 2", "for 3"]);
      assert.equal(clock.waiting, 2, "The heartbeat and the proof wait, and no request");
    }),
  );

  it(
    "rejects with the server's error, by its symbolic name",
    inWorld(async ({ connection, peer, open }) => {
      await open();
      const details = { code: 4303, reason: "CONVERSATION_NOT_FOUND", detail: "No x", appCode: 7 };
      peer.answer = ({ i }) => ({ cmd: "error", i, errorMessage: { ...details, appMsg: "app" } });
      const error = await failure(connection.request({ cmd: "conv" })) as RealtimeError;
      assert.ok(error instanceof RealtimeError);
      const { name, code, detail, appCode, appMsg, message } = error;
      assert.deepEqual(
        { name, code, detail, appCode, appMsg, message },
        {
          name: "CONVERSATION_NOT_FOUND",
          code: 4303,
          detail: "No x",
          appCode: 7,
          appMsg: "app",
          message: "No x",
        },
      );
    }),
  );

  it(
    "rejects with COMMAND_TIMEOUT after 20 s, or after its own time, and its late reply is dropped",
    inWorld(async ({ connection, peer, open, clock, pushed, log }) => {
      await open();
      peer.answer = ({ i, cmd }) => cmd === "echo" ? { cmd, i } : undefined;
      const long = failure(connection.request({ cmd: "conv", op: "start" }));
      const short = failure(connection.request({ cmd: "direct" }, { timeout: 1_000 }));
      let settled = 0;
      void long.then(() => settled++);
      void short.then(() => settled++);
      await clock.advance(999);
      assert.equal(settled, 0);
      await clock.advance(1);
      assert.equal(settled, 1);
      await clock.advance(18_999);
      assert.equal(settled, 1);
      await clock.advance(1);
      const messages = [await long, await short].map(({ name, message }) => [name, message]);
      assert.deepEqual(messages, [
        ["COMMAND_TIMEOUT", "The server did not answer conv/start within 20000 ms"],
        ["COMMAND_TIMEOUT", "The server did not answer direct within 1000 ms"],
      ]);
      peer.push({ cmd: "conv", op: "started", i: 1 });
      await clock.advance(0);
      assert.deepEqual(pushed, []);
      const { event, fields } = log.lines.at(-1)!;
      assert.equal(event, "A reply was dropped: nobody waits for it");
      assert.deepEqual(fields, { cmd: "conv", op: "started", i: 1 });
    }),
  );

  it(
    "rejects at once when the link is lost, and where there is none",
    inWorld(async ({ connection, peer, open, network, clock }) => {
      const none = async () => {
        const { name, message } = await failure(connection.request({ cmd: "conv" }));
        assert.deepEqual([name, message], ["CONNECTION_LOST", "There is no connection"]);
      };
      await none();
      await open();
      peer.answer = () => undefined;
      for (const lose of [() => network.cut(), () => connection.pause()]) {
        const requests = [failure(connection.request({ cmd: "conv" }))];
        requests.push(failure(connection.request({ cmd: "direct" })));
        await clock.advance(0);
        lose();
        for (const error of await Promise.all(requests)) {
          assert.equal(error.name, "CONNECTION_LOST");
        }
        await none();
        connection.resume();
        await clock.advance(1_000);
      }
    }),
  );

  it(
    "is given up by its signal",
    inWorld(async ({ connection, peer, open, clock }) => {
      await open();
      peer.answer = () => undefined;
      const before = AbortSignal.abort();
      const early = await failure(connection.request({ cmd: "conv" }, { signal: before }));
      assert.equal(early.name, "ABORTED");
      await clock.advance(0);
      assert.deepEqual(peer.received, []);
      const controller = new AbortController();
      const options = { signal: controller.signal };
      const request = failure(connection.request({ cmd: "conv" }, options));
      controller.abort();
      assert.equal((await request).name, "ABORTED");
      assert.equal(clock.waiting, 1, "The heartbeat waits alone");
    }),
  );

  it(
    "that can't be encoded rejects, and leaves nothing",
    inWorld(async ({ connection, peer, open, clock }) => {
      await open();
      const wrong = { cmd: "conv", convMessage: { m: "no list" } } as never;
      assert.equal((await failure(connection.request(wrong))).name, "TypeError");
      assert.equal(clock.waiting, 1);
      await clock.advance(0);
      assert.deepEqual(peer.received, []);
    }),
  );
});

describe("what arrives", () => {
  it(
    "and answers no request is a push, an error without a number too",
    inWorld(async ({ open, peer, pushed, clock }) => {
      await open();
      const errorMessage = { code: 4107, reason: "READ_TIMEOUT" };
      peer.push({ cmd: "direct", peerId: "tom" });
      peer.push({ cmd: "error", errorMessage });
      await clock.advance(0);
      assert.deepEqual(pushed, [
        { cmd: "direct", peerId: "tom" },
        { cmd: "error", errorMessage },
      ]);
    }),
  );

  it(
    "and is no command is dropped, logged, and harms nothing",
    inWorld(async ({ open, peer, pushed, clock, log, connection, state }) => {
      await open();
      for (const frame of ["text", "", new Uint8Array([255, 255, 255]), new Uint8Array([8])]) {
        peer.raw(frame);
      }
      await clock.advance(0);
      assert.deepEqual(pushed, []);
      const warnings = log.lines.filter(({ level }) => level === "warn");
      assert.deepEqual(
        warnings.map(({ event }) => event),
        Array(4).fill("A frame was dropped: it is no command"),
      );
      assert.equal(state(), "connected");
      assert.equal((await connection.request({ cmd: "conv" })).cmd, "ack");
    }),
  );

  it(
    "from a link that is gone is ignored",
    inWorld(async ({ open, peer, pushed, clock, connection }) => {
      await open();
      peer.push({ cmd: "direct" });
      connection.pause();
      await clock.advance(0);
      assert.deepEqual(pushed, []);
    }),
  );

  it("after its link was closed is ignored, should a transport deliver it all the same", async () => {
    const peer = new Peer();
    const inner = memory({ protocols: peer.protocols, accept: peer.accept });
    const deaf: Transport = {
      ...inner,
      open: (dial, accept) => inner.open(dial, (link) => accept({ ...link, close: () => {} })),
    };
    const { connection, clock, open, pushed } = createWorld({ transports: [deaf] });
    await open();
    connection.pause();
    peer.push({ cmd: "direct" });
    await clock.advance(0);
    assert.deepEqual(pushed, []);
    peer.link.close();
    await clock.advance(0);
    assert.equal(connection.state.name, "offline");
  });

  it("and makes a codec throw anything at all is dropped", async () => {
    const decode = () => {
      throw new RangeError("Broken codec");
    };
    await inWorld(async ({ open, peer, clock, log, state }) => {
      await open();
      peer.push({ cmd: "direct" });
      await clock.advance(0);
      assert.match(String(log.lines.at(-1)?.fields?.error), /Broken codec/);
      assert.equal(state(), "connected");
    }, { codecs: [{ ...protobuf, decode }] })();
  });
});

describe("push", () => {
  it(
    "sends without a number, and drops where there is no link, which is logged without its content",
    inWorld(async ({ open, peer, clock, log, connection }) => {
      const command = { cmd: "ack", peerId: "tom", ackMessage: { cid: "secret" } } as const;
      connection.push(command);
      const { event, fields } = log.lines.at(-1)!;
      assert.equal(event, "A command was dropped for want of a link");
      assert.doesNotMatch(JSON.stringify(fields), /secret/);
      await open();
      peer.answer = () => undefined;
      connection.push(command);
      await clock.advance(0);
      assert.deepEqual(peer.received, [command]);
    }),
  );
});

describe("codecs", () => {
  it("are spoken by their subprotocols, text alone over a transport that carries no more", async () => {
    const peer = new Peer();
    const inner = memory({ protocols: peer.protocols, accept: peer.accept });
    const cases = [
      [[inner], [protobuf], 3, "lc.protobuf2.3"],
      [[inner], [protobufText, protobuf], 1, "lc.proto2base64.1"],
      [[textOnly(inner)], [protobuf, protobufText], 3, "lc.proto2base64.3"],
    ] as const;
    for (const [transports, codecs, version, expected] of cases) {
      await inWorld(async ({ open, connection }) => {
        await open();
        assert.equal(peer.link.protocol, expected);
        assert.equal((await connection.request({ cmd: "conv" })).cmd, "ack");
      }, { transports, codecs, version })();
    }
  });

  it(
    "that no transport carries are a TypeError",
    inWorld(async ({ network }) => {
      const { text: _, ...alone } = protobuf; // without its twin
      const transports = [textOnly(network.transport)];
      const error = await failure(createWorld({ transports, codecs: [alone] }).open());
      assert.deepEqual([error.name, error.message], [
        "TypeError",
        "The transport memory carries text alone, and no codec is text",
      ]);
    }),
  );
});

describe("the transport in use", () => {
  it("is told at first, and when it is another one, before the connection is said to be back", async () => {
    let name: string | undefined;
    const { protocols, accept } = new Peer();
    const inner = memory({ protocols, accept });
    const transport: Transport = {
      ...inner,
      open: (dial, accept) =>
        inner.open(
          dial,
          (link) => accept(name === undefined ? link : { ...link, transport: name }),
        ),
    };
    await inWorld(async ({ connection, open, clock, told }) => {
      connection.on("transport", (name) => void told.push(["transport", name]));
      const drop = async () => {
        connection.pause();
        connection.resume();
        await clock.advance(0);
      };
      await open();
      assert.deepEqual(told, [["transport", "memory"]]);
      await drop();
      name = "other";
      await drop();
      assert.equal(connection.transport, "other");
      await drop();
      name = undefined;
      await drop();
      const links = told.filter(([event]) => event === "transport" || event === "reconnect");
      assert.deepEqual(links, [
        ["transport", "memory"],
        ["reconnect"],
        ["transport", "other"],
        ["reconnect"],
        ["reconnect"],
        ["transport", "memory"],
        ["reconnect"],
      ]);
    }, { transports: [transport] })();
  });

  it(
    "is no news to whom closes the connection when it hears of it",
    inWorld(async ({ connection, clock, network, open, told }) => {
      await open();
      network.cut();
      connection.on("transport", () => connection.pause());
      Object.defineProperty(network.transport, "name", { value: "other" });
      told.length = 0;
      await clock.advance(500);
      assert.deepEqual(told, [["retry", 0], ["disconnect"], ["offline"]]);
    }),
  );
});

describe("two connections", () => {
  it("share nothing", async () => {
    const [one, other] = [createWorld(), createWorld()];
    await one.open();
    await other.open();
    one.network.cut();
    assert.equal(other.state(), "connected");
    await endWorld(one);
    assert.equal(other.state(), "connected");
    await endWorld(other);
  });
});
