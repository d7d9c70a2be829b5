import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TransportError } from "@curlew/realtime/protocol";
import { failure, inWorld, type Told } from "./world.ts";

/** The arguments of the events of one name. */
const of = (told: readonly Told[], name: string): unknown[][] =>
  told.filter(([event]) => event === name).map(([, ...args]) => args);

describe("a connection whose link is lost", () => {
  it(
    "tells disconnect, schedule, retry and reconnect, in this order",
    inWorld(async ({ state, open, network, clock, told }) => {
      await open();
      assert.deepEqual(told, []);
      network.cut();
      assert.equal(state(), "waiting");
      assert.deepEqual(told, [["disconnect"], ["schedule", 0, 500]]);
      await clock.advance(499);
      assert.equal(told.length, 2);
      await clock.advance(1);
      assert.deepEqual(told.slice(2), [["retry", 0], ["reconnect"]]);
      assert.equal(state(), "connected");
      assert.equal(network.links, 1);
    }),
  );

  it(
    "waits twice as long each time, up to the most",
    inWorld(async ({ open, network, clock, told }) => {
      await open();
      network.block();
      network.cut();
      await clock.advance(120_000);
      assert.deepEqual(of(told, "schedule").slice(0, 8), [
        [0, 500],
        [1, 1_000],
        [2, 2_000],
        [3, 4_000],
        [4, 8_000],
        [5, 15_000],
        [6, 15_000],
        [7, 15_000],
      ]);
    }),
  );

  it(
    "counts attempts on while links have not proven themselves",
    inWorld(async ({ state, open, network, clock, told, connection }) => {
      await open();
      for (let i = 0; i < 3; i++) {
        await connection.request({ cmd: "echo" });
        await clock.advance(4_999);
        network.cut();
        await clock.advance(of(told, "schedule").at(-1)![1] as number);
        assert.equal(state(), "connected");
      }
      await clock.advance(20_000);
      network.cut();
      assert.deepEqual(of(told, "schedule").map(([attempt]) => attempt), [0, 1, 2, 3]);
    }),
  );

  it(
    "counts attempts anew after a link that answered, and then lived 5 s",
    inWorld(async ({ open, network, clock, told, connection }) => {
      await open();
      network.cut();
      await clock.advance(500);
      network.cut();
      await clock.advance(1_000);
      await connection.request({ cmd: "echo" });
      await clock.advance(5_000);
      network.cut();
      assert.deepEqual(of(told, "schedule").map(([attempt]) => attempt), [0, 1, 0]);
    }),
  );

  it(
    "waits for as long as a server asks, where that is longer than planned",
    inWorld(async ({ open, network, clock, told }) => {
      await open();
      network.block();
      network.failure = new TransportError("busy", "Later", { retryAfter: 12_345 });
      network.cut();
      await clock.advance(500);
      assert.deepEqual(told.at(-1), ["schedule", 1, 12_345]);
      network.failure = new TransportError("busy", "Soon", { retryAfter: 1 });
      await clock.advance(12_345);
      assert.deepEqual(told.at(-1), ["schedule", 2, 2_000]);
    }),
  );

  it(
    "logs a failure that is not the network's, and tries again",
    inWorld(async (world) => {
      await world.open();
      world.urls = () => Promise.reject(new TypeError("A bug"));
      world.network.cut();
      await world.clock.advance(500);
      assert.deepEqual(world.log.lines.at(-1)?.event, "An attempt failed");
      assert.deepEqual(world.told.at(-1), ["schedule", 1, 1_000]);
      world.urls = () => Promise.resolve(["wss://one/"]);
      await world.clock.advance(1_000);
      assert.equal(world.state(), "connected");
    }),
  );

  it(
    "lets those who wait for it have the next link",
    inWorld(async ({ open, network, clock, connection }) => {
      await open();
      network.cut();
      const waiting = connection.open();
      assert.equal(connection.open(), waiting);
      await clock.advance(500);
      await waiting;
      await connection.open();
    }),
  );
});

