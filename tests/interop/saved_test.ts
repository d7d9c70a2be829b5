/**
 * Conversations and messages that one client wrote down as JSON, and another reads.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { meeting, sides } from "./sides.ts";

/** As it comes out of a database or a file. */
const kept = (full: object): object => JSON.parse(JSON.stringify(full));

for (const { appId, actor, other } of sides) {
  describe(`what ${actor.name}'s client wrote down, and ${other.name}'s reads`, () => {
    const { logIn } = meeting();
    let tom: official.IMClient;
    let jerry: official.IMClient;

    before(async () => {
      tom = await logIn(actor, appId, "tom");
      jerry = await logIn(other, appId, "jerry");
    });

    it("is a conversation of each kind", async () => {
      const made = [
        await tom.createConversation({ members: ["jerry"], name: "Talk", color: { text: "red" } }),
        await tom.createChatRoom({ name: "Room" }),
        await tom.createTemporaryConversation({ members: ["jerry"], ttl: 600 }),
      ];
      const kinds = [other.Conversation, other.ChatRoom, other.TemporaryConversation] as const;
      for (const [i, conversation] of made.entries()) {
        const read = await jerry.parseConversation(kept(conversation.toFullJSON()));
        assert.ok(read instanceof kinds[i]!);
        assert.equal(read.id, conversation.id);
        assert.equal(read.name, conversation.name);
        assert.deepEqual([...read.members ?? []].sort(), [...conversation.members ?? []].sort());
        if (i === 0) assert.deepEqual(read.get("color"), { text: "red" });
      }
    });

    it("is a message of each kind", async () => {
      const talk = await tom.createConversation({ members: ["jerry"], unique: false });
      const text = new actor.TextMessage("Hello").setAttributes({ mood: "good" })
        .setMentionList(["jerry"]);
      const bytes = new actor.BinaryMessage(Uint8Array.of(0, 255).buffer);
      for (const sent of [await talk.send(text), await talk.send(bytes)]) {
        const read = await jerry.parseMessage(kept(sent.toFullJSON()));
        assert.deepEqual(
          [read.id, read.from, read.cid, +read.timestamp, read.mentioned],
          [sent.id, "tom", talk.id, +sent.timestamp, sent === text],
        );
        if (read instanceof other.TextMessage) {
          assert.deepEqual([read.text, read.getAttributes()], ["Hello", { mood: "good" }]);
        } else {
          assert.ok(read instanceof other.BinaryMessage);
          assert.deepEqual([...new Uint8Array(read.buffer)], [0, 255]);
        }
      }
    });
  });
}
