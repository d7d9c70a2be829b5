/**
 * What every store must do, as tests: conversations, members, messages. Marks and queries have
 * files of their own beside this one.
 *
 * @module
 */
import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { Kit, names, refused, type StoreMaker } from "./store_kit.ts";
import { storeAttributes } from "./store_attributes.ts";
import { storeKicks } from "./store_kicks.ts";
import { storeMarks } from "./store_marks.ts";
import { storeNotices } from "./store_notices.ts";
import { storePatches } from "./store_patches.ts";
import { storeQueries } from "./store_queries.ts";
import { storeServices } from "./store_services.ts";
import { storeStandings } from "./store_standings.ts";

/** Registers the contract's tests for a store. */
export function storeContract(maker: StoreMaker): void {
  describe(`${maker.name}, as every store`, () => {
    const kit = new Kit();
    beforeEach(() => kit.open(maker));
    afterEach(() => kit.store.close());
    describe("settings", () => settings(kit));
    describe("nonces", () => nonces(kit));
    describe("conversations", () => conversations(kit));
    describe("members", () => members(kit));
    describe("appending", () => appending(kit));
    describe("its end", () => ending(kit));
    storeAttributes(kit);
    storeStandings(kit);
    storeMarks(kit);
    storeNotices(kit);
    storeKicks(kit);
    storePatches(kit);
    storeQueries(kit);
    storeServices(kit);
  });
}

function settings(kit: Kit): void {
  it("are made once, and the same ever after", async () => {
    const first = await kit.store.setting("key", () => "one");
    assert.deepEqual(first, { value: "one", made: true });
    assert.deepEqual(await kit.store.setting("key", () => "two"), { value: "one", made: false });
    assert.deepEqual(await kit.store.setting("other", () => "2"), { value: "2", made: true });
  });
}

function nonces(kit: Kit): void {
  it("are their first holder's until their time is over, in each app", async () => {
    const claim = (holder: string, nonce = "n", app = "app") =>
      kit.store.claimNonce(app, nonce, holder, kit.clock.now() + 1_000);
    assert.equal(await claim("one"), true);
    assert.equal(await claim("two"), false);
    assert.equal(await claim("one"), true);
    assert.equal(await claim("two", "other"), true);
    assert.equal(await claim("two", "n", "elsewhere"), true);
    await kit.clock.advance(1_001);
    assert.equal(await claim("two"), true);
    assert.equal(await claim("one"), false);
  });
}

