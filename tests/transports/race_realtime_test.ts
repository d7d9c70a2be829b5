/**
 * Clients whose transport is a race, against the server: in one process and in fake time, and over
 * real sockets through a box that swallows what WebSockets carry.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after as afterAll, before, describe, it } from "node:test";
import * as curlew from "@curlew/realtime";
import { type Message, Realtime, TextMessage, type Transport } from "@curlew/realtime";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Accept, Command } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { memory } from "@curlew/realtime/transports/memory";
import { after, race } from "@curlew/realtime/transports/race";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { createServer } from "@curlew/server";
import { nodeEnvironment, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { type FakeClock, settle } from "../kit/clock.ts";
import { listeningLog } from "../kit/log.ts";
import { type Middlebox, middlebox } from "../kit/middlebox.ts";
import { testServer } from "../kit/test_server.ts";
import { localPeer } from "../kit/wire_client.ts";
import { endToEnd } from "../runtimes/suite.ts";

/** Names a way into the server, and keeps what is said on it. */
interface Way {
  readonly transport: Transport;
  /** The commands that were sent on each link. */
  readonly links: Command[][];
  /** Breaks what is open. */
  readonly cut: () => void;
  /** Whether it swallows what is sent. */
  swallows: boolean;
}

interface World {
  readonly clock: FakeClock;
  readonly socket: Way;
  readonly poll: Way;
  readonly realtime: Realtime;
  /** The names of the transports that were in use, in order. */
  readonly used: string[];
  /** What a promise settles to once time has passed. */
  readonly after: <T>(ms: number, promise: Promise<T>) => Promise<T>;
}

function wayInto(accept: Accept, protocols: readonly string[], name: string): Way {
  const links: Command[][] = [];
  const open = new Set<() => void>();
  const inner = memory({
    protocols,
    accept: (link) => {
      const said: Command[] = [];
      links.push(said);
      const cut = () => link.close(1006);
      open.add(cut);
      const { frame, closed } = accept(link);
      return {
        frame: (bytes) => {
          said.push(protobuf.decode(bytes));
          if (!way.swallows) frame(bytes);
        },
        closed: (why) => {
          open.delete(cut);
          closed(why);
        },
      };
    },
  });
  const way: Way = {
    transport: { ...inner, name },
    links,
    cut: () => open.forEach((cut) => cut()),
    swallows: false,
  };
  return way;
}

/** Runs a client whose transport is a race, and sees that nothing of it is left. */
function inRace(test: (world: World) => Promise<void>): () => Promise<void> {
  return async () => {
    const { server, clock, log } = testServer();
    let links = 0;
    const accept: Accept = (link) => {
      const { frame, closed } = server.accept(link, localPeer);
      links++;
      return { frame, closed: (why) => (links--, closed(why)) };
    };
    const socket = wayInto(accept, server.protocols, "websocket");
    const poll = wayInto(accept, server.protocols, "long-poll");
    const used: string[] = [];
    const realtime = new Realtime({
      appId: "app",
      appKey: "key",
      RTMServers: "ws://server/",
      transports: [race([socket.transport, after(2_000, poll.transport)], { clock })],
    }, { clock, log, random: () => 0 });
    realtime.on("transport", (name) => void used.push(name));
    await test({
      clock,
      socket,
      poll,
      realtime,
      used,
      after: async (ms, promise) => {
        promise.catch(() => {});
        await clock.advance(ms);
        return await promise;
      },
    });
    const closed = realtime.close();
    await clock.advance(2_000);
    await closed;
    await settle();
    assert.equal(links, 0, "A link is left");
    await server.close();
    assert.deepEqual(log.lines.filter(({ level }) => level === "error"), []);
  };
}

const named = (commands: readonly Command[]) =>
  commands.map(({ cmd, op }) => op ? `${cmd}/${op}` : cmd);

