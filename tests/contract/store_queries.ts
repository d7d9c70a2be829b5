/** What every store must find: history, places, conversations. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { HistoryRange, Json } from "@curlew/server/store";
import { type Kit, refused } from "./store_kit.ts";

/** Registers the tests. */
export function storeQueries(kit: Kit): void {
  describe("history", () => {
    const places = async (id: string, range: Partial<HistoryRange>) =>
      (await kit.store.history("app", {
        conversation: id,
        reader: "tom",
        direction: "older",
        limit: 100,
        ...range,
      })).map(({ seq }) => seq);

    it("comes oldest first in both directions, and keeps the near end", async () => {
      const made = await kit.start(["tom"]);
      await kit.sayAll(made, ["tom", "tom", "tom", "tom"]);
      assert.deepEqual(await places(made.id, { limit: 3 }), [2, 3, 4]);
      assert.deepEqual(await places(made.id, { limit: 3, direction: "newer" }), [1, 2, 3]);
      assert.deepEqual(await places(made.id, { limit: 0 }), []);
      assert.deepEqual(await places(made.id, { limit: -1 }), []);
    });

    it("has ends that belong to it or not, told apart by id at the same time", async () => {
      const made = await kit.start(["tom"]);
      const all = await kit.sayAll(made, ["tom", "tom", "tom", "tom", "tom"]);
      const end = (place: number, included: boolean, id?: string) => ({
        timestamp: all[place - 1]!.timestamp,
        included,
        ...(id === undefined ? {} : { id }),
      });
      const own = (place: number) => all[place - 1]!.id;
      assert.deepEqual(await places(made.id, { from: end(4, false), to: end(2, false) }), [3]);
      assert.deepEqual(await places(made.id, { from: end(4, true), to: end(2, true) }), [2, 3, 4]);
      const newer = { direction: "newer" as const };
      assert.deepEqual(
        await places(made.id, { ...newer, from: end(2, false), to: end(4, true) }),
        [3, 4],
      );
      assert.deepEqual(await places(made.id, { from: end(3, false, own(3)) }), [1, 2]);
      assert.deepEqual(await places(made.id, { from: end(3, true, own(3)) }), [1, 2, 3]);
      assert.deepEqual(await places(made.id, { from: end(3, false, "~") }), [1, 2, 3]);
      assert.deepEqual(await places(made.id, { from: end(3, true, "!") }), [1, 2]);
      assert.deepEqual(await places(made.id, { to: end(3, false, "!") }), [3, 4, 5]);
      assert.deepEqual(await places(made.id, { to: end(3, true, "~") }), [4, 5]);
      assert.deepEqual(await places(made.id, { from: end(2, true), to: end(4, true) }), []);
    });

    it("is filtered by the type in a message's text", async () => {
      const made = await kit.start(["tom"]);
      const say = (text: string) => kit.say(made, "tom", { content: { text } });
      await say('{"_lctype":-1,"_lctext":"hi"}');
      await say('{"_lctype":-2}');
      await say('broken {"_lctype":-1}');
      await say("plain");
      await kit.say(made, "tom", { content: { binary: Uint8Array.of(1) } });
      await say('{"_lctype":-1}');
      assert.deepEqual(await places(made.id, { type: -1 }), [1, 6]);
      assert.deepEqual(await places(made.id, { type: -1, limit: 1 }), [6]);
      assert.deepEqual(await places(made.id, { type: 7 }), []);
    });

    it("is for members of conversations that are there", async () => {
      const made = await kit.start(["tom"]);
      await refused(places(made.id, { reader: "jerry" }), 4312);
      await refused(places("nonsense", {}), 4303);
      const room = await kit.start(["tom"], { kind: "room" });
      await kit.say(room, "jerry");
      assert.deepEqual(await places(room.id, { reader: "spike" }), [1]);
    });
  });

  describe("places", () => {
    it("are read from one on, and found by time", async () => {
      const made = await kit.start(["tom"]);
      const start = kit.clock.now();
      for (let i = 0; i < 5; i++) {
        await kit.say(made, "tom");
        await kit.clock.advance(10);
      }
      const after = async (place: number, limit: number) =>
        (await kit.store.messagesAfter("app", made.id, place, limit)).map(({ seq }) => seq);
      assert.deepEqual(await after(2, 2), [3, 4]);
      assert.deepEqual(await after(5, 10), []);
      assert.deepEqual(await after(9, 10), []);
      const at = (time: number) => kit.store.seqAt("app", made.id, time);
      assert.equal(await at(start - 1), 0);
      assert.equal(await at(start), 1);
      assert.equal(await at(start + 19), 2);
      assert.equal(await at(start + 1000), 5);
      assert.equal(await kit.store.seqAt("app", "nonsense", start), 0);
      assert.deepEqual(await kit.store.messagesAfter("app", "nonsense", 0, 10), []);
    });
  });

  describe("finding conversations", () => {
    const find = async (
      where: { [key: string]: Json },
      more: { sort?: string[]; skip?: number; limit?: number } = {},
    ) =>
      (await kit.store.findConversations("app", {
        where,
        sort: ["name"],
        skip: 0,
        limit: 100,
        ...more,
      })).map(({ attributes }) => attributes.name);

    const fill = async () => {
      const iso = "2024-05-06T07:08:09.000Z";
      const a = await kit.start(["tom", "jerry"], {
        unique: true,
        attributes: {
          name: "a",
          attr: { level: 1, tags: ["x", "y"] },
          due: { __type: "Date", iso },
        },
      });
      await kit.clock.advance(1000);
      const b = await kit.start(["jerry"], {
        attributes: { name: "b", attr: { level: 2.5 }, flag: true },
      });
      await kit.clock.advance(1000);
      const c = await kit.start(["spike"], { kind: "room", attributes: { name: "c", flag: null } });
      await kit.start(["tom"], { kind: "temporary", attributes: { name: "d" } });
      await kit.say(b, "jerry");
      return { a, b, c };
    };
    const date = (time: number): Json => ({ __type: "Date", iso: new Date(time).toISOString() });

    it("is by what they are, and never a temporary one", async () => {
      const { a, b, c } = await fill();
      assert.deepEqual(await find({}), ["a", "b", "c"]);
      assert.deepEqual(await find({ objectId: a.id }), ["a"]);
      assert.deepEqual(await find({ objectId: { $in: [b.id, c.id, "nonsense"] } }), ["b", "c"]);
      assert.deepEqual(await find({ objectId: { $ne: a.id } }), ["b", "c"]);
      assert.deepEqual(await find({ m: "jerry" }), ["a", "b"]);
      assert.deepEqual(await find({ m: { $all: ["jerry", "tom"], $size: 2 } }), ["a"]);
      assert.deepEqual(await find({ m: { $all: ["jerry"], $size: 1 } }), ["b"]);
      assert.deepEqual(await find({ m: { $nin: ["tom"] } }), ["b", "c"]);
      assert.deepEqual(await find({ m: ["tom", "jerry"] }), ["a"]);
      assert.deepEqual(await find({ m: [] }), ["c"]);
      assert.deepEqual(await find({ c: "spike" }), ["c"]);
      assert.deepEqual(await find({ tr: true }), ["c"]);
      assert.deepEqual(await find({ tr: false, sys: false, unique: true }), ["a"]);
      assert.deepEqual(await find({ uniqueId: a.uniqueId! }), ["a"]);
      assert.deepEqual(await find({ createdAt: { $gt: date(a.createdAt) } }), ["b", "c"]);
      assert.deepEqual(await find({ createdAt: date(b.createdAt) }), ["b"]);
      assert.deepEqual(await find({ lm: { $exists: true } }), ["b"]);
      assert.deepEqual(await find({ lm: { $lte: date(kit.clock.now()) } }), ["b"]);
      assert.deepEqual(await find({ lm: null }), ["a", "c"]);
    });

    it("is by attributes, by dotted keys, and by combinations", async () => {
      await fill();
      assert.deepEqual(await find({ name: "b" }), ["b"]);
      assert.deepEqual(await find({ "attr.level": { $gte: 1, $lt: 2.5 } }), ["a"]);
      assert.deepEqual(await find({ "attr.level": 2.5 }), ["b"]);
      assert.deepEqual(await find({ "attr.tags": "x" }), ["a"]);
      assert.deepEqual(await find({ "attr.tags": { $size: 2 } }), ["a"]);
      assert.deepEqual(await find({ "attr.tags.x": "x" }), []);
      assert.deepEqual(await find({ attr: { level: 2.5 } }), ["b"]);
      assert.deepEqual(await find({ flag: true }), ["b"]);
      assert.deepEqual(await find({ flag: 1 }), []);
      assert.deepEqual(await find({ flag: null }), ["a", "c"]);
      assert.deepEqual(await find({ flag: { $exists: true } }), ["b", "c"]);
      assert.deepEqual(await find({ due: { $gt: date(0) } }), ["a"]);
      assert.deepEqual(await find({ $or: [{ name: "a" }, { tr: true }] }), ["a", "c"]);
      assert.deepEqual(await find({ $and: [{ m: "jerry" }, { name: { $ne: "a" } }] }), ["b"]);
      assert.deepEqual(await find({ name: "' OR 1=1 --" }), []);
      assert.deepEqual(await find({ "name' OR '1'='1": "x" }), []);
    });

    it("is by regular expressions, quoted ones too", async () => {
      const name = "Rain (heavy) \\E 中\nsecond";
      await kit.start(["tom"], { attributes: { name, list: ["x", "why"] } });
      await kit.start(["tom"], { attributes: { name: "rain", list: "why not" } });
      const count = async (where: { [key: string]: Json }) => (await find(where)).length;
      assert.equal(await count({ name: { $regex: "rain", $options: "i" } }), 2);
      assert.equal(await count({ name: { $regex: "^rain" } }), 1);
      assert.equal(await count({ name: { $regex: "\\Q(heavy) \\E\\\\E\\Q 中\\E" } }), 1);
      assert.equal(await count({ name: { $regex: "^second$" } }), 0);
      assert.equal(await count({ name: { $regex: "^second$", $options: "m" } }), 1);
      assert.equal(await count({ name: { $regex: "中.second", $options: "s" } }), 1);
      assert.equal(await count({ list: { $regex: "^why" } }), 2);
      assert.equal(await count({ list: { $regex: "^why$", $ne: "x" } }), 0);
      assert.equal(await count({ none: { $regex: "" } }), 0);
    });

    it("takes a time that no regular expression can draw out", async () => {
      await kit.start(["tom"], { attributes: { name: `${"a".repeat(5_000)}!` } });
      for (const $regex of ["(a+)+$", "(a|a)+$", "(a*)*b", "(.*a){20}$"]) {
        assert.deepEqual(await find({ name: { $regex } }), []);
      }
    });

    it("is refused where its regular expressions have too much to do, and no query after it", async () => {
      for (let n = 0; n < 20; n++) {
        await kit.start(["tom"], { attributes: { name: `${n} ${"a".repeat(5_000)}` } });
      }
      const started = performance.now();
      await refused(find({ name: { $regex: "(?:\\pL?){500}[qz]" } }), 4310);
      assert.ok(performance.now() - started < 10_000);
      assert.equal((await find({ name: { $regex: "^1[0-9] a*$" } })).length, 10);
    });

    it("is sorted and cut", async () => {
      await fill();
      assert.deepEqual(await find({}, { sort: ["-name"] }), ["c", "b", "a"]);
      assert.deepEqual(await find({}, { sort: ["-lm", "-createdAt"] }), ["b", "c", "a"]);
      assert.deepEqual(await find({}, { sort: ["-attr.level"] }), ["b", "a", "c"]);
      assert.deepEqual(await find({}, { skip: 1, limit: 1 }), ["b"]);
      assert.deepEqual(await find({}, { limit: 0 }), []);
      assert.deepEqual(await find({}, { skip: -5, limit: 1 }), ["a"]);
    });

    it("refuses what it does not know, and what is too much", async () => {
      const bad = (where: { [key: string]: Json }, message: RegExp) =>
        assert.rejects(find(where), { code: 4310, name: "CONVERSATION_QUERY_FAILED", message });
      await bad({ name: { $where: "x" } }, /\$where/);
      await bad({ $nor: [] }, /\$nor/);
      await bad({ name: { toString: 1, $eq: 1 } }, /toString/);
      await bad({ name: { $in: "x" } }, /\$in/);
      await bad({ name: { $gt: null } }, /\$gt/);
      await bad({ name: { $regex: 7 } }, /\$regex/);
      await bad({ name: { $regex: "(" } }, /\$regex.*\(/);
      await bad({ name: { $regex: "(?=a)" } }, /\$regex/);
      await bad({ name: { $regex: "(a)\\1" } }, /\$regex/);
      await bad({ name: { $regex: "((a{1000}){1000})" } }, /\$regex/);
      await bad({ name: { $regex: "a".repeat(1_001) } }, /1000 characters/);
      const many = Array.from({ length: 11 }, () => ({ name: { $regex: "a" } }));
      await bad({ $or: many }, /10 regular expressions/);
      await bad({ name: { $regex: "a", $options: "x" } }, /\$options/);
      await bad({ name: { $regex: "a", $options: 1 } }, /\$options/);
      await bad({ name: { $options: "i" } }, /\$options/);
      await bad({ 'a"b': 1 }, /key/);
      await bad({ "a..b": 1 }, /key/);
      await bad({ [Array(20).fill("a").join(".")]: 1 }, /key/);
      await bad({ name: { $in: Array(1001).fill(1) } }, /1000/);
      await bad({ $or: Array.from({ length: 101 }, () => ({ a: 1 })) }, /conditions/);
      let deep: { [key: string]: Json } = { a: 1 };
      for (let i = 0; i < 20; i++) deep = { $and: [deep] };
      await bad(deep, /deep/);
      await assert.rejects(find({}, { sort: ['x"y'] }), { code: 4310 });
    });
  });
}