function conversations(kit: Kit): void {
  it("are found as they were started, their creator a member", async () => {
    const attributes = { name: "x", attr: { deep: [1, null, "ä"] }, "odd \"key'": true };
    const made = await kit.start(["tom"], { members: ["jerry", "tom", "jerry"], attributes });
    assert.match(made.id, /^[0-9a-f]{24}$/);
    assert.deepEqual([...made.members], ["tom", "jerry"]);
    assert.deepEqual(made.attributes, attributes);
    const { kind, creator, unique, uniqueId, seq, lastMessageAt, createdAt, updatedAt } = made;
    assert.deepEqual(
      { kind, creator, unique, uniqueId, seq, lastMessageAt, createdAt, updatedAt },
      {
        kind: "normal",
        creator: "tom",
        unique: false,
        uniqueId: undefined,
        seq: 0,
        lastMessageAt: undefined,
        createdAt: kit.clock.now(),
        updatedAt: kit.clock.now(),
      },
    );
    assert.deepEqual(await kit.store.conversation("app", made.id), made);
    assert.equal(await kit.store.conversation("app", "nonsense"), undefined);
  });

  it("are unique by their members alone, in any order and repeated", async () => {
    const start = (members: string[], name: string) =>
      kit.store.startConversation("app", {
        kind: "normal",
        creator: members[0]!,
        members,
        unique: true,
        attributes: { name },
      });
    const first = await start(["tom", "jerry"], "first");
    assert.equal(first.existing, false);
    assert.match(first.conversation.uniqueId ?? "", /^[0-9a-f]{32}$/);
    const again = await start(["jerry", "tom", "tom"], "second");
    assert.deepEqual(again, { conversation: first.conversation, existing: true, told: [] });
    assert.equal((await start(["tom", "jerry", "spike"], "third")).existing, false);
    assert.equal((await start(['tom","jerry'], "fourth")).existing, false);

    // Its identity stays when members come and go.
    await kit.store.addMembers("app", first.conversation.id, "tom", ["spike"]);
    await kit.store.removeMembers("app", first.conversation.id, "tom", ["spike"]);
    const later = await start(["tom", "jerry"], "fifth");
    assert.equal(later.conversation.id, first.conversation.id);
  });

  it("that are unique are never found with other members than were asked for", async () => {
    const start = async (members: [string, ...string[]], kind: "normal" | "temporary" = "normal") =>
      (await kit.store.startConversation("app", {
        kind,
        creator: members[0],
        members,
        unique: true,
        attributes: {},
        ...(kind === "temporary" ? { ttl: 60_000 } : {}),
      })).conversation;
    const { store } = kit;
    const first = await start(["tom", "jerry"]);
    await store.addMembers("app", first.id, "tom", ["spike"]);
    const second = await start(["jerry", "tom"]);
    assert.notEqual(second.id, first.id);
    assert.deepEqual([...second.members], ["jerry", "tom"]);
    assert.equal((await start(["tom", "jerry"])).id, second.id);

    await store.setStanding("app", second.id, "jerry", ["tom"], "blocked", true);
    const third = await start(["tom", "jerry"]);
    assert.ok(![first.id, second.id].includes(third.id));
    assert.deepEqual([...third.members], ["tom", "jerry"]);
    await store.removeMembers("app", third.id, "tom", ["tom"]);
    const alone = await store.conversation("app", third.id);
    assert.deepEqual([...alone!.members], ["jerry"]);
    const fourth = await start(["jerry", "tom"]);
    assert.deepEqual([...fourth.members], ["jerry", "tom"]);
    assert.equal((await start(["tom", "jerry"], "temporary")).kind, "temporary");
  });

  it("that are not unique are made anew each time", async () => {
    assert.notEqual((await kit.start(["tom"])).id, (await kit.start(["tom"])).id);
    assert.equal((await kit.start(["tom"], { unique: true })).unique, true);
  });

  it("that start at the same time and are unique are one", async () => {
    const all = await Promise.all(
      Array.from({ length: 5 }, () => kit.start(["tom", "jerry"], { unique: true })),
    );
    assert.equal(new Set(all.map(({ id }) => id)).size, 1);
  });

  it("have 500 members at most, and 10 when they are temporary", async () => {
    assert.equal((await kit.start(names(500))).members.size, 500);
    await refused(kit.start(names(501)), 4304);
    assert.equal((await kit.start(names(10), { kind: "temporary" })).members.size, 10);
    await refused(kit.start(names(11), { kind: "temporary" }), 4304);
  });

  it("that are rooms have no members, and anybody talks", async () => {
    const room = await kit.start(["tom", "jerry"], { kind: "room", unique: true });
    assert.equal(room.members.size, 0);
    assert.equal(room.unique, false);
    assert.equal((await kit.say(room, "spike")).message.seq, 1);
    assert.deepEqual(await kit.store.unread("app", "tom"), []);
    await refused(kit.store.addMembers("app", room.id, "spike", ["spike"]), 4314);
  });

  it("that are temporary end", async () => {
    const made = await kit.start(["tom", "jerry"], { kind: "temporary", unique: true, ttl: 5000 });
    assert.match(made.id, /^_tmp:[0-9a-f]{24}$/);
    assert.equal(made.expiresAt, kit.clock.now() + 5000);
    await kit.say(made, "tom");
    assert.equal(
      (await kit.start(["jerry", "tom"], { kind: "temporary", unique: true })).id,
      made.id,
    );
    await refused(kit.store.addMembers("app", made.id, "tom", ["spike"]), 4308);
    await refused(kit.store.removeMembers("app", made.id, "tom", ["tom"]), 4308);
    await kit.clock.advance(5000);
    assert.equal(await kit.store.conversation("app", made.id), undefined);
    assert.deepEqual(await kit.store.unread("app", "jerry"), []);
    await refused(kit.say(made, "tom"), 4303);
    const next = await kit.start(["tom", "jerry"], { kind: "temporary", unique: true });
    assert.notEqual(next.id, made.id);
    assert.equal(next.seq, 0);
  });

  it("of two apps never meet", async () => {
    const one = await kit.start(["tom", "jerry"], { unique: true }, "one");
    const two = await kit.start(["tom", "jerry"], { unique: true }, "two");
    assert.notEqual(one.id, two.id);
    await kit.say(one, "tom", { dt: "same" }, "one");
    assert.equal(await kit.store.conversation("two", one.id), undefined);
    // Names that run into each other when they are put together.
    assert.equal(await kit.store.conversation("on", `e${one.id}`), undefined);
    await refused(kit.say(one, "tom", {}, "two"), 4401);
    assert.equal((await kit.say(two, "tom", { dt: "same" }, "two")).repeated, false);
    assert.equal((await kit.store.unread("one", "jerry")).length, 1);
    await kit.store.markRead("one", "jerry", one.id, { newest: true });
    assert.equal((await kit.store.unread("two", "jerry")).length, 1);
    const query = { where: { m: "tom" }, sort: [], skip: 0, limit: 10 };
    assert.deepEqual((await kit.store.findConversations("two", query)).map(({ id }) => id), [
      two.id,
    ]);
    assert.deepEqual(await kit.store.messagesAfter("two", one.id, 0, 10), []);
    await refused(kit.store.addMembers("two", one.id, "tom", ["spike"]), 4303);
  });
}