describe("retry", () => {
  it(
    "makes the planned attempt at once, and counts anew",
    inWorld(async ({ open, network, clock, told, connection }) => {
      await open();
      network.block();
      network.cut();
      await clock.advance(500);
      assert.deepEqual(told.at(-1), ["schedule", 1, 1_000]);
      connection.retry();
      assert.deepEqual(told.at(-1), ["retry", 0]);
      await clock.advance(0);
      assert.deepEqual(told.at(-1), ["schedule", 1, 1_000]);
      network.unblock();
      connection.retry();
      await clock.advance(0);
      assert.deepEqual(told.slice(-2), [["retry", 0], ["reconnect"]]);
      await clock.advance(60_000);
      assert.equal(told.at(-1)![0], "reconnect");
    }),
  );

  it(
    "throws unless an attempt is planned",
    inWorld(async ({ open, network, connection, clock }) => {
      const throws = (state: string) =>
        assert.throws(() => connection.retry(), {
          name: "NOT_WAITING",
          message: `There is no attempt to bring forward: the connection is ${state}`,
        });
      throws("initialized");
      await open();
      throws("connected");
      network.weather = "hanging";
      network.cut();
      await clock.advance(500);
      throws("connecting");
      connection.pause();
      throws("offline");
      await connection.close();
      throws("closed");
    }),
  );
});

describe("pause and resume", () => {
  it(
    "tell disconnect, offline, online, schedule, retry and reconnect, in this order",
    inWorld(async ({ open, network, clock, told, connection }) => {
      await open();
      connection.pause();
      assert.deepEqual(told, [["disconnect"], ["offline"]]);
      await clock.advance(600_000);
      assert.equal(network.links, 0);
      assert.equal(clock.waiting, 0);
      connection.resume();
      await clock.advance(0);
      assert.deepEqual(told.slice(2), [["online"], ["schedule", 0, 0], ["retry", 0], [
        "reconnect",
      ]]);
    }),
  );

  it(
    "work in every state, and twice as well as once",
    inWorld(async ({ state, open, network, clock, told, connection }) => {
      connection.resume();
      connection.pause();
      connection.pause();
      assert.equal((await failure(connection.open())).name, "CONNECTION_LOST");
      connection.resume();
      connection.resume();
      assert.deepEqual(told.splice(0), [["offline"], ["online"]]);

      network.weather = "hanging";
      const opening = connection.open();
      await clock.advance(0);
      connection.pause();
      assert.equal((await failure(opening)).name, "CONNECTION_LOST");
      connection.resume();
      assert.equal(state(), "initialized");
      network.unblock();
      await open();
      assert.deepEqual(told.splice(0), [["offline"], ["online"]]);

      network.cut();
      connection.pause();
      await clock.advance(60_000);
      connection.resume();
      await clock.advance(0);
      assert.deepEqual(told.map(([event]) => event), [
        "disconnect",
        "schedule",
        "offline",
        "online",
        "schedule",
        "retry",
        "reconnect",
      ]);
      await connection.close();
      connection.pause();
      connection.resume();
      assert.equal(state(), "closed");
    }),
  );
});

describe("the platform's network", () => {
  it(
    "takes the connection offline and back, with the events of pause and resume",
    inWorld(async ({ open, online, clock, told }) => {
      await open();
      online.set(false);
      online.set(false);
      assert.deepEqual(told, [["disconnect"], ["offline"]]);
      online.set(true);
      await clock.advance(0);
      assert.deepEqual(told.slice(2), [["online"], ["schedule", 0, 0], ["retry", 0], [
        "reconnect",
      ]]);
    }),
  );

  it(
    "does not undo a pause",
    inWorld(async ({ state, open, online, clock, connection, told }) => {
      await open();
      connection.pause();
      online.set(false);
      online.set(true);
      assert.equal(state(), "offline");
      connection.resume();
      await clock.advance(0);
      assert.equal(state(), "connected");
      told.length = 0;

      online.set(false);
      connection.pause();
      online.set(true);
      assert.equal(state(), "offline");
      connection.resume();
      await clock.advance(0);
      assert.equal(state(), "connected");
    }),
  );

  it(
    "is waited for after resume",
    inWorld(async ({ state, open, online, clock, connection, network }) => {
      await open();
      connection.pause();
      online.set(false);
      connection.resume();
      await clock.advance(60_000);
      assert.equal(state(), "offline");
      assert.equal(network.dials.length, 1);
      online.set(true);
      await clock.advance(0);
      assert.equal(state(), "connected");
    }),
  );

  it(
    "brings the planned attempt forward when it is said to be there, and counts on",
    inWorld(async ({ open, online, clock, network, told }) => {
      await open();
      network.block();
      network.cut();
      await clock.advance(500);
      assert.deepEqual(told.at(-1), ["schedule", 1, 1_000]);
      network.unblock();
      online.set(true);
      await clock.advance(0);
      assert.deepEqual(told.slice(-2), [["retry", 1], ["reconnect"]]);
    }),
  );

  it(
    "gives up a first attempt, whose failure it is",
    inWorld(async ({ open, online, clock, network, connection, told }) => {
      network.weather = "hanging";
      const opening = connection.open();
      await clock.advance(10);
      online.set(false);
      assert.equal((await failure(opening)).name, "CONNECTION_LOST");
      network.unblock();
      online.set(true);
      assert.deepEqual(told, [["offline"], ["online"]]);
      assert.equal(online.watchers, 0);
      await open();
    }),
  );
});

