import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import type { Closed, Frame, Link } from "@curlew/realtime/protocol";
import type { Peer, Server } from "@curlew/server";
import { type NodeOptions, type Served, serveNode } from "@curlew/server/runtimes/node";
import { FakeClock } from "../../kit/clock.ts";
import { checkLeaks } from "../../kit/leaks.ts";

const protocols = ["lc.protobuf2.3", "lc.proto2base64.3"];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A server that returns each frame, and remembers what happened to it. */
class Echo implements Omit<Server, "kick" | "createServiceConversation"> {
  readonly protocols = protocols;
  readonly peers: Peer[] = [];
  readonly links: Link[] = [];
  readonly ends: Closed[] = [];
  onFrame: (link: Link, frame: Frame) => void = (link, frame) => link.send(frame);

  fetch = async (request: Request, peer: Peer): Promise<Response> =>
    Response.json({ peer, body: (await request.text()).length });

  accept = (link: Link, peer: Peer) => {
    this.links.push(link);
    this.peers.push(peer);
    return {
      frame: (frame: Frame) => this.onFrame(link, frame),
      closed: (why: Closed) => void this.ends.push(why),
    };
  };

  close: Server["close"] = () => Promise.resolve(this.links.forEach((link) => link.close(1001)));
}

const cleanups: (() => unknown)[] = [];

/** A test that ends what it started, and fails when something is left. */
const test = (name: string, body: () => Promise<void>) =>
  it(
    name,
    checkLeaks(async () => {
      try {
        await body();
      } finally {
        for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
      }
    }),
  );

async function start(options: NodeOptions = {}): Promise<{ echo: Echo; served: Served }> {
  const echo = new Echo();
  const served = await serveNode(echo, { log: silent, farewell: 0, closeTimeout: 200, ...options });
  cleanups.push(() => served.close());
  return { echo, served };
}

interface Dialled {
  readonly socket: WebSocket;
  readonly next: () => Promise<string | Uint8Array>;
  readonly ended: Promise<number>;
}

async function dial(
  port: number,
  options: { offer?: string[]; path?: string; headers?: Record<string, string>; pong?: boolean } =
    {},
): Promise<Dialled> {
  const { offer = ["lc.protobuf2.3"], path = "/", headers = {}, pong = true } = options;
  const url = `ws://127.0.0.1:${port}${path}`;
  const socket = new WebSocket(url, offer, { headers, autoPong: pong });
  cleanups.push(() => socket.terminate());
  const ended = new Promise<number>((done) => socket.once("close", done));
  const got: (string | Uint8Array)[] = [];
  const waiting: ((frame: string | Uint8Array) => void)[] = [];
  socket.on("message", (data: Uint8Array, binary: boolean) => {
    const frame = binary ? new Uint8Array(data) : data.toString();
    const taker = waiting.shift();
    if (taker) taker(frame);
    else got.push(frame);
  });
  await new Promise<void>((open, failed) => {
    socket.once("open", () => {
      socket.on("error", () => {});
      open();
    });
    socket.once("error", failed);
  });
  const next = () => {
    const frame = got.shift();
    return frame === undefined
      ? new Promise<string | Uint8Array>((taken) => waiting.push(taken))
      : Promise.resolve(frame);
  };
  return { socket, next, ended };
}

