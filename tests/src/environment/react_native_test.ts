import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Realtime, TextMessage, type Transport } from "@curlew/realtime";
import { reactNative } from "@curlew/realtime/environment";
import { memory } from "@curlew/realtime/transports/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { FakeServer } from "../../kit/fake_server.ts";
import { listeningLog } from "../../kit/log.ts";
import { AppState, NetInfo } from "../../kit/react_native.ts";
import { heard } from "../im/world.ts";

interface World {
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly app: AppState;
  readonly net: NetInfo;
  readonly realtime: Realtime;
  blocked: boolean;
}

const EVENTS = ["disconnect", "offline", "online", "schedule", "retry", "reconnect"];

/** Runs an app, and sees that nothing of it is left. */
function inApp(test: (world: World) => Promise<void>): () => Promise<void> {
  return async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock);
    const app = new AppState();
    const net = new NetInfo();
    const inner = memory({ protocols: server.protocols, accept: server.accept });
    const transport: Transport = {
      ...inner,
      open: (dial, accept) => inner.open(world.blocked ? { ...dial, protocols: [] } : dial, accept),
    };
    const realtime = new Realtime({
      appId: "app",
      appKey: "key",
      server: "http://server",
      RTMServers: "ws://server",
      transports: [transport],
    }, {
      ...reactNative({ AppState: app, NetInfo: net }),
      clock,
      random: () => 1,
      log: listeningLog(),
      fetch: () => Promise.resolve(Response.json({ notifications: [] })),
    });
    const world: World = { clock, server, app, net, realtime, blocked: false };
    await test(world);
    const closed = realtime.close();
    await clock.advance(2_000);
    await closed;
    const left = [clock.waiting, server.links, app.listeners, net.listeners];
    assert.deepEqual(left, [0, 0, 0, 0]);
  };
}

describe("a React Native app", () => {
  it(
    "lets go of the link as soon as it is in the background, and waits there",
    inApp(async ({ clock, server, app, realtime }) => {
      const tom = await realtime.createIMClient("tom");
      const events = heard(realtime, ...EVENTS);
      app.become("inactive");
      await settle();
      assert.equal(server.links, 1);
      app.become("background");
      await settle();
      assert.equal(server.links, 0, "without that time passed: timers may sleep by now");
      await clock.advance(3_600_000);
      assert.deepEqual(events, [["disconnect"], ["offline"]]);
      await assert.rejects(tom.createConversation({ members: ["jerry"] }), {
        name: "CONNECTION_LOST",
      });
    }),
  );

  it(
    "is connected as soon as it is in the foreground again",
    inApp(async ({ clock, server, app, realtime }) => {
      const tom = await realtime.createIMClient("tom");
      app.become("background");
      await clock.advance(60_000);
      app.become("active");
      await clock.advance(0);
      assert.equal(server.links, 1);
      assert.equal(server.clients.size, 1);
      await tom.createConversation({ members: ["jerry"] });
    }),
  );

  it(
    "does not wait for the planned attempt when it comes to the foreground",
    inApp(async (world) => {
      const { clock, server, app, realtime } = world;
      await realtime.createIMClient("tom");
      world.blocked = true;
      server.cut();
      await clock.advance(20_000);
      app.become("background");
      world.blocked = false;
      await clock.advance(500);
      app.become("active");
      await clock.advance(0);
      assert.equal(server.clients.size, 1);
    }),
  );

  it(
    "sends what waits to be sent before it lets go",
    inApp(async ({ clock, server, app, realtime }) => {
      const mary = await realtime.createIMClient("mary");
      const tom = await realtime.createIMClient("tom");
      const conversation = await tom.createConversation({ members: ["mary"] });
      await clock.advance(5_000);
      for (const text of ["1", "2"]) await conversation.send(new TextMessage(text));
      const sent = () => server.requests("ack").length;
      await settle();
      const before = sent();
      await conversation.send(new TextMessage("3"));
      await settle();
      assert.equal(sent(), before);
      app.become("background");
      await settle();
      assert.equal(sent(), before + 1);
      assert.equal(mary.id, "mary");
    }),
  );

  it(
    "stays away in the foreground when it was told to pause",
    inApp(async ({ clock, server, app, realtime }) => {
      await realtime.createIMClient("tom");
      realtime.pause();
      app.become("background");
      app.become("active");
      await clock.advance(60_000);
      assert.equal(server.links, 0);
      app.become("background");
      realtime.resume();
      await clock.advance(60_000);
      assert.equal(server.links, 0);
      app.become("active");
      await clock.advance(0);
      assert.equal(server.links, 1);
    }),
  );

  it(
    "waits for the network, and dials as soon as it is back",
    inApp(async ({ clock, server, app, net, realtime }) => {
      await realtime.createIMClient("tom");
      net.become(false);
      await clock.advance(60_000);
      assert.equal(server.links, 0);
      app.become("background");
      net.become(true);
      await clock.advance(60_000);
      assert.equal(server.links, 0, "It is in the background");
      app.become("active");
      await clock.advance(0);
      assert.equal(server.links, 1);
    }),
  );

  it(
    "connects where NetInfo said of an earlier attempt that there is no network",
    inApp(async (world) => {
      const { clock, server, net, realtime } = world;
      net.become(false);
      world.blocked = true;
      await assert.rejects(realtime.createIMClient("tom"), { name: "TRANSPORT_ERROR" });
      world.blocked = false;
      await realtime.createIMClient("tom");
      await clock.advance(0);
      assert.equal(server.links, 1);
    }),
  );

  it(
    "begins nothing in the background, and says why",
    inApp(async ({ app, realtime, server }) => {
      app.become("background");
      await assert.rejects(realtime.createIMClient("tom"), {
        name: "CONNECTION_LOST",
        message: /in the background/,
      });
      app.become("active");
      await realtime.createIMClient("tom");
      assert.equal(server.links, 1);
    }),
  );
});

describe("the environment of React Native", () => {
  it("takes an app whose state is not known yet for seen, and needs no NetInfo", () => {
    const app = new AppState();
    app.currentState = null;
    const { network, visibility } = reactNative({ AppState: app });
    assert.deepEqual([network?.current(), visibility?.current()], [true, true]);
  });

  it("tells when another network is there, and no change of the app where there is none", () => {
    const app = new AppState();
    const net = new NetInfo(true);
    const told: boolean[] = [];
    const unwatch = reactNative({ AppState: app, NetInfo: net }).network!.watch((now) =>
      told.push(now)
    );
    for (const state of ["inactive", "active", "background", "inactive", "active"]) {
      app.become(state);
    }
    assert.deepEqual(told, [false, true]);
    net.become(true);
    assert.deepEqual(told, [false, true, true]);
    unwatch();
    assert.deepEqual([app.listeners, net.listeners], [0, 0]);
  });
});