describe("a client whose transport is a race", () => {
  it(
    "uses the first transport where that works, and says so",
    inRace(async ({ realtime, socket, poll, used }) => {
      assert.equal(realtime.transport, undefined);
      await realtime.createIMClient("tom");
      assert.equal(realtime.transport, "websocket");
      assert.deepEqual(used, ["websocket"]);
      assert.deepEqual(socket.links.map(named), [["echo", "session/open"]]);
      assert.deepEqual(poll.links, []);
    }),
  );

  it(
    "uses the next where the first opens and swallows all, and runs no command twice",
    inRace(async ({ realtime, socket, poll, used, after }) => {
      socket.swallows = true;
      const tom = await after(2_000, realtime.createIMClient("tom"));
      assert.equal(realtime.transport, "long-poll");
      assert.deepEqual(used, ["long-poll"]);
      const conversation = await tom.createConversation({ members: ["tom"] });
      await conversation.send(new TextMessage("once"));
      assert.equal((await conversation.queryMessages()).length, 1);
      assert.deepEqual(socket.links.map(named), [["echo"]]);
      const [said = []] = poll.links.map(named);
      assert.deepEqual(said.slice(0, 4), ["echo", "session/open", "conv/start", "direct"]);
      assert.equal(poll.links.length, 1);
    }),
  );

  it(
    "dials what it used before, tries the first again after an hour, and tells of the change",
    inRace(async ({ clock, realtime, socket, poll, used, after }) => {
      socket.swallows = true;
      const tom = await after(2_000, realtime.createIMClient("tom"));
      socket.swallows = false;
      const reconnected = async () => {
        poll.cut();
        await clock.advance(1_000);
        await tom.ping(["tom"]);
        return [realtime.transport, socket.links.length, poll.links.length];
      };
      assert.deepEqual(await reconnected(), ["long-poll", 1, 2]);
      await clock.advance(3_600_000);
      assert.equal(realtime.transport, "long-poll", "What works is left alone");
      assert.deepEqual(await reconnected(), ["websocket", 2, 2]);
      assert.deepEqual(used, ["long-poll", "websocket"]);
    }),
  );

  it(
    "rejects when all swallow, and says what happened on each",
    inRace(async ({ realtime, socket, poll, after }) => {
      socket.swallows = poll.swallows = true;
      await assert.rejects(after(20_000, realtime.createIMClient("tom")), {
        name: "TRANSPORT_ERROR",
        reason: "timeout",
        message: /websocket: A link opened, and nothing was heard.*long-poll: A link opened/,
      });
    }),
  );
});

describe("the end-to-end suite behind a box that swallows what WebSockets carry", () => {
  const log = listeningLog();
  const environment = { ...nodeEnvironment, log };
  const server = createServer({
    apps: [
      { id: "app", key: "key", masterKey: "master", login: "open" },
      { id: "signed", key: "key", masterKey: "master", login: "signed" },
    ],
    store: createMemoryStore(environment),
    version: "0",
  }, environment);
  const transports = [race([webSocket(), after(20, longPoll())])];
  const under = { url: "", appId: "app", appKey: "key" };
  const signed = { appId: "signed", appKey: "key" };
  const cases = () => endToEnd(curlew, { ...under, signed }, { transports });
  let close: () => Promise<void>;
  let box: Middlebox;

  before(async () => {
    const served = await serveNode(server, { port: 0, log, farewell: 0 });
    box = await middlebox(served.port);
    under.url = box.url;
    close = async () => {
      await box.close();
      await served.close();
    };
  });
  afterAll(() => close());

  for (const [index, { name }] of cases().entries()) it(name, () => cases()[index]!.run());

  it("tried a WebSocket once, asked one question on it, and told which transport carries", async () => {
    // On a busy machine the race may be over before the socket is open.
    assert.ok(box.opened <= 1 && box.swallowed <= box.opened, `${box.opened}, ${box.swallowed}`);
    const before = box.opened;
    const realtime = new Realtime({ ...under, server: box.url, transports }, { log });
    const told: string[] = [];
    realtime.on("transport", (name) => told.push(name));
    const [tom, jerry] = await Promise.all([
      realtime.createIMClient("tom"),
      realtime.createIMClient("jerry"),
    ]);
    const heard = new Promise<Message>((resolve) => jerry.once("message", resolve));
    const conversation = await tom.createConversation({ members: ["jerry"] });
    await conversation.send(new TextMessage("through the box"));
    assert.equal((await heard).from, "tom");
    assert.deepEqual([realtime.transport, ...told], ["long-poll", "long-poll"]);
    await realtime.close();
    assert.equal(box.opened, before);
  });
});
