import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { Command } from "@curlew/realtime/protocol";
import type { ServiceEvent } from "@curlew/server";
import { settle } from "../../kit/clock.ts";
import { usualBadness } from "../../kit/test_bus.ts";
import { until, type WireClient } from "../../kit/wire_client.ts";
import { apart, good, stores, SWEPT, twoNodes } from "./two_nodes.ts";

const directsOf = (client: WireClient, cid: string): NonNullable<Command["directMessage"]>[] =>
  client.pushes.flatMap(({ directMessage }) => directMessage?.cid === cid ? [directMessage] : []);

/** One link of a device, with what it must have heard at the end. */
interface Life {
  readonly client: string;
  readonly wire: WireClient;
  /** How many messages were stored when its login was answered. */
  readonly storedBefore: number;
  /** The ids of what it sent itself. */
  readonly sent: Set<string>;
  over: boolean;
}

type Step =
  | { readonly do: "send" | "cut" | "open"; readonly who: number }
  | { readonly do: "wait"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant("send" as const), who: fc.nat(5) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("cut" as const), who: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("open" as const), who: fc.nat(5) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant("wait" as const),
      ms: fc.integer({ max: 3_000, min: 1 }),
    }),
  },
);

/** Two devices each of three clients live through the steps; returns all their links. */
async function live(steps: readonly Step[], world: Awaited<ReturnType<typeof twoNodes>>) {
  const { clock, store, nodes, random } = world;
  const names = ["tom", "jerry", "mary"];
  const { conversation } = await store.startConversation("app", {
    kind: "normal",
    creator: "tom",
    members: names,
    unique: false,
    attributes: {},
  });
  const cid = conversation.id;
  const stored = async () => (await store.conversation("app", cid))!.seq;
  const lives: Life[] = [];
  const current: (Life | undefined)[] = [];

  const open = async (who: number) => {
    if (current[who]) return;
    const client = names[who % names.length]!;
    const node = nodes[random() < 0.5 ? 0 : 1];
    const wire = await node.login(client);
    const storedBefore = await stored();
    lives.push(
      current[who] = { client, wire, storedBefore, sent: new Set(), over: false },
    );
  };
  for (let who = 0; who < 6; who++) await open(who);

  let count = 0;
  for (const step of steps) {
    if (step.do === "wait") {
      await clock.advance(step.ms);
      continue;
    }
    const life = current[step.who];
    if (step.do === "open") await open(step.who);
    else if (life && step.do === "cut") {
      life.over = true;
      current[step.who] = undefined;
      life.wire.close();
      await settle();
    } else if (life) {
      const { ackMessage } = await life.wire.request({
        cmd: "direct",
        directMessage: { cid, msg: `message ${++count}` },
      });
      life.sent.add(ackMessage!.uid!);
    }
  }
  return { cid, lives };
}

