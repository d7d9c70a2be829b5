/** What every store must do with roles, and with those who are silenced or blocked, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Conversation, Standing } from "@curlew/server/store";
import { type Kit, names, refused } from "./store_kit.ts";

/** Registers the tests. */
export function storeStandings(kit: Kit): void {
  const set = (which: Standing, id: string, actor: string, clients: readonly string[], on = true) =>
    kit.store.setStanding("app", id, actor, clients, which, on);
  const manage = (id: string, actor: string, client: string, manager = true) =>
    kit.store.setManager("app", id, actor, client, manager);
  const found = async ({ id }: Conversation) => (await kit.store.conversation("app", id))!;

  describe("managers", () => {
    it("are made and unmade by the owner, and by managers of mere members", async () => {
      const talk = await kit.start(["tom", "jerry", "spike"]);
      await kit.clock.advance(5);
      const { conversation: made, changed } = await manage(talk.id, "tom", "jerry");
      assert.equal(changed, true);
      assert.deepEqual(made, { ...talk, managers: new Set(["jerry"]), updatedAt: kit.clock.now() });
      assert.deepEqual(await found(talk), made);
      assert.deepEqual(await manage(talk.id, "tom", "jerry"), {
        conversation: made,
        changed: false,
        told: [],
      });
      await manage(talk.id, "jerry", "spike");
      assert.deepEqual([...(await found(talk)).managers], ["jerry", "spike"]);
      await refused(manage(talk.id, "jerry", "spike", false), 4320);
      await manage(talk.id, "tom", "spike", false);
      assert.deepEqual([...(await found(talk)).managers], ["jerry"]);
    });

    it("are refused where somebody has no say, or is not there", async () => {
      const talk = await kit.start(["tom", "jerry", "spike"]);
      const room = await kit.start(["tom"], { kind: "room" });
      const brief = await kit.start(["tom", "jerry"], { kind: "temporary" });
      await refused(manage(talk.id, "jerry", "jerry"), 4320);
      await refused(manage(talk.id, "jerry", "spike"), 4320);
      await refused(manage(talk.id, "eve", "jerry"), 4317);
      await refused(manage(talk.id, "tom", "eve"), 4317);
      await refused(manage(talk.id, "tom", "tom"), 4324);
      await refused(manage(room.id, "tom", "tom"), 4314);
      await refused(manage(brief.id, "tom", "jerry"), 4308);
      await refused(manage("nonsense", "tom", "jerry"), 4303);
      await manage(talk.id, "tom", "jerry");
      await refused(manage(talk.id, "jerry", "tom"), 4324);
    });

    it("are none any more once they left", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      await manage(talk.id, "tom", "jerry");
      await kit.store.removeMembers("app", talk.id, "jerry", ["jerry"]);
      await kit.store.addMembers("app", talk.id, "tom", ["jerry"]);
      assert.deepEqual([...(await found(talk)).managers], []);
    });
  });

  describe("who is silenced or blocked in a room", () => {
    it("are up to 10,000, and it takes no time to look for a place for each", async () => {
      const room = await kit.start(["tom"], { kind: "room" });
      const all = names(10_001);
      const started = performance.now();
      const { allowed, refused } = await set("blocked", room.id, "tom", all);
      // It was 3 s.
      assert.ok(performance.now() - started < 1_000);
      assert.deepEqual(allowed, all.slice(0, 10_000));
      assert.deepEqual(refused, [{ code: 4543, clients: all.slice(10_000) }]);
      await set("blocked", room.id, "tom", ["client-7"], false);
      await set("blocked", room.id, "tom", ["client-10000"]);
      const { blocked } = await found(room);
      assert.deepEqual([blocked.size, [...blocked].at(-1)], [10_000, "client-10000"]);
    });
  });

  describe("removing members where roles count", () => {
    const rolesCount = { rolesCount: true };

    it("is of those below, and everybody may go but the owner", async () => {
      const talk = await kit.start(["tom", "jerry", "spike", "mary", "butch"]);
      for (const client of ["jerry", "spike"]) await manage(talk.id, "tom", client);
      const remove = async (actor: string, clients: readonly string[]) => {
        const change = await kit.store.removeMembers("app", talk.id, actor, clients, rolesCount);
        return [change.changed, change.allowed, change.refused];
      };
      const unauthorized = (...clients: string[]) => ({ code: 4320, clients });
      assert.deepEqual(await remove("mary", ["butch", "eve", "tom"]), [[], ["eve"], [
        unauthorized("butch"),
        { code: 4324, clients: ["tom"] },
      ]]);
      assert.deepEqual(await remove("jerry", ["spike", "mary"]), [["mary"], ["mary"], [
        unauthorized("spike"),
      ]]);
      assert.deepEqual(await remove("tom", ["tom", "spike"]), [["spike"], ["spike"], [
        { code: 4324, clients: ["tom"] },
      ]]);
      assert.deepEqual(await remove("jerry", ["jerry"]), [["jerry"], ["jerry"], []]);
      assert.deepEqual([...(await found(talk)).members], ["tom", "butch"]);
    });
  });

  for (
    const [which, full, silent] of [["silenced", 4561, 4563], ["blocked", 4543, 4548]] as const
  ) {
    describe(`who is ${which}`, () => {
      it("is decided by owner and managers about those below them, one by one", async () => {
        const talk = await kit.start(["tom", "jerry", "spike", "mary"]);
        for (const client of ["jerry", "spike"]) await manage(talk.id, "tom", client);
        const { changed, allowed, refused: left } = await set(which, talk.id, "jerry", [
          "mary",
          "spike",
          "eve",
          "mary",
          "tom",
        ]);
        assert.deepEqual(changed, ["mary", "eve"]);
        assert.deepEqual(allowed, ["mary", "eve"]);
        assert.deepEqual(left, [{ code: 4320, clients: ["spike", "tom"] }]);
        assert.deepEqual([...(await found(talk))[which]], ["mary", "eve"]);
        const again = await set(which, talk.id, "tom", ["eve", "spike"]);
        assert.deepEqual([again.changed, again.allowed], [["spike"], ["eve", "spike"]]);
        const back = await set(which, talk.id, "tom", ["mary", "nobody"], false);
        assert.deepEqual([back.changed, back.allowed], [["mary"], ["mary", "nobody"]]);
        assert.deepEqual([...(await found(talk))[which]], ["eve", "spike"]);
      });

      it("is not decided by others, nor in what is temporary", async () => {
        const talk = await kit.start(["tom", "jerry"]);
        const room = await kit.start(["tom"], { kind: "room" });
        const brief = await kit.start(["tom", "jerry"], { kind: "temporary" });
        for (const on of [true, false]) {
          await refused(set(which, talk.id, "jerry", ["jerry"], on), 4320);
          await refused(set(which, talk.id, "eve", ["jerry"], on), 4317);
          await refused(set(which, room.id, "jerry", ["eve"], on), 4320);
          await refused(set(which, brief.id, "tom", ["jerry"], on), 4308);
          await refused(set(which, "nonsense", "tom", ["jerry"], on), 4303);
        }
        await refused(set(which, talk.id, "tom", ["a\0b"]), 4103);
      });

      it(`may not send, and is refused with ${silent}; in a room too`, async () => {
        const talk = await kit.start(["tom", "jerry"]);
        const room = await kit.start(["tom"], { kind: "room" });
        const { message } = await kit.say(talk, "jerry");
        for (const { id } of [talk, room]) await set(which, id, "tom", ["jerry"]);
        await refused(kit.say(room, "jerry"), silent);
        // Who is blocked is no member any more.
        await refused(kit.say(talk, "jerry"), which === "blocked" ? 4401 : silent);
        const patch = { conversation: talk.id, id: message.id, from: "jerry" };
        const edit = { content: { text: "!" }, mentioned: [], mentionedAll: false };
        await assert.rejects(kit.store.applyPatch("app", { ...patch, edit }));
        if (which === "silenced") await kit.store.applyPatch("app", patch);
        await set(which, room.id, "tom", ["jerry"], false);
        await kit.say(room, "jerry");
      });

      it("are 500 at most", async () => {
        const talk = await kit.start(["tom"]);
        await set(which, talk.id, "tom", names(499));
        const { changed, allowed, refused: left } = await set(which, talk.id, "tom", [
          "client-0",
          "one",
          "two",
        ]);
        assert.deepEqual([changed, allowed], [["one"], ["client-0", "one"]]);
        assert.deepEqual(left, [{ code: full, clients: ["two"] }]);
      });
    });
  }

  describe("who is blocked", () => {
    it("is removed, and can't be added or join until that is taken back", async () => {
      const talk = await kit.start(["tom", "jerry", "spike"]);
      await manage(talk.id, "tom", "jerry");
      const { left, conversation } = await set("blocked", talk.id, "tom", ["jerry", "eve"]);
      assert.deepEqual(left, ["jerry"]);
      assert.deepEqual([[...conversation.members], [...conversation.managers]], [
        ["tom", "spike"],
        [],
      ]);
      assert.deepEqual(await kit.store.unread("app", "jerry"), []);
      const add = (actor: string, ...clients: string[]) =>
        kit.store.addMembers("app", talk.id, actor, clients);
      const { changed, allowed, refused: not } = await add("tom", "jerry", "mary", "tom");
      assert.deepEqual([changed, allowed], [["mary"], ["mary", "tom"]]);
      assert.deepEqual(not, [{ code: 4548, clients: ["jerry"] }]);
      assert.deepEqual((await add("eve", "eve")).refused, [{ code: 4548, clients: ["eve"] }]);
      await set("blocked", talk.id, "tom", ["jerry"], false);
      assert.deepEqual((await add("jerry", "jerry")).changed, ["jerry"]);
    });
  });
}
