import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { startHeartbeat } from "../../../src/connection/heartbeat.ts";
import { FakeClock } from "../../kit/clock.ts";
import { inWorld, times } from "./world.ts";

function watched() {
  const clock = new FakeClock();
  const told: string[] = [];
  const heartbeat = startHeartbeat(
    clock,
    times.heartbeat,
    () => told.push("ping"),
    () => told.push("dead"),
  );
  return { clock, told, heartbeat };
}

describe("the heartbeat", () => {
  it("asks after 25 s of silence, and gives up 10 s later", async () => {
    const { clock, told } = watched();
    await clock.advance(24_999);
    assert.deepEqual(told, []);
    await clock.advance(1);
    assert.deepEqual(told, ["ping"]);
    await clock.advance(9_999);
    assert.deepEqual(told, ["ping"]);
    await clock.advance(1);
    assert.deepEqual(told, ["ping", "dead"]);
    assert.equal(clock.waiting, 0);
  });

  it("counts from the last word, whatever it was", async () => {
    const { clock, told, heartbeat } = watched();
    for (let i = 0; i < 20; i++) {
      await clock.advance(24_999);
      heartbeat.heard();
    }
    assert.deepEqual(told, []);
    await clock.advance(25_000);
    assert.deepEqual(told, ["ping"]);
    await clock.advance(9_999);
    heartbeat.heard();
    await clock.advance(25_000);
    assert.deepEqual(told, ["ping", "ping"]);
    heartbeat.stop();
  });

  it("takes a word in the very moment of the question for an answer", async () => {
    const { clock, told, heartbeat } = watched();
    await clock.advance(25_000);
    heartbeat.heard();
    await clock.advance(10_000);
    assert.deepEqual(told, ["ping"]);
    heartbeat.stop();
  });

  it("asks at once when it is told to, and once at a time", async () => {
    const { clock, told, heartbeat } = watched();
    heartbeat.probe();
    heartbeat.probe();
    assert.deepEqual(told, ["ping"]);
    assert.equal(clock.waiting, 1);
    await clock.advance(5_000);
    heartbeat.heard();
    heartbeat.probe();
    assert.deepEqual(told, ["ping", "ping"]);
    await clock.advance(10_000);
    assert.deepEqual(told, ["ping", "ping", "dead"]);
  });

  it("keeps one timer, and none once it is stopped", async () => {
    const { clock, told, heartbeat } = watched();
    for (let i = 0; i < 100; i++) {
      heartbeat.heard();
      await clock.advance(1_000);
      assert.equal(clock.waiting, 1);
    }
    heartbeat.stop();
    assert.equal(clock.waiting, 0);
    await clock.advance(60_000);
    assert.deepEqual(told, []);
  });

  it("asks once more where the time for the answer was slept through", async () => {
    const { clock, told, heartbeat } = watched();
    await clock.advance(25_000);
    clock.sleep(15_001);
    await clock.advance(0);
    assert.deepEqual(told, ["ping", "ping"]);
    await clock.advance(9_999);
    heartbeat.heard();
    await clock.advance(25_000);
    assert.deepEqual(told, ["ping", "ping", "ping"], "It is alive, and asked as before");
    clock.sleep(3_600_000);
    await clock.advance(10_000);
    assert.deepEqual(told.slice(3), ["ping", "dead"]);
    assert.equal(clock.waiting, 0);
  });

  it("gives up at a deadline that is a little late", async () => {
    const { clock, told } = watched();
    await clock.advance(25_000);
    clock.sleep(15_000);
    await clock.advance(0);
    assert.deepEqual(told, ["ping", "dead"]);
  });

  it("asks at once where the silence was slept through", async () => {
    const { clock, told, heartbeat } = watched();
    clock.sleep(3_600_000);
    await clock.advance(0);
    assert.deepEqual(told, ["ping"]);
    heartbeat.stop();
  });

  for (const [what, leap] of [["back", -3_600_000], ["forwards", 3_600_000]] as const) {
    it(`notices a dead link after the clock was set ${what}, and no living one`, async () => {
      const { clock, told, heartbeat } = watched();
      await clock.advance(10_000);
      clock.jump(clock.now() + leap);
      for (let i = 0; i < 10; i++) {
        await clock.advance(5_000);
        heartbeat.heard();
      }
      assert.ok(!told.includes("dead"));
      told.length = 0;
      await clock.advance(25_000);
      assert.deepEqual(told, ["ping"]);
      clock.jump(clock.now() + leap);
      heartbeat.heard();
      await clock.advance(10_000);
      assert.ok(!told.includes("dead"), "It was heard");
      clock.jump(clock.now() + leap);
      await clock.advance(60_000);
      assert.equal(told.at(-1), "dead");
    });
  }
});

describe("a connection", () => {
  it(
    "asks a silent server with an echo, which keeps it",
    inWorld(async ({ open, peer, clock, state, told }) => {
      await open();
      await clock.advance(3_600_000);
      assert.equal(state(), "connected");
      assert.deepEqual(told, []);
      assert.deepEqual([...new Set(peer.received.map(({ cmd }) => cmd))], ["echo"]);
      assert.ok(peer.received.length > 100);
    }),
  );

  it(
    "asks nothing of one that talks, and takes any word for a sign of life",
    inWorld(async ({ open, peer, clock, state }) => {
      await open();
      for (let i = 0; i < 10; i++) {
        await clock.advance(20_000);
        peer.push({ cmd: "unread" });
      }
      assert.deepEqual(peer.received, []);
      peer.answer = () => undefined;
      await clock.advance(34_000);
      assert.equal(peer.received.length, 1);
      peer.raw("no command at all");
      await clock.advance(20_000);
      assert.equal(state(), "connected");
    }),
  );

  it(
    "keeps a link over which the server answers after a sleep, and its listeners hear of nothing",
    inWorld(async ({ open, peer, clock, state, told }) => {
      await open();
      peer.answer = () => undefined;
      await clock.advance(25_000);
      peer.answer = ({ cmd, i }) => ({ cmd, i });
      clock.sleep(60_000);
      await clock.advance(60_000);
      assert.equal(state(), "connected");
      assert.deepEqual(told, []);
    }),
  );

  it(
    "leaves one that is dead 35 s after its last word",
    inWorld(async ({ open, network, peer, clock, state, told }) => {
      await open();
      network.silence();
      await clock.advance(34_999);
      assert.equal(state(), "connected");
      await clock.advance(1);
      assert.deepEqual(told, [["disconnect"], ["schedule", 0, 500]]);
      await clock.advance(500);
      assert.deepEqual(told.slice(2), [["retry", 0], ["reconnect"]]);
      assert.equal(network.links, 1);
      assert.equal(peer.links.length, 2);
    }),
  );
});