describe("the hub, with a bus that drops, repeats, delays and reorders", () => {
  for (const [name, store] of Object.entries(stores)) {
    it(`loses nothing, tells nothing twice, and keeps one order on every device (${name})`, async () => {
      await fc.assert(
        fc.asyncProperty(fc.integer(), fc.array(step, { maxLength: 40 }), async (seed, steps) => {
          const world = await twoNodes(seed, usualBadness, store);
          const { clock, store: kept, bus } = world;
          const { cid, lives } = await live(steps, world);
          bus.set(good);
          await clock.advance(SWEPT);
          const all = await kept.messagesAfter("app", cid, 0, 1_000);
          const seqOf = new Map(all.map(({ id, seq }) => [id, seq]));
          const unread = async (client: string) =>
            (await kept.unread("app", client)).find(({ conversation }) => conversation.id === cid)
              ?.count ?? 0;

          for (const { client, wire, sent, storedBefore, over } of lives) {
            const heard = directsOf(wire, cid).map(({ id }) => seqOf.get(id!)!);
            assert.deepEqual(heard, [...new Set(heard)].sort((a, b) => a - b), "order, once each");
            assert.ok(heard.every((seq) => !sent.has(all[seq - 1]!.id)), "not one's own");
            if (over) continue;
            const due = all.filter(({ id, seq }) => seq > storedBefore && !sent.has(id));
            const missing = due.filter(({ seq }) => !heard.includes(seq));
            assert.deepEqual(missing, []);
            // What a client counts: what it was told at its login, and one for each message since.
            let counted = 0;
            for (const { unreadMessage, directMessage } of wire.pushes) {
              for (const { cid: about, unread } of unreadMessage?.convs ?? []) {
                if (about === cid) counted = unread;
              }
              if (directMessage?.cid === cid && directMessage.fromPeerId !== client) counted++;
            }
            assert.equal(counted, await unread(client), "the unread count");
          }
          await world.end();
          assert.equal(clock.waiting, 0);
        }),
        { numRuns: store.runs },
      );
    });
  }

  it("puts who is blocked out of a room at the next sweep, though no event says so", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock } = world;
    const { tom, jerry } = await apart(world);
    const conv = (client: WireClient, op: Command["op"], convMessage: object) =>
      client.request({ cmd: "conv", op: op!, convMessage });
    const { convMessage } = await conv(tom, "start", { transient: true });
    const room = convMessage!.cid!;
    await conv(jerry, "add", { cid: room, m: ["jerry"] });
    const blacklistMessage = { srcCid: room, toPids: ["jerry"] };
    await tom.request({ cmd: "blacklist", op: "block", blacklistMessage });
    await clock.advance(SWEPT);
    world.bus.set(good);
    await tom.request({ cmd: "direct", directMessage: { cid: room, msg: "alone" } });
    await settle();
    assert.deepEqual(directsOf(jerry, room), []);
    await world.end();
  });

  it("forgets who was lost in a room though the clock was ahead when another was lost", async () => {
    const world = await twoNodes(1, good);
    const { clock, nodes: [one] } = world;
    const { tom } = await apart(world);
    const { convMessage } = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { transient: true },
    });
    const room = convMessage!.cid!;
    const lose = async (client: string) => {
      const wire = await one.login(client, { session: { deviceId: "phone" } });
      const convMessage = { cid: room, m: [client] };
      await wire.request({ cmd: "conv", op: "add", convMessage });
      wire.close();
      await clock.advance(1);
    };
    clock.jump(clock.now() + 86_400_000);
    await lose("mary");
    clock.jump(clock.now() - 86_400_000);
    await lose("spike");
    await clock.advance(40 * 60_000);
    await one.login("spike", { session: { deviceId: "phone", r: true } });
    const members = await tom.request({ cmd: "conv", op: "members", convMessage: { cid: room } });
    assert.deepEqual(members.convMessage!.m, ["tom"]);
    await world.end();
  });

  it("hands a last will over to the node to which its client came back", async () => {
    const world = await twoNodes(1, good);
    const { clock, nodes: [one, two] } = world;
    const { tom, jerry, cid } = await apart(world);
    const device = { session: { deviceId: "phone" } };
    const phone = await one.login("tom", device);
    const will = { cid, msg: "farewell", will: true };
    await phone.request({ cmd: "direct", directMessage: will });
    const back = await two.login("tom", { session: { deviceId: "phone", r: true } });
    phone.close();
    await clock.advance(5_000);
    assert.deepEqual(directsOf(jerry, cid), []);
    back.close();
    await clock.advance(5_000);
    assert.deepEqual(directsOf(jerry, cid).map(({ msg }) => msg), ["farewell"]);
    assert.deepEqual(directsOf(tom, cid).map(({ msg }) => msg), ["farewell"]);
    await world.end();
    assert.equal(clock.waiting, 0);
  });

  it("sends a last will where nobody answers, whoever is there, and lets go of it at its end", async () => {
    const world = await twoNodes(1, good);
    const { clock, nodes: [one] } = world;
    const { jerry, cid } = await apart(world);
    const will = { cid, msg: "farewell", will: true };
    for (const deviceId of ["phone", "pad"]) {
      const device = await one.login("tom", { session: { deviceId } });
      await device.request({ cmd: "direct", directMessage: will });
      device.close();
      await settle();
      if (deviceId === "pad") break;
      assert.deepEqual(directsOf(jerry, cid), []);
      await clock.advance(5_000);
      assert.deepEqual(directsOf(jerry, cid).map(({ msg }) => msg), ["farewell"]);
    }
    await world.end();
    await clock.advance(1); // what was published at the end
    assert.equal(clock.waiting, 0);
  });

  it("hands no last will over where the clients name no devices, which may be different ones", async () => {
    const world = await twoNodes(1, good);
    const { clock, nodes: [one, two] } = world;
    const { tom, jerry, cid } = await apart(world);
    await tom.request({ cmd: "conv", op: "add", convMessage: { cid, m: ["mary"] } });
    const [phone, pad] = [await one.login("mary"), await two.login("mary")];
    await phone.request({ cmd: "direct", directMessage: { cid, msg: "farewell", will: true } });
    phone.close();
    await clock.advance(1);
    assert.deepEqual(directsOf(jerry, cid).map(({ msg }) => msg), ["farewell"]);
    pad.close();
    await clock.advance(5_000);
    assert.equal(directsOf(jerry, cid).length, 1);
    await world.end();
  });

  it("sends a last will once, also where its client is heard of too late", async () => {
    for (const late of [[4_000, 1_500], [1_500, 500], [500, 1_500]]) {
      const world = await twoNodes(1, good);
      const { clock, bus, nodes: [one, two] } = world;
      const { jerry, cid } = await apart(world);
      const device = { session: { deviceId: "phone" } };
      const phone = await one.login("tom", device);
      await phone.request({ cmd: "direct", directMessage: { cid, msg: "farewell", will: true } });
      const back = await two.login("tom", device);
      const { publish } = bus;
      let events = 0;
      Object.assign(bus, {
        publish: (topic: string, event: ServiceEvent) => {
          const ms = late[events++];
          if (ms === undefined) publish(topic, event);
          else clock.after(ms, () => publish(topic, event));
        },
      });
      phone.close();
      await clock.advance(60_000);
      assert.deepEqual(directsOf(jerry, cid).map(({ msg }) => msg), ["farewell"]);
      back.close();
      await clock.advance(5_000);
      assert.equal(directsOf(jerry, cid).length, 1);
      await world.end();
    }
  });

  it("sends a last will before its node is closed, which may be at once", async () => {
    const world = await twoNodes(1, good);
    const { clock, bus, nodes: [one] } = world;
    const { tom, jerry, cid } = await apart(world);
    const pad = await one.login("tom", { session: { deviceId: "pad" } });
    await pad.request({ cmd: "direct", directMessage: { cid, msg: "farewell", will: true } });
    pad.close();
    await settle();
    await one.server.close();
    // As the process goes, nothing more comes from it.
    const { publish } = bus;
    Object.assign(bus, { publish: () => {} });
    await clock.advance(5_000);
    Object.assign(bus, { publish });
    assert.deepEqual(directsOf(jerry, cid).map(({ msg }) => msg), ["farewell"]);
    assert.equal((await tom.ended()).code, 1001);
    await world.end();
  });

  it("hears what was lost at the next sweep, though nothing follows it", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    await settle();
    assert.deepEqual(jerry.pushes, []);
    await clock.advance(SWEPT);
    assert.deepEqual(directsOf(jerry, cid).map(({ id }) => id), [ackMessage!.uid]);
    assert.deepEqual(directsOf(tom, cid), []);
    await world.end();
  });

  it("hears what is said in a conversation that it forgot while the clock was ahead", async () => {
    const world = await twoNodes(1, good);
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    const say = (msg: string) => tom.request({ cmd: "direct", directMessage: { cid, msg } });
    await say("one");
    await clock.advance(1_000);
    clock.jump(clock.now() + 3_600_000);
    const { convMessage } = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { m: ["jerry"], unique: true },
    });
    const other = convMessage!.cid!;
    await tom.request({ cmd: "direct", directMessage: { cid: other, msg: "meanwhile" } });
    await clock.advance(20 * 60_000);
    clock.jump(clock.now() - 80 * 60_000);
    await say("two");
    await clock.advance(2 * SWEPT);
    assert.deepEqual(directsOf(jerry, cid).map(({ msg }) => msg), ["one", "two"]);
    await world.end();
  });

  it("hears at the next sweep of a change that was lost, and once", async () => {
    const world = await twoNodes(1, { ...good, drop: 1 });
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    const patches = [{ cid, mid: ackMessage!.uid!, recall: true }];
    await tom.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
    await clock.advance(2 * SWEPT);
    const changes = jerry.pushes.flatMap(({ patchMessage }) => patchMessage?.patches ?? []);
    assert.deepEqual(changes.map(({ mid, recall }) => [mid, recall]), [[ackMessage!.uid, true]]);
    await world.end();
  });

  it("hears of a change once, though the clock is set back, and each sweep finds it", async () => {
    const world = await twoNodes(1, good);
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    const patches = [{ cid, mid: ackMessage!.uid!, recall: true }];
    await tom.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    await settle();
    clock.jump(clock.now() - 600_000);
    await clock.advance(300_000);
    const told = (cmd: Command["cmd"]) => jerry.pushes.filter((push) => push.cmd === cmd).length;
    assert.deepEqual([told("patch"), told("unread")], [1, 1]);
    await world.end();
  });

  it("hears of a change once, though a sweep takes longer than is between two", async () => {
    const world = await twoNodes(1, good);
    const { clock, store } = world;
    const { tom, jerry, cid } = await apart(world);
    const { toldSince } = store;
    let calls = 0;
    Object.assign(store, {
      toldSince: async (since: number) => {
        // The first of each node.
        if (++calls <= 2) await new Promise<void>((done) => void clock.after(50_000, done));
        return await toldSince(since);
      },
    });
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    const patches = [{ cid, mid: ackMessage!.uid!, recall: true }];
    await tom.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    await clock.advance(90_000);
    const [changes, reads] = [{ cmd: "patch" }, { cmd: "unread" }].map(({ cmd }) =>
      jerry.pushes.filter((push) => push.cmd === cmd).length
    );
    assert.deepEqual([changes, reads], [1, 1]);
    await world.end();
  });

  it("hears of a change once, however much else is told before the next sweep", async () => {
    const world = await twoNodes(1, good);
    const { tom, jerry, cid } = await apart(world);
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    const patches = [{ cid, mid: ackMessage!.uid!, recall: true }];
    await tom.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
    for (let n = 0; n < 5_000; n++) {
      tom.send({ cmd: "direct", directMessage: { cid, msg: "typing", transient: true } });
      if (n % 100 === 0) await settle();
    }
    await world.clock.advance(2 * SWEPT);
    const changes = ({ pushes }: WireClient) =>
      pushes.flatMap(({ patchMessage }) => patchMessage?.patches ?? []).length;
    assert.deepEqual([changes(jerry), changes(tom)], [1, 0]);
    await world.end();
  });

  it("tells a notice once, however often it comes", async () => {
    const world = await twoNodes(1, { ...good, repeat: 1 });
    const { jerry } = await apart(world);
    await world.clock.advance(1_000);
    assert.deepEqual(jerry.pushes.map(({ op }) => op), ["joined", "members_joined"]);
    await world.end();
  });

  it("carries transient messages and receipts to the other node", async () => {
    const world = await twoNodes(1, good);
    const { clock } = world;
    const { tom, jerry, cid } = await apart(world);
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "psst", transient: true } });
    await clock.advance(1);
    assert.equal((await jerry.next("direct")).directMessage?.msg, "psst");
    const { ackMessage } = await tom.request({
      cmd: "direct",
      directMessage: { cid, msg: "hi", r: true },
    });
    await clock.advance(1);
    await until(() => directsOf(jerry, cid).length === 2, "message");
    jerry.send({ cmd: "ack", ackMessage: { cid, mid: ackMessage!.uid } });
    await settle();
    await clock.advance(1);
    assert.equal((await tom.next("rcp")).rcpMessage?.id, ackMessage!.uid);
    await world.end();
  });
});