describe("a page that is hidden", () => {
  it(
    "keeps its link, after a last chance to send what waits",
    inWorld(async ({ open, visible, clock, connection, peer, state, told }) => {
      await open();
      connection.on("hidden", () => connection.push({ cmd: "ack" }));
      visible.set(false);
      await clock.advance(600_000);
      assert.equal(peer.received[0]?.cmd, "ack");
      assert.equal(state(), "connected");
      assert.deepEqual(told, []);
    }),
  );
});

describe("a page that is shown again", () => {
  it(
    "brings the planned attempt forward, and counts on",
    inWorld(async ({ open, visible, clock, network, told }) => {
      await open();
      network.block();
      network.cut();
      await clock.advance(500);
      network.unblock();
      visible.set(false);
      assert.deepEqual(told.at(-1), ["schedule", 1, 1_000]);
      visible.set(true);
      await clock.advance(0);
      assert.deepEqual(told.slice(-2), [["retry", 1], ["reconnect"]]);
    }),
  );

  it(
    "asks at once whether the link lives",
    inWorld(async ({ open, visible, clock, network, peer, told }) => {
      await open();
      visible.set(true);
      visible.set(true);
      await clock.advance(0);
      assert.deepEqual(peer.received.map(({ cmd }) => cmd), ["echo"]);
      await clock.advance(10_000);
      assert.deepEqual(told, []);
      network.silence();
      visible.set(true);
      await clock.advance(10_000);
      assert.equal(told[0]![0], "disconnect");
    }),
  );

  it(
    "changes nothing else",
    inWorld(async ({ state, open, visible, connection, network, clock, told }) => {
      await open();
      connection.pause();
      visible.set(true);
      assert.deepEqual(told, [["disconnect"], ["offline"]]);
      connection.resume();
      network.weather = "hanging";
      await clock.advance(0);
      visible.set(true);
      assert.equal(state(), "connecting");
    }),
  );
});