function members(kit: Kit): void {
  it("are added by members, and anybody adds itself", async () => {
    const made = await kit.start(["tom"]);
    await kit.clock.advance(10);
    const change = await kit.store.addMembers("app", made.id, "tom", ["jerry", "tom", "jerry"]);
    assert.deepEqual(change.changed, ["jerry"]);
    assert.deepEqual(change.allowed, ["jerry", "tom"]);
    assert.deepEqual(change.refused, []);
    assert.deepEqual([...change.conversation.members], ["tom", "jerry"]);
    assert.equal(change.conversation.updatedAt, kit.clock.now());
    assert.equal(
      (await kit.store.addMembers("app", made.id, "spike", ["spike"])).changed.length,
      1,
    );
    await refused(kit.store.addMembers("app", made.id, "butch", ["butch", "nibbles"]), 4317);
    await refused(kit.store.addMembers("app", "nonsense", "tom", ["jerry"]), 4303);
    const now = await kit.store.conversation("app", made.id);
    assert.deepEqual([...now!.members], ["tom", "jerry", "spike"]);
  });

  it("beyond 500 are refused one by one", async () => {
    const made = await kit.start(names(499));
    const change = await kit.store.addMembers("app", made.id, "client-0", ["a", "b", "client-1"]);
    assert.deepEqual(change.changed, ["a"]);
    assert.deepEqual(change.allowed, ["a", "client-1"]);
    assert.deepEqual(change.refused, [{ code: 4304, clients: ["b"] }]);
    assert.equal((await kit.store.conversation("app", made.id))!.members.size, 500);
  });

  it("are removed by members, themselves included, and may come back", async () => {
    const made = await kit.start(["tom", "jerry", "spike"]);
    const change = await kit.store.removeMembers("app", made.id, "tom", ["jerry", "nobody"]);
    assert.deepEqual(change.changed, ["jerry"]);
    assert.deepEqual(change.allowed, ["jerry", "nobody"]);
    await refused(kit.store.removeMembers("app", made.id, "jerry", ["tom"]), 4317);
    await refused(kit.say(made, "jerry"), 4401);
    await kit.store.removeMembers("app", made.id, "tom", ["tom"]);
    const back = await kit.store.addMembers("app", made.id, "spike", ["tom"]);
    assert.deepEqual([...back.conversation.members], ["spike", "tom"]);
    assert.deepEqual([...(await kit.store.conversation("app", made.id))!.members], [
      "spike",
      "tom",
    ]);
  });

  it("that a conversation was given out with do not change under the reader", async () => {
    const made = await kit.start(["tom"]);
    await kit.store.addMembers("app", made.id, "tom", ["jerry"]);
    assert.deepEqual([...made.members], ["tom"]);
  });
}