/** Writes bytes to the port and reads until the server ends the connection. */
function speak(port: number, text: string): Promise<string> {
  return new Promise((done) => {
    let heard = "";
    const socket = connect(port, "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => void (heard += data));
    socket.on("error", () => {});
    socket.on("close", () => done(heard));
  });
}

const handshake = (path: string, extra = "") =>
  `GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n` +
  `Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n${extra}\r\n`;

describe("a server on node:http", () => {
  test("keeps idle connections for longer than proxies do", async () => {
    const { served } = await start();
    const socket = connect(served.port, "127.0.0.1");
    cleanups.push(() => socket.destroy());
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    const answer = await new Promise((done) => socket.once("data", done));
    assert.match(String(answer), /^Keep-Alive: timeout=65\r$/m);
  });

  test("answers HTTP and carries frames both ways on one port", async () => {
    const { served } = await start();
    const response = await fetch(`http://127.0.0.1:${served.port}/x`, {
      method: "POST",
      body: "four",
    });
    assert.equal((await response.json()).body, 4);

    const binary = await dial(served.port);
    binary.socket.send(new Uint8Array([1, 2, 3]));
    assert.deepEqual(await binary.next(), new Uint8Array([1, 2, 3]));

    const text = await dial(served.port, { offer: ["lc.proto2base64.3"] });
    text.socket.send("AQID");
    assert.equal(await text.next(), "AQID");
  });

  test("echoes the subprotocol that both know, also when it is not the first one offered", async () => {
    const { echo, served } = await start();
    const { socket } = await dial(served.port, { offer: ["curlew.new.9", "lc.proto2base64.3"] });
    assert.equal(socket.protocol, "lc.proto2base64.3");
    assert.equal(echo.links[0]?.protocol, "lc.proto2base64.3");
  });

  test("takes the subprotocol from the query of a client that can set no header", async () => {
    const { echo, served } = await start();
    const { socket } = await dial(served.port, {
      offer: [],
      path: "/?subprotocol=lc.protobuf2.3",
    });
    assert.equal(socket.protocol, "");
    assert.equal(echo.links[0]?.protocol, "lc.protobuf2.3");
  });

  test("refuses a handshake without a subprotocol that it knows, and says which it does", async () => {
    const { echo, served } = await start();
    for (const extra of ["", "Sec-WebSocket-Protocol: curlew.new.9\r\n"]) {
      const answer = await speak(served.port, handshake("/", extra));
      assert.match(answer, /^HTTP\/1\.1 400 .*text\/plain.*lc\.protobuf2\.3/s);
    }
    assert.equal(echo.links.length, 0);
  });

  test("serves sockets on the given paths alone", async () => {
    const { served } = await start({ paths: ["/", "/chat/socket"] });
    const offer = "Sec-WebSocket-Protocol: lc.protobuf2.3\r\n";
    assert.match(await speak(served.port, handshake("/elsewhere", offer)), /^HTTP\/1\.1 404 /);
    await dial(served.port, { path: "/chat/socket?x=1" });
  });

  test("closes a socket that sends a 1 MB frame with 1009, and no other", async () => {
    const { echo, served } = await start();
    const [large, other] = [await dial(served.port), await dial(served.port)];
    large.socket.send(new Uint8Array(1_048_576));
    assert.equal(await large.ended, 1009);
    other.socket.send(new Uint8Array([7]));
    assert.deepEqual(await other.next(), new Uint8Array([7]));
    assert.equal(echo.ends.length, 1);
  });

  test("sends what it was lent, whatever becomes of the buffer", async () => {
    const { echo, served } = await start();
    const { socket, next } = await dial(served.port);
    const lent = new Uint8Array(4);
    echo.onFrame = (link) => {
      for (const value of [1, 2, 3]) link.send(lent.fill(value));
      lent.fill(0xff);
    };
    socket.send("go");
    for (const value of [1, 2, 3]) assert.deepEqual(await next(), new Uint8Array(4).fill(value));
  });

  test("carries frames of every length, text and bytes, in order", async () => {
    const { served } = await start();
    const { socket, next } = await dial(served.port);
    const lengths = [0, 1, 125, 126, 127, 65_535, 65_536];
    const frames = lengths.flatMap((length) => [
      new Uint8Array(length).fill(length % 251),
      "鹬".repeat(length / 3),
    ]);
    for (const frame of frames) socket.send(frame);
    for (const frame of frames) assert.deepEqual(await next(), frame);
  });

  test("sends what came before a close before it, and nothing after", async () => {
    const { echo, served } = await start();
    const { socket, next, ended } = await dial(served.port);
    echo.onFrame = (link) => {
      link.send("last words");
      link.close(4115);
      link.send("never");
    };
    socket.send("go");
    assert.equal(await next(), "last words");
    assert.equal(await ended, 4115);
  });

  test("writes what one turn produced at once", async () => {
    const clock = new FakeClock();
    const turns: (() => void)[] = [];
    const { echo, served } = await start({
      clock: { now: clock.now, after: clock.after, turnEnd: (run) => void turns.push(run) },
      closeTimeout: 0,
    });
    const { socket, next } = await dial(served.port);
    const asked = new Promise<void>((done) => {
      echo.onFrame = (link) => {
        for (let i = 0; i < 50; i++) link.send(new Uint8Array([i]));
        done();
      };
    });
    socket.send("go");
    await asked;
    assert.equal(turns.length, 1);
    assert.equal(echo.links[0]?.pending, 50 * 3);
    turns.pop()?.();
    for (let i = 0; i < 50; i++) assert.deepEqual(await next(), new Uint8Array([i]));
    assert.equal(echo.links[0]?.pending, 0);
  });

  test("counts what a peer does not read as pending, and delays nobody else", async () => {
    const { echo, served } = await start();
    const [stuck, other] = [await dial(served.port), await dial(served.port)];
    stuck.socket.pause();
    const [link] = echo.links;
    assert.ok(link);
    const block = new Uint8Array(65_536);
    for (let i = 0; i < 256; i++) link.send(block);
    for (let i = 0; i < 20; i++) {
      other.socket.send(new Uint8Array([i]));
      assert.deepEqual(await other.next(), new Uint8Array([i]));
    }
    assert.ok(link.pending > 1_048_576);
    link.close(4117, "Too slow");
    stuck.socket.resume();
    assert.equal(await stuck.ended, 4117);
  });

  test("answers pings, and ends a peer that sends more than can be answered, no other", async () => {
    const { served } = await start();
    const [flood, other] = [await dial(served.port), await dial(served.port)];
    const answered = new Promise((done) => other.socket.once("pong", (data) => done(String(data))));
    for (let i = 0; i < 5_000; i++) flood.socket.ping("are you there?");
    assert.equal(await flood.ended, 1006);
    other.socket.ping("are you there?");
    assert.equal(await answered, "are you there?");
  });

  test("pings, and gives up a peer that is silent for two pings", async () => {
    const clock = new FakeClock();
    const { echo, served } = await start({ clock, pingInterval: 30_000, closeTimeout: 0 });
    const [alive, dead] = [await dial(served.port), await dial(served.port, { pong: false })];
    for (let round = 0; round < 3; round++) {
      const pinged = new Promise((done) => alive.socket.once("ping", done));
      await clock.advance(30_000);
      await pinged;
      alive.socket.send("alive");
      await alive.next();
    }
    assert.equal(await dead.ended, 1006);
    assert.deepEqual(echo.ends.map((why) => why.code), [1006]);
  });

  test("times out a slow header and a slow body", async () => {
    const { served } = await start({ requestTimeout: 100 });
    const answers = await Promise.all([
      speak(served.port, "GET / HTTP/1.1\r\nHost: x\r\n"),
      speak(served.port, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nabc"),
    ]);
    for (const answer of answers) assert.match(answer, /^HTTP\/1\.1 408 /);
  });

  test("refuses a body that is too large, whether or not its length is told", async () => {
    const { served } = await start({ maxBody: 1_000 });
    const url = `http://127.0.0.1:${served.port}/`;
    const told = await fetch(url, { method: "POST", body: "x".repeat(1_001) });
    assert.equal(told.status, 413);
    await told.body?.cancel();
    const chunks = new ReadableStream({
      pull: (controller) => controller.enqueue(new Uint8Array(600)),
    });
    const untold = await fetch(url, { method: "POST", body: chunks }).catch(() => undefined);
    assert.ok(untold === undefined || untold.status === 413);
    await untold?.body?.cancel();
  });

  test("passes on what comes without a body, and a body whose length is not told", async () => {
    const { served } = await start();
    const url = `http://127.0.0.1:${served.port}/`;
    for (const method of ["OPTIONS", "DELETE"]) {
      const bare = await fetch(url, { method });
      assert.equal(bare.status, 200);
      assert.equal((await bare.json()).body, 0);
    }
    const chunks = new Blob(["x".repeat(600), "y".repeat(600)]).stream();
    const untold = await fetch(url, { method: "POST", body: chunks });
    assert.equal((await untold.json()).body, 1_200);
  });

  test("believes a proxy's headers only where it is trusted", async () => {
    const headers = {
      "X-Forwarded-For": "6.6.6.6, 203.0.113.9",
      "X-Forwarded-Proto": "https",
      "X-Forwarded-Host": "chat.example.com",
      "Origin": "https://app.example.com",
    };
    const trusted = await start({ trustProxy: ["127.0.0.0/8"] });
    await dial(trusted.served.port, { headers });
    assert.deepEqual(trusted.echo.peers[0], {
      address: "203.0.113.9",
      host: "chat.example.com",
      origin: "https://app.example.com",
      secure: true,
    });
    const untrusted = await start({ trustProxy: ["10.0.0.0/8"] });
    await dial(untrusted.served.port, { headers });
    assert.deepEqual(untrusted.echo.peers[0], {
      address: "127.0.0.1",
      host: `127.0.0.1:${untrusted.served.port}`,
      origin: "https://app.example.com",
      secure: false,
    });
  });

  test("says so when the port is taken", async () => {
    const { served } = await start();
    await assert.rejects(serveNode(new Echo(), { port: served.port }), {
      message: `Can't listen on 127.0.0.1:${served.port}: the port is taken`,
    });
  });

  test("goes on when handling one frame throws", async () => {
    const { echo, served } = await start();
    const [bad, good] = [await dial(served.port), await dial(served.port)];
    echo.onFrame = (link, frame) => {
      if (frame === "bad") throw new Error("A defect");
      link.send(frame);
    };
    bad.socket.send("bad");
    assert.equal(await bad.ended, 1011);
    good.socket.send("good");
    assert.equal(await good.next(), "good");
  });

  test("closes links with 1001, and does not wait for one that never answers", async () => {
    const { served } = await start();
    const [polite, stuck] = [await dial(served.port), await dial(served.port)];
    stuck.socket.pause();
    const closing = served.close();
    assert.equal(await polite.ended, 1001);
    await closing;
    await assert.rejects(fetch(`http://127.0.0.1:${served.port}/`));
  });

  test("closes a connection once its last request is answered, and then waits no longer", async () => {
    const { echo, served } = await start({ closeTimeout: 5_000 });
    let answer = () => {};
    const asked = new Promise<void>((arrived) => {
      echo.fetch = () => {
        arrived();
        return new Promise((done) => answer = () => done(new Response("late")));
      };
    });
    const heard = speak(served.port, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    await asked;
    const before = performance.now();
    const closing = served.close();
    answer();
    assert.match(await heard, /late/);
    await closing;
    assert.ok(performance.now() - before < 2_500, "It waited for a connection that lay idle");
  });

  test("answers HTTP, but no handshake, for a while after it told its clients to go", async () => {
    const { served } = await start({ farewell: 100 });
    const { ended } = await dial(served.port);
    const closing = served.close();
    await ended;
    const answer = await fetch(`http://127.0.0.1:${served.port}/`);
    await answer.body?.cancel();
    assert.equal(answer.status, 200);
    await assert.rejects(dial(served.port), /503/);
    await closing;
    await assert.rejects(fetch(`http://127.0.0.1:${served.port}/`));
  });

  test("listens no more once the server says so, before it closes its links", async () => {
    const { echo, served } = await start({ farewell: 100 });
    const { ended } = await dial(served.port);
    const { close } = echo;
    echo.close = async (_, stopListening) => {
      stopListening?.();
      await assert.rejects(dial(served.port), { code: "ECONNREFUSED" });
      await close();
    };
    await served.close();
    assert.equal(await ended, 1001);
  });

  test("sends no close frame that is invalid", async () => {
    const { echo, served } = await start();
    const reserved = await dial(served.port);
    echo.links[0]?.close(1006, "x");
    assert.equal(await reserved.ended, 1000);
    const wordy = await dial(served.port);
    echo.links[1]?.close(4100, "鹬".repeat(100));
    assert.equal(await wordy.ended, 4100);
    echo.links[1]?.send("after the end");
    assert.equal(echo.links[1]?.pending, 0);
  });
});