describe("a server that goes away", () => {
  it(
    "says so, and is left at once; its addresses are asked for again",
    inWorld(async (world) => {
      const { open, peer, clock, told, network } = world;
      await open();
      world.urls = () => Promise.resolve(["wss://another/"]);
      peer.push({ cmd: "goaway" });
      await clock.advance(0);
      assert.equal(world.forgotten, 1);
      assert.deepEqual(told, [["disconnect"], ["schedule", 0, 500]]);
      assert.deepEqual(world.pushed, []);
      await clock.advance(500);
      assert.deepEqual(network.dials, ["wss://one/", "wss://another/"]);
      assert.deepEqual(told.slice(2), [["retry", 0], ["reconnect"]]);
    }),
  );

  for (
    const [code, name] of [
      [4100, "APP_NOT_AVAILABLE"],
      [4103, "INVALID_LOGIN"],
      [4110, "INVALID_ORIGIN"],
    ] as const
  ) {
    it(
      `ends the connection for good with ${code}`,
      inWorld(async ({ state, open, peer, clock, told, ends, connection }) => {
        await open();
        const request = failure(connection.request({ cmd: "conv" }));
        peer.link.close(code, "no use");
        await clock.advance(0);
        assert.equal((await request).name, "CONNECTION_LOST");
        assert.equal(state(), "closed");
        const [why] = ends as [Error & { code: number }];
        assert.deepEqual([why.name, why.code], [name, code]);
        assert.equal(why.message, "The server refused the connection: no use");
        assert.deepEqual(told, []);
        assert.equal((await failure(connection.open())).name, "CONNECTION_LOST");
        await clock.advance(60_000);
        assert.equal(peer.links.length, 1);
        await connection.close();
        assert.equal(ends.length, 1);
      }),
    );
  }

  it(
    "says the reason once, where it is the name of the code",
    inWorld(async ({ open, peer, clock, ends }) => {
      await open();
      peer.link.close(4100, "APP_NOT_AVAILABLE");
      await clock.advance(0);
      const [why] = ends as [Error];
      assert.equal(why.message, "The server refused the connection: APP_NOT_AVAILABLE");
    }),
  );

  it(
    "with any other code is dialled again",
    inWorld(async ({ state, open, peer, clock }) => {
      await open();
      for (const code of [1000, 1001, 1006, 1011, 3003, 4101, 4105, 4107, 4108, 4200]) {
        peer.link.close(code);
        await clock.advance(30_000);
        assert.equal(state(), "connected", `${code}`);
      }
    }),
  );
});

describe("listeners", () => {
  it(
    "that throw reach the log, and nothing else",
    inWorld(async ({ state, open, network, peer, clock, connection, log, told }) => {
      const wrong = new Error("wrong");
      const events = ["disconnect", "schedule", "retry", "reconnect", "push"] as const;
      for (const event of events) {
        connection.on(event, () => {
          throw wrong;
        });
      }
      await open();
      network.cut();
      await clock.advance(500);
      peer.push({ cmd: "unread" });
      await clock.advance(0);
      assert.deepEqual(told.map(([event]) => event), events.slice(0, 4));
      assert.equal(state(), "connected");
      const thrown = log.lines.filter(({ event }) => event === "A listener threw");
      assert.deepEqual(
        thrown.map(({ level, fields }) => [level, fields?.event, fields?.error]),
        events.map((event) => ["error", event, wrong]),
      );
    }),
  );

  it(
    "may pause, retry, resume and close within any event, and nobody hears what no longer holds",
    async () => {
      const acts = {
        pause: {
          disconnect: ["disconnect", "offline"],
          schedule: ["disconnect", "schedule", "offline"],
        },
        retry: {
          disconnect: ["disconnect", "retry", "reconnect"],
          schedule: ["disconnect", "schedule", "retry", "reconnect"],
        },
        close: { disconnect: ["disconnect"], schedule: ["disconnect", "schedule"] },
      } as const;
      for (const [act, cases] of Object.entries(acts)) {
        for (const [event, expected] of Object.entries(cases)) {
          await inWorld(async ({ open, network, clock, connection, told }) => {
            connection.once(event as "schedule", () => void connection[act as "retry"]());
            await open();
            network.cut();
            await clock.advance(1_000);
            assert.deepEqual(told.map(([name]) => name), expected, `${act} within ${event}`);
          })();
        }
      }
    },
  );

  it(
    "may resume within disconnect and offline",
    inWorld(async ({ open, clock, connection, told }) => {
      await open();
      connection.once("disconnect", () => connection.resume());
      connection.pause();
      await clock.advance(0);
      assert.deepEqual(told.splice(0).map(([event]) => event), [
        "disconnect",
        "online",
        "schedule",
        "retry",
        "reconnect",
      ]);
      connection.once("offline", () => connection.resume());
      connection.pause();
      await clock.advance(0);
      assert.deepEqual(told.at(-1), ["reconnect"]);
      connection.once("retry", () => connection.pause());
      connection.pause();
      connection.resume();
      await clock.advance(0);
      assert.deepEqual(told.at(-1), ["offline"]);
      connection.once("reconnect", () => connection.pause());
      connection.resume();
      await clock.advance(0);
      assert.deepEqual(told.slice(-3), [["reconnect"], ["disconnect"], ["offline"]]);
    }),
  );
});
