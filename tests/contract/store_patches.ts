/** What every store must do with messages that are changed and recalled, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { NewMessage, Patch } from "@curlew/server/store";
import { type Kit, names, refused } from "./store_kit.ts";

const edit = (text: string, more: Partial<NewMessage> = {}): NonNullable<Patch["edit"]> => ({
  content: { text },
  mentioned: [],
  mentionedAll: false,
  ...more,
});

/** Registers the tests. */
export function storePatches(kit: Kit): void {
  const patch = (message: { conversation: string; id: string; from: string }, text?: string) =>
    kit.store.applyPatch("app", {
      conversation: message.conversation,
      id: message.id,
      from: message.from,
      ...(text === undefined ? {} : { edit: edit(text) }),
    });

  describe("changing messages", () => {
    it("changes what a message says and whom it mentions, and nothing else", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const { message } = await kit.say(talk, "tom", { mentioned: ["jerry"], receipt: true });
      await kit.clock.advance(50);
      const bytes = Uint8Array.of(1, 2, 3);
      const { message: changed, conversation } = await kit.store.applyPatch("app", {
        conversation: talk.id,
        id: message.id,
        from: "tom",
        edit: { content: { binary: bytes }, mentioned: ["spike"], mentionedAll: true },
      });
      bytes.fill(9);
      const expected = {
        ...message,
        content: { binary: Uint8Array.of(1, 2, 3) },
        mentioned: ["spike"],
        mentionedAll: true,
        patchedAt: kit.clock.now(),
      };
      assert.deepEqual(changed, expected);
      assert.equal(conversation.seq, 1);
      const history = await kit.store.history("app", {
        conversation: talk.id,
        reader: "jerry",
        direction: "older",
        limit: 9,
      });
      assert.deepEqual(history, [expected]);
      const [unread] = await kit.store.unread("app", "jerry");
      assert.deepEqual([unread!.last, unread!.mentioned, unread!.count], [expected, true, 1]);
    });

    it("keeps text of any kind, and what type of message it became", async () => {
      const talk = await kit.start(["tom"]);
      const { message } = await kit.say(talk, "tom", { content: { text: "plain" } });
      const typed = JSON.stringify({ _lctype: -1, _lctext: "ä\0\u{1f426}" });
      await patch(message, typed);
      const ofType = (type: number) =>
        kit.store.history("app", {
          conversation: talk.id,
          reader: "tom",
          direction: "older",
          limit: 9,
          type,
        });
      assert.deepEqual((await ofType(-1)).map(({ content }) => content.text), [typed]);
      await patch(message);
      assert.deepEqual(await ofType(-1), []);
      assert.equal((await ofType(-127)).length, 1);
    });

    it("recalls a message: what it said is gone, and it can't be changed again", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const { message } = await kit.say(talk, "tom", { mentionedAll: true });
      const { message: recalled } = await patch(message);
      assert.deepEqual(recalled, {
        ...message,
        content: { text: '{"_lctype":-127}' },
        mentionedAll: false,
        recalled: true,
        patchedAt: recalled.patchedAt,
      });
      assert.deepEqual((await patch(message)).message, recalled);
      await refused(patch(message, "no"), 4404);
    });

    it("is refused to others than the author, and where the message is not", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const other = await kit.start(["tom", "jerry"]);
      const { message } = await kit.say(talk, "tom");
      await refused(patch({ ...message, from: "jerry" }, "mine now"), 4403);
      await refused(patch({ ...message, from: "jerry" }), 4403);
      await refused(patch({ ...message, id: "nonsense" }), 4404);
      await refused(patch({ ...message, conversation: other.id }), 4404);
      await refused(patch({ ...message, conversation: "nonsense" }), 4401);
      await refused(patch({ ...message, from: "eve" }), 4401);
      await refused(
        kit.store.applyPatch("other", { conversation: talk.id, id: message.id, from: "tom" }),
        4401,
      );
      await kit.store.removeMembers("app", talk.id, "tom", ["tom"]);
      await refused(patch(message), 4401);
      const [same] = await kit.store.messagesAfter("app", talk.id, 0, 9);
      assert.deepEqual(same, message);
    });

    it("goes on in order of time although the clock goes back", async () => {
      const talk = await kit.start(["tom"]);
      const other = await kit.start(["tom"]);
      const times = [];
      for (const conversation of [talk, other, talk]) {
        const { message } = await kit.say(conversation, "tom");
        times.push((await patch(message, "new")).message.patchedAt!);
        kit.clock.jump(kit.clock.now() - 1_000);
      }
      assert.deepEqual(times, [times[0], times[0]! + 1, times[0]! + 2]);
    });

    it("changes a message whose neighbours are many", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const all = await kit.sayAll(talk, names(300).map((_, n) => n % 2 ? "tom" : "jerry"));
      const { message } = await patch(all[150]!, "new");
      const [found] = await kit.store.messagesAfter("app", talk.id, 150, 1);
      assert.deepEqual(found, message);
    });
  });

  describe("what was changed meanwhile", () => {
    it("is told to members, of their conversations alone, the first change first", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const third = await kit.start(["jerry", "tom"]);
      const foreign = await kit.start(["tom", "spike"]);
      const messages = [];
      for (const conversation of [talk, third, foreign, talk]) {
        messages.push((await kit.say(conversation, "tom")).message);
      }
      const since = kit.clock.now();
      const changed = [];
      for (const message of [messages[3]!, messages[2]!, messages[1]!]) {
        await kit.clock.advance(10);
        changed.push((await patch(message, "new")).message);
      }
      const of = (client: string, after: number, limit = 9) =>
        kit.store.patches("app", client, after, limit);
      assert.deepEqual(await of("jerry", since), [changed[0], changed[2]]);
      assert.deepEqual(await of("jerry", changed[0]!.patchedAt!), [changed[2]]);
      assert.deepEqual(await of("tom", since, 2), [changed[1], changed[2]]);
      assert.deepEqual(await of("eve", since), []);
      assert.deepEqual(await kit.store.patches("other", "tom", since, 9), []);
    });

    it("is told of all apps, with the conversations", async () => {
      const talk = await kit.start(["tom"]);
      const there = await kit.start(["tom"], {}, "other");
      const { message } = await kit.say(talk, "tom");
      const { message: theirs } = await kit.say(there, "tom", {}, "other");
      const before = kit.clock.now() - 1;
      const first = await patch(message, "new");
      const second = await kit.store.applyPatch("other", {
        conversation: there.id,
        id: theirs.id,
        from: "tom",
      });
      assert.deepEqual(await kit.store.patchedSince(before, 9), [first, second]);
      assert.deepEqual(await kit.store.patchedSince(before, 1), [first]);
      assert.deepEqual(await kit.store.patchedSince(second.message.patchedAt!, 9), []);
    });

    it("is not told of a temporary conversation that has ended", async () => {
      const talk = await kit.start(["tom"], { kind: "temporary", ttl: 1_000 });
      const { message } = await kit.say(talk, "tom");
      const before = kit.clock.now() - 1;
      await patch(message, "new");
      assert.equal((await kit.store.patches("app", "tom", before, 9)).length, 1);
      await kit.clock.advance(1_001);
      assert.deepEqual(await kit.store.patches("app", "tom", before, 9), []);
      assert.deepEqual(await kit.store.patchedSince(before, 9), []);
    });
  });
}
