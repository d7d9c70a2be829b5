import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Command } from "@curlew/realtime/protocol";
import { type FakeClock, settle } from "../../kit/clock.ts";
import { usualBadness } from "../../kit/test_bus.ts";
import { until, type WireClient } from "../../kit/wire_client.ts";
import { apart, good, stores, SWEPT, twoNodes } from "./two_nodes.ts";

const conv = (client: WireClient, op: Command["op"], convMessage: Command["convMessage"]) =>
  client.request({ cmd: "conv", op: op!, convMessage: convMessage! });

/** What was told of a conversation, in order. */
const toldOf = (client: WireClient, cid: string) =>
  client.pushes.filter(({ cmd, convMessage }) => cmd === "conv" && convMessage?.cid === cid);

/** What may happen to a conversation. */
const step = fc.oneof(
  fc.record({ do: fc.constant("add" as const), who: fc.nat(3) }),
  fc.record({ do: fc.constant("remove" as const), who: fc.nat(3) }),
  fc.record({ do: fc.constant("name" as const), value: fc.nat(99) }),
  fc.record({ do: fc.constant("edit" as const), value: fc.nat(99) }),
  fc.record({ do: fc.constant("wait" as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
  fc.record({ do: fc.constant("read" as const), who: fc.nat(3) }),
  fc.record({
    do: fc.constant("jump" as const),
    ms: fc.integer({ min: -3_600_000, max: 3_600_000 }),
  }),
);

const names = ["jerry", "mary", "spike", "butch"] as const;

describe("what is told of conversations, over a bus that drops, repeats, delays and reorders", () => {
  for (const [name, store] of Object.entries(stores)) {
    it(`is told once, in order, to all whom it concerns (${name})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.array(step, { maxLength: 25 }), async (seed, steps) => {
          const world = await twoNodes(seed, usualBadness, store);
          const { clock, bus, nodes: [one, two], store: kept } = world;
          const tom = await one.login("tom");
          const others = await Promise.all(names.map((name) => two.login(name)));
          const cid = (await conv(tom, "start", { m: [...names] })).convMessage!.cid!;
          const { uid } = (await tom.request({
            cmd: "direct",
            directMessage: { cid, msg: "first" },
          })).ackMessage!;
          let [named, edited] = ["", "first"];
          const removed = new Set<string>();
          for (const step of steps) {
            if (step.do === "wait") await clock.advance(step.ms);
            else if (step.do === "jump") clock.jump(clock.now() + step.ms);
            else if (step.do === "read") {
              others[step.who]!.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
              await settle();
            } else if (step.do === "name") {
              named = `name ${step.value}`;
              const attr = { data: JSON.stringify({ name: named }) };
              await conv(tom, "update", { cid, attr });
            } else if (step.do === "edit") {
              edited = `edit ${step.value}`;
              const patches = [{ cid, mid: uid!, data: edited }];
              await tom.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
            } else {
              await conv(tom, step.do, { cid, m: [names[step.who]!] });
              if (step.do === "remove") removed.add(names[step.who]!);
            }
          }
          bus.set(good);
          await clock.advance(SWEPT);

          const members = (await kept.conversation("app", cid))!.members;
          for (const [who, wire] of [tom, ...others].entries()) {
            const name = who === 0 ? "tom" : names[who - 1]!;
            const told = toldOf(wire, cid);
            const alone = told.filter(({ op }) => op === "joined" || op === "left");
            const together = told.filter((push) => !alone.includes(push));
            const own = wire.pushes.filter((push) => alone.includes(push) || push.cmd === "rcp");
            for (const thread of [own, together]) {
              const times = thread.map(({ serverTs }) => serverTs!);
              assert.deepEqual(times, [...new Set(times)].sort((a, b) => a - b));
            }
            const due = await kept.toldAfter("app", { client: name }, 0, 999);
            assert.deepEqual(own.map(({ serverTs }) => serverTs), due.map(({ at }) => at));
            assert.equal(alone.at(-1)?.op === "joined", members.has(name));
            if (!members.has(name)) continue;
            const inside = await kept.toldAfter("app", { conversation: cid }, 0, 999);
            const last = together.at(-1)!;
            assert.equal(last.serverTs, inside.at(-1)!.at);
            // Who was out for a while heard nothing of it.
            if (removed.has(name)) continue;
            const renamed = together.findLast(({ op }) => op === "updated")?.convMessage;
            if (renamed) assert.equal(JSON.parse(renamed.attr!.data).name, named);
            const patches = wire.pushes.flatMap(({ patchMessage }) => patchMessage?.patches ?? []);
            if (patches.length && name !== "tom") assert.equal(patches.at(-1)!.data, edited);
          }
          await world.end();
          assert.equal(clock.waiting, 0);
        }),
        { numRuns: store.runs },
      );
    });
  }

  it("is heard at the next sweep where the event was lost, and once", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    await conv(tom, "update", { cid, attr: { data: '{"name":"x"}' } });
    await settle();
    assert.deepEqual(jerry.pushes, []);
    await clock.advance(2 * SWEPT);
    const ops = (client: WireClient) => toldOf(client, cid).map(({ op }) => op).sort();
    const expected = ["joined", "members_joined", "updated"];
    assert.deepEqual([ops(jerry), ops(tom)], [expected, expected]);
    await conv(tom, "remove", { cid, m: ["jerry"] });
    await clock.advance(2 * SWEPT);
    assert.deepEqual(ops(jerry), ["joined", "left", "members_joined", "updated"]);
    await world.end();
  });

  it("is read from the store as soon as something later comes", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { tom, jerry, cid } = await apart(world);
    world.bus.set(good);
    await conv(tom, "update", { cid, attr: { data: '{"name":"x"}' } });
    await world.clock.advance(1);
    await until(() => toldOf(jerry, cid).length === 2, "what was told to the members");
    assert.deepEqual(toldOf(jerry, cid).map(({ op }) => op), ["members_joined", "updated"]);
    await world.end();
  });

  it("leaves alone who came after it was told", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock, nodes: [, two] } = world;
    const { tom, jerry, cid } = await apart(world);
    await conv(tom, "update", { cid, attr: { data: '{"name":"x"}' } });
    await clock.advance(1_000);
    const late = await two.login("jerry");
    await clock.advance(2 * SWEPT);
    assert.equal(toldOf(jerry, cid).length, 3);
    assert.deepEqual(toldOf(late, cid), []);
    await world.end();
  });

  it("leaves alone who came after it was told, also where it comes late", async () => {
    const world = await twoNodes(1, good);
    const { clock, nodes: [, two] } = world;
    const { tom, jerry, cid } = await apart(world);
    await clock.advance(1_000);
    world.bus.set({ ...good, delay: 1, latest: 300 });
    await conv(tom, "update", { cid, attr: { data: '{"name":"x"}' } });
    clock.sleep(1);
    const late = await two.login("jerry");
    await clock.advance(1_000);
    assert.deepEqual(toldOf(jerry, cid).map(({ op }) => op), [
      "joined",
      "members_joined",
      "updated",
    ]);
    assert.deepEqual(toldOf(late, cid), []);
    await world.end();
  });

  it("has receipts in it, and what another device has read is heard too", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock, nodes: [one] } = world;
    const { tom, jerry, cid } = await apart(world);
    const pad = await one.login("jerry");
    const direct = { cid, msg: "hi", r: true };
    const { uid } = (await tom.request({ cmd: "direct", directMessage: direct })).ackMessage!;
    jerry.send({ cmd: "ack", ackMessage: { cid, mid: uid } });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    await clock.advance(2 * SWEPT);
    const receipts = tom.pushes.flatMap(({ rcpMessage }) => rcpMessage ? [rcpMessage] : []);
    assert.deepEqual(receipts.map(({ id, read = false }) => [id, read]), [[uid, false], [
      uid,
      true,
    ]]);
    for (const device of [jerry, pad]) {
      const unread = device.pushes.flatMap(({ unreadMessage }) => unreadMessage?.convs ?? []);
      assert.deepEqual(unread.map(({ cid, unread }) => [cid, unread]), [[cid, 0]]);
    }
    await world.end();
  });

  it("is heard after a store that failed for a while, however long that was", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock, store, nodes } = world;
    const { tom, jerry, cid } = await apart(world);
    await conv(tom, "update", { cid, attr: { data: '{"name":"x"}' } });
    const { grownSince } = store;
    Object.assign(store, { grownSince: () => Promise.reject(new Error("No way to it")) });
    await clock.advance(4 * SWEPT);
    assert.ok(nodes[1].log.lines.every(({ event }) => event === "A sweep failed"));
    assert.equal(jerry.pushes.length, 0);
    Object.assign(store, { grownSince });
    await clock.advance(SWEPT);
    assert.equal(toldOf(jerry, cid).length, 3);
    await world.end();
  });
});

/** What the clock does before jerry is told something. */
const clocks: {
  readonly [name: string]: {
    /** How far the clock of jerry's node is ahead, in ms. */
    readonly ahead?: number;
    /** What it does before tom and jerry come. */
    readonly before?: (clock: FakeClock) => Promise<void> | void;
    /** What it does afterwards. */
    readonly then?: (clock: FakeClock) => Promise<void> | void;
  };
} = {
  "runs ahead when the nodes start": { before: (clock) => clock.jump(clock.now() - 3_600_000) },
  "jumps ahead, and back after a sweep": {
    then: async (clock) => {
      clock.jump(clock.now() + 3_600_000);
      await clock.advance(11_000);
      clock.jump(clock.now() - 3_600_000);
    },
  },
  "is set back after the logins": { then: (clock) => clock.jump(clock.now() - 25_000) },
  "is another on each node": { ahead: 3_000, before: (clock) => clock.advance(60_000) },
};

describe("what is told, whatever the clock does", () => {
  for (const [name, { ahead, before, then }] of Object.entries(clocks)) {
    for (const [kind, store] of Object.entries(stores)) {
      it(`is heard once, in order, where it ${name} (${kind})`, async () => {
        const world = await twoNodes(1, good, store, ahead);
        const { clock, nodes: [one, two] } = world;
        await before?.(clock);
        const [tom, jerry] = [await one.login("tom"), await two.login("jerry")];
        await then?.(clock);
        const { convMessage } = await conv(tom, "start", { m: ["jerry"] });
        const cid = convMessage!.cid!;
        await clock.advance(1_000);
        const direct = { cid, msg: "hi", r: true };
        const { ackMessage } = await tom.request({ cmd: "direct", directMessage: direct });
        await clock.advance(1_000);
        jerry.send({ cmd: "ack", ackMessage: { cid, mid: ackMessage!.uid } });
        await conv(tom, "remove", { cid, m: ["jerry"] });
        await conv(tom, "add", { cid, m: ["jerry"] });
        await clock.advance(2 * SWEPT);
        const heard = jerry.pushes.flatMap(({ cmd, op }) => op ?? cmd!);
        assert.deepEqual(heard.filter((what) => !what.startsWith("members")), [
          "joined",
          "direct",
          "left",
          "joined",
        ]);
        assert.equal(toldOf(jerry, cid).filter(({ op }) => op === "members_joined").length, 2);
        assert.equal(tom.pushes.filter(({ cmd }) => cmd === "rcp").length, 1);
        await world.end();
      });
    }
  }

  it("is not heard by who came later, though its times ran ahead of the clock", async () => {
    const world = await twoNodes(1, good);
    const { clock, store, nodes: [, two] } = world;
    const { tom, cid } = await apart(world);
    await clock.advance(1);
    await conv(tom, "add", { cid, m: ["mary"] });
    const notices = Array.from({ length: 5_000 }, () => ({ to: ["spike"], command: {} }));
    await store.markRead("app", "tom", cid, { timestamp: 0 }, () => notices);
    await conv(tom, "remove", { cid, m: ["mary"] });
    await clock.advance(1);
    const mary = await two.login("mary");
    await conv(tom, "add", { cid, m: ["mary"] });
    await clock.advance(2 * SWEPT);
    const alone = toldOf(mary, cid).filter(({ op }) => op === "joined" || op === "left");
    assert.deepEqual(alone.map(({ op }) => op), ["joined"]);
    await world.end();
  });

  it("is forgotten after a while, and not heard again", async () => {
    const world = await twoNodes(1, good);
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    await clock.advance(20 * 60_000);
    clock.jump(clock.now() - 30 * 60_000);
    await conv(tom, "update", { cid, attr: { data: '{"name":"x"}' } });
    await clock.advance(2 * SWEPT);
    const ops = toldOf(jerry, cid).map(({ op }) => op);
    assert.deepEqual(ops, ["joined", "members_joined", "updated"]);
    await world.end();
  });
});