function appending(kit: Kit): void {
  it("gives concurrent messages places without a gap, in the order of the calls", async () => {
    const made = await kit.start(["tom", "jerry"]);
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, i) => kit.say(made, i % 2 ? "tom" : "jerry")),
    );
    assert.deepEqual(all.map(({ message }) => message.seq), all.map((_, i) => i + 1));
    assert.equal(new Set(all.map(({ message }) => message.id)).size, 30);
    for (const { message: { id } } of all) assert.match(id, /^[\w-]{22}$/);
    const { conversation } = all.at(-1)!;
    assert.equal(conversation.seq, 30);
    assert.equal(conversation.lastMessageAt, all.at(-1)!.message.timestamp);
    assert.deepEqual(await kit.store.conversation("app", made.id), conversation);
    const kept = await kit.store.messagesAfter("app", made.id, 0, 100);
    assert.deepEqual(kept, all.map(({ message }) => message));
  });

  it("gives strictly increasing times when the clock stands still or goes back", async () => {
    const made = await kit.start(["tom"]);
    const [first] = await kit.sayAll(made, ["tom"]);
    assert.equal(first!.timestamp, kit.clock.now());
    await kit.sayAll(made, ["tom", "tom"]);
    kit.clock.jump(kit.clock.now() - 60_000);
    await kit.sayAll(made, ["tom", "tom"]);
    kit.clock.jump(kit.clock.now() + 120_000);
    const [last] = await kit.sayAll(made, ["tom"]);
    assert.equal(last!.timestamp, kit.clock.now());
    const times = (await kit.store.messagesAfter("app", made.id, 0, 9)).map((m) => m.timestamp);
    times.forEach((time, i) => assert.ok(i === 0 || time > times[i - 1]!, String(times)));
  });

  it("keeps text, bytes and all that goes with them", async () => {
    const made = await kit.start(["tom", "jerry"]);
    const bytes = Uint8Array.of(0, 255, 1);
    const first = await kit.say(made, "tom", {
      content: { binary: bytes },
      mentioned: ["jerry", "o'neil"],
      receipt: true,
    });
    bytes.fill(9); // What was lent is its owner's again.
    await kit.say(made, "jerry", { content: { text: "" }, mentionedAll: true });
    const [binary, text] = await kit.store.messagesAfter("app", made.id, 0, 9);
    assert.deepEqual(binary, first.message);
    assert.deepEqual([...binary!.content.binary!], [0, 255, 1]);
    assert.deepEqual(binary!.mentioned, ["jerry", "o'neil"]);
    assert.deepEqual([binary!.receipt, binary!.mentionedAll, binary!.recalled], [
      true,
      false,
      false,
    ]);
    assert.deepEqual(text!.content, { text: "" });
    assert.equal(text!.mentionedAll, true);
  });

  it("keeps a NUL in a text, and takes none in a client id", async () => {
    const made = await kit.start(["tom"]);
    const room = await kit.start(["tom"], { kind: "room" });
    for (const text of ["a\0b", "\0", "中\0😀"]) await kit.say(made, "tom", { content: { text } });
    const kept = await kit.store.messagesAfter("app", made.id, 0, 9);
    assert.deepEqual(kept.map(({ content }) => content.text), ["a\0b", "\0", "中\0😀"]);
    await refused(kit.start(["tom\0x"]), 4103);
    await refused(kit.start(["tom", "tom\0x"]), 4103);
    await refused(kit.store.addMembers("app", made.id, "tom", ["tom\0x"]), 4103);
    await refused(kit.say(room, "tom\0x"), 4103);
    assert.equal((await kit.say(made, "tom", { dt: "a\0b" })).repeated, false);
    assert.equal((await kit.say(made, "tom", { dt: "a\0b" })).repeated, true);
    assert.equal((await kit.say(made, "tom", { dt: "a" })).repeated, false);
    assert.equal(await kit.store.conversation("app", `${made.id}\0`), undefined);
  });

  it("returns the first message for a dt that comes again, and no other's", async () => {
    const made = await kit.start(["tom", "jerry"]);
    const other = await kit.start(["tom"]);
    const first = await kit.say(made, "tom", { dt: "x", content: { text: "one" } });
    assert.equal(first.repeated, false);
    await kit.say(made, "jerry");
    await kit.clock.advance(6 * 86_400_000);
    const again = await kit.say(made, "tom", { dt: "x", content: { text: "two" } });
    assert.equal(again.repeated, true);
    assert.deepEqual(again.message, first.message);
    assert.equal(again.conversation.seq, 2);
    assert.equal((await kit.say(made, "jerry", { dt: "x" })).repeated, false);
    assert.equal((await kit.say(other, "tom", { dt: "x" })).repeated, false);
    assert.equal((await kit.store.conversation("app", made.id))!.seq, 3);
    const twice = await Promise.all([
      kit.say(made, "tom", { dt: "y" }),
      kit.say(made, "tom", { dt: "y" }),
    ]);
    assert.deepEqual(twice.map(({ repeated, message: { seq } }) => [repeated, seq]), [
      [false, 4],
      [true, 4],
    ]);
  });

  it("is for members of conversations that are there", async () => {
    const made = await kit.start(["tom"]);
    await refused(kit.say(made, "jerry"), 4401);
    await refused(kit.say({ id: "nonsense" }, "tom"), 4401);
    assert.equal((await kit.store.conversation("app", made.id))!.seq, 0);
  });

  it("tells which conversations have grown since", async () => {
    const [a, b] = [await kit.start(["tom"]), await kit.start(["tom"], {}, "other")];
    await kit.say(a, "tom");
    await kit.clock.advance(1000);
    const since = kit.clock.now();
    assert.deepEqual(await kit.store.grownSince(since), []);
    await kit.say(b, "tom", {}, "other");
    assert.deepEqual(await kit.store.grownSince(since), [
      { app: "other", conversation: b.id, seq: 1 },
    ]);
    assert.equal((await kit.store.grownSince(since - 1000)).length, 2);
  });
}

function ending(kit: Kit): void {
  it("finishes what was asked before, and rejects what is asked after", async () => {
    const made = await kit.start(["tom"]);
    const last = kit.say(made, "tom");
    await Promise.all([kit.store.close(), kit.store.close()]);
    assert.equal((await last).message.seq, 1);
    await assert.rejects(kit.say(made, "tom"), /closed/);
    await assert.rejects(kit.store.conversation("app", made.id), /closed/);
  });
}
