/** What every store must do with what a conversation's members note on it, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Json } from "@curlew/server/store";
import { type Kit, refused } from "./store_kit.ts";

/** Registers the tests. */
export function storeAttributes(kit: Kit): void {
  const update = async (
    id: string,
    changes: { readonly [path: string]: Json },
    actor = "tom",
  ) => (await kit.store.updateConversation("app", id, actor, changes)).conversation;

  describe("changing attributes", () => {
    it("sets some by their paths, and leaves the others as they are", async () => {
      const attributes = { name: "x", attr: { color: "red", size: { w: 1, h: 2 } }, other: [1] };
      const talk = await kit.start(["tom", "jerry"], { attributes });
      await kit.clock.advance(10);
      const changes = { name: "y", "attr.color": null, "attr.size.w": 3, "new.deep.er": "ä" };
      const changed = await update(talk.id, changes, "jerry");
      assert.deepEqual(changed, {
        ...talk,
        updatedAt: kit.clock.now(),
        attributes: {
          name: "y",
          attr: { color: null, size: { w: 3, h: 2 } },
          other: [1],
          new: { deep: { er: "ä" } },
        },
      });
      assert.deepEqual(await kit.store.conversation("app", talk.id), changed);
      const find = (where: { readonly [key: string]: Json }) =>
        kit.store.findConversations("app", { where, sort: [], skip: 0, limit: 9 });
      assert.deepEqual(await find({ "attr.size.w": 3 }), [changed]);
      assert.deepEqual(await find({ "attr.color": "red" }), []);
    });

    it("knows LeanCloud's operators", async () => {
      const attributes = { gone: 1, attr: { n: 2, list: ["a", { b: 1 }, "a"] } };
      const talk = await kit.start(["tom"], { attributes });
      const changes: { readonly [path: string]: Json } = {
        gone: { __op: "Delete" },
        "attr.absent": { __op: "Delete" },
        "attr.n": { __op: "Increment", amount: 3 },
        "attr.m": { __op: "Increment", amount: -1 },
        "attr.list": { __op: "Remove", objects: ["a"] },
        added: { __op: "Add", objects: [1, 1] },
        unique: { __op: "AddUnique", objects: [1, 1, { c: 2 }] },
      };
      const { attributes: first } = await update(talk.id, changes);
      assert.deepEqual(first, {
        attr: { n: 5, m: -1, list: [{ b: 1 }] },
        added: [1, 1],
        unique: [1, { c: 2 }],
      });
      const { attributes: then } = await update(talk.id, {
        unique: { __op: "AddUnique", objects: [{ c: 2 }, 3] },
        added: { __op: "Add", objects: [2] },
      });
      assert.deepEqual([then.unique, then.added], [[1, { c: 2 }, 3], [1, 1, 2]]);
    });

    it("takes a time in proportion to what is asked, whatever a client sends", async () => {
      const talk = await kit.start(["tom"]);
      const numbers = (first: number) => Array.from({ length: 6_000 }, (_, n) => first + n);
      const keys = (value: Json) => Object.fromEntries(numbers(0).map((n) => [`k${n}`, value]));
      const started = performance.now();
      await update(talk.id, { list: { __op: "AddUnique", objects: numbers(0) } });
      await update(talk.id, { list: { __op: "Remove", objects: numbers(6_000) } });
      await update(talk.id, { list: { __op: "Delete" }, nothing: null, ...keys(1) });
      const { attributes } = await update(talk.id, { ...keys(2), "nothing.more": 3 });
      assert.deepEqual(attributes, { nothing: { more: 3 }, ...keys(2) });
      // With the square of it, it was 20 s.
      assert.ok(performance.now() - started < 2_000);
    });

    it("is refused with 4306 where it can't be, and changes nothing then", async () => {
      const attributes = { name: "x", list: [1] };
      const talk = await kit.start(["tom"], { attributes });
      const impossible: readonly { readonly [path: string]: Json }[] = [
        { "": 1 },
        { "a..b": 1 },
        { "a.": 1 },
        { "$set": 1 },
        { "a.$b": 1 },
        { ["__proto__"]: 1 },
        { "a.__proto__.b": 1 },
        { "name.first": 1 },
        { "list.0": 1 },
        { list: { __op: "Increment", amount: 1 } },
        { name: { __op: "Add", objects: [1] } },
        { list: { __op: "Add", objects: 1 } },
        { name: { __op: "Explode" } },
        { name: { __op: "toString" } },
        { [Array.from({ length: 101 }, () => "a").join(".")]: 1 },
        { big: "x".repeat(65_536) },
      ];
      for (const changes of impossible) {
        await refused(update(talk.id, { name: "changed", ...changes }), 4306);
      }
      assert.deepEqual(await kit.store.conversation("app", talk.id), talk);
    });

    it("is refused to who may not: no member, and in a room not its creator", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const room = await kit.start(["tom"], { kind: "room" });
      const brief = await kit.start(["tom"], { kind: "temporary" });
      await refused(update(talk.id, { name: "x" }, "eve"), 4309);
      await refused(update(room.id, { name: "x" }, "jerry"), 4309);
      await refused(update(brief.id, { name: "x" }), 4308);
      await refused(update("nonsense", { name: "x" }), 4303);
      await refused(kit.store.updateConversation("other", talk.id, "tom", { name: "x" }), 4303);
      assert.equal((await update(room.id, { name: "x" })).attributes.name, "x");
    });
  });

  describe("offline pushes", () => {
    it("are unwanted by those who said so, until they take it back or leave", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const mute = (client: string, muted: boolean) =>
        kit.store.setMuted("app", talk.id, client, muted);
      const muted = async () => [...(await kit.store.conversation("app", talk.id))!.muted];
      await mute("tom", true);
      const { updatedAt } = await mute("jerry", true);
      await mute("jerry", true);
      assert.equal(updatedAt, talk.updatedAt);
      assert.deepEqual(await muted(), ["tom", "jerry"]);
      await mute("tom", false);
      assert.deepEqual(await muted(), ["jerry"]);
      const found = await kit.store.findConversations("app", {
        where: { mu: "jerry" },
        sort: [],
        skip: 0,
        limit: 9,
      });
      assert.deepEqual(found.map(({ id }) => id), [talk.id]);
      await kit.store.removeMembers("app", talk.id, "jerry", ["jerry"]);
      await kit.store.addMembers("app", talk.id, "jerry", ["jerry"]);
      assert.deepEqual(await muted(), []);
    });

    it("are no matter of who is no member, or where nobody is but in a room", async () => {
      const talk = await kit.start(["tom"]);
      const room = await kit.start(["tom"], { kind: "room" });
      const brief = await kit.start(["tom"], { kind: "temporary" });
      const mute = (id: string, client: string) => kit.store.setMuted("app", id, client, true);
      await refused(mute(talk.id, "eve"), 4317);
      assert.deepEqual(await mute(room.id, "eve"), room);
      await refused(mute(brief.id, "tom"), 4308);
      await refused(mute("nonsense", "tom"), 4303);
    });
  });
}
