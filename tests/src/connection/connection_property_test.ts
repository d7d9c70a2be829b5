import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { ConnectionEvents } from "../../../src/connection/connection.ts";
import { settle } from "../../kit/clock.ts";
import { createWorld, endWorld, type Told, type World } from "./world.ts";

/** Which event may follow which, and which may be the first and the last. */
const next: Readonly<Record<string, readonly string[]>> = {
  connected: ["disconnect"],
  disconnect: ["schedule", "offline"],
  schedule: ["retry", "offline"],
  retry: ["schedule", "reconnect", "offline"],
  reconnect: ["disconnect"],
  offline: ["online"],
  online: ["schedule"],
};

/** What a connection is doing when it tells an event, where that is one thing. */
const during: Readonly<Record<string, string>> = {
  schedule: "waiting",
  retry: "connecting",
  reconnect: "connected",
  offline: "offline",
};

/** What may befall a connection. */
const acts: Readonly<Record<string, (world: World, requests: Promise<unknown>[]) => void>> = {
  cut: ({ network }) => network.cut(),
  silence: ({ network }) => network.silence(),
  block: ({ network }) => network.block(),
  unblock: ({ network }) => network.unblock(),
  hang: ({ network }) => void (network.weather = "hanging"),
  pause: ({ connection }) => connection.pause(),
  resume: ({ connection }) => connection.resume(),
  retry: ({ connection, state }) => {
    if (state() === "waiting") connection.retry();
    else assert.throws(() => connection.retry(), { name: "NOT_WAITING" });
  },
  offline: ({ online }) => online.set(false),
  online: ({ online }) => online.set(true),
  hidden: ({ visible }) => visible.set(false),
  shown: ({ visible }) => visible.set(true),
  goaway: ({ peer }) => peer.push({ cmd: "goaway" }),
  restart: ({ peer }) => peer.link.close(1001),
  refuse: ({ peer }) => peer.raw("no command"),
  mute: ({ peer }) => void (peer.answer = () => undefined),
  request: ({ connection }, requests) => requests.push(connection.request({ cmd: "conv" })),
  push: ({ connection }) => connection.push({ cmd: "ack" }),
};

const step = fc.oneof(
  fc.constantFrom(...Object.keys(acts)),
  fc.oneof(fc.constantFrom(0, 1, 500), fc.nat(40_000)),
);

function legal(told: readonly Told[], steps: readonly (string | number)[]): void {
  let last = "connected";
  let planned: unknown;
  for (const [event, attempt] of told) {
    assert.ok(next[last]!.includes(event), `${event} after ${last} in ${JSON.stringify(steps)}`);
    if (event === "schedule") planned = attempt;
    if (event === "retry") assert.ok(attempt === planned || attempt === 0);
    last = event;
  }
}

async function play(steps: readonly (string | number)[], chances: () => number): Promise<void> {
  const world = createWorld();
  const { clock, network, connection, online, told, peer, state, open } = world;
  world.chance = chances;
  await open();
  for (const [event, name] of Object.entries(during)) {
    connection.on(event as keyof ConnectionEvents, () => assert.equal(state(), name, event));
  }
  const requests: Promise<unknown>[] = [];
  for (const step of steps) {
    if (typeof step === "number") await clock.advance(step);
    else acts[step]!(world, requests);
    for (const request of requests) request.catch(() => {});
    assert.ok(network.links <= 1);
  }
  legal(told, steps);
  assert.equal(network.most, 1, "Two links at once");
  await clock.advance(20_000); // Whatever hung is given up, and every request has its answer.
  await Promise.allSettled(requests);

  network.unblock();
  peer.answer = ({ cmd, i }) => ({ cmd: cmd === "echo" ? cmd : "ack", i });
  online.set(true);
  connection.resume();
  // A link that is silent is dead in 35 s, an attempt that hangs in 20 s; then 30 s at most are waited.
  await clock.advance(65_000);
  assert.equal(state(), "connected", "The network is back");
  legal(told, steps);
  assert.equal((await world.after(0, connection.request({ cmd: "conv" }))).cmd, "ack");
  assert.equal(network.most, 1, "Two links at once");
  assert.deepEqual(world.ends, []);
  const errors = world.log.lines.filter(({ level }) => level === "error");
  assert.deepEqual(errors, []);
  await endWorld(world);
  assert.deepEqual(world.ends, [undefined]);
}

describe("a connection, whatever befalls it", () => {
  it("tells what happens in a legal order, has one link at most, and comes back", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 40 }),
        fc.infiniteStream(fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })),
        async (steps, chances) => {
          await play(steps, () => chances.next().value);
          await settle();
        },
      ),
      { numRuns: 200 },
    );
  });
});
