/** What every store must do with what was told of conversations, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NewNotice } from "@curlew/server/store";
import { type Kit, refused } from "./store_kit.ts";

const DAY = 86_400_000;

/** Registers the tests. */
export function storeNotices(kit: Kit): void {
  const keep = (id: string, to: NewNotice["to"], ...commands: readonly string[]) =>
    kit.store.keepNotices("app", id, commands.map((command) => ({ to, command: { command } })));
  const toldTo = async (client: string, since = 0, limit = 99) => {
    const notices = await kit.store.notices("app", client, since, limit);
    return notices.map(({ command }) => (command as { readonly command: string }).command);
  };

  describe("what was told", () => {
    it("is heard by who is a member when it asks, and by whom it was told to", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const other = await kit.start(["jerry", "spike"]);
      await keep(talk.id, "members", "one");
      await keep(other.id, "members", "two");
      await keep(talk.id, ["spike", "eve"], "three");
      assert.deepEqual(await toldTo("tom"), ["one"]);
      assert.deepEqual(await toldTo("jerry"), ["one", "two"]);
      assert.deepEqual(await toldTo("spike"), ["two", "three"]);
      assert.deepEqual(await toldTo("eve"), ["three"]);
      assert.deepEqual(await kit.store.notices("elsewhere", "tom", 0, 99), []);
      await kit.store.removeMembers("app", talk.id, "tom", ["tom"]);
      await kit.store.addMembers("app", talk.id, "jerry", ["eve"]);
      assert.deepEqual(await toldTo("tom"), []);
      assert.deepEqual(await toldTo("eve"), ["one", "three"]);
    });

    it("has times that rise, and is asked for after one of them, a page at a time", async () => {
      const talk = await kit.start(["tom"]);
      const [one, two] = await keep(talk.id, "members", "one", "two");
      kit.clock.jump(kit.clock.now() - 5_000);
      const [three] = await keep(talk.id, ["tom"], "three");
      assert.deepEqual([two! - one!, three! - two!], [1, 1]);
      assert.deepEqual(await toldTo("tom", one), ["two", "three"]);
      assert.deepEqual(await toldTo("tom", 0, 2), ["one", "two"]);
      assert.deepEqual(await toldTo("tom", three), []);
      const notices = await kit.store.notices("app", "tom", 0, 99);
      assert.deepEqual(notices.map(({ at }) => at), [one, two, three]);
    });

    it("is forgotten after 7 days", async () => {
      const talk = await kit.start(["tom"]);
      await keep(talk.id, "members", "old");
      await keep(talk.id, ["tom"], "old too");
      await kit.clock.advance(7 * DAY - 1_000);
      assert.deepEqual(await toldTo("tom"), ["old", "old too"]);
      await kit.clock.advance(2_000);
      assert.deepEqual(await toldTo("tom"), []);
      await keep(talk.id, "members", "new");
      assert.deepEqual(await toldTo("tom"), ["new"]);
    });

    it("needs a conversation", async () => {
      await refused(keep("nonsense", "members", "one"), 4303);
    });
  });
}
