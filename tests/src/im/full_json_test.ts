import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ChatRoom,
  Conversation,
  type PersistentConversation,
  TemporaryConversation,
  TextMessage,
} from "@curlew/realtime";
import { group, talking } from "./talk.ts";

const through = (json: object): object => JSON.parse(JSON.stringify(json));

describe("a conversation's toFullJSON", () => {
  it(
    "is read by parseConversation, with all that was in it",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk, ["jerry"], { name: "N", attr: { a: 1 } });
      await mine.send(new TextMessage("hi"));
      await talk.clock.advance(1_000);
      await his!.mute();
      const phone = await talk.client("jerry", { tag: "phone" });
      const parsed = await phone.parseConversation(through(his!.toFullJSON()));
      assert.ok(parsed instanceof Conversation);
      assert.deepEqual(through(parsed.toFullJSON()), through(his!.toFullJSON()));
      assert.deepEqual(
        [parsed.name, parsed.get("attr"), parsed.creator, parsed.muted, parsed.createdAt],
        ["N", { a: 1 }, "tom", true, mine.createdAt],
      );
      assert.equal((parsed.lastMessage as TextMessage).text, "hi");
      assert.equal(parsed.unreadMessagesCount, 1);
      assert.equal(await phone.getConversation(mine.id), parsed);
    }),
  );

  it(
    "does not change what is known already",
    talking(async (talk) => {
      const { clients: [tom], mine } = await group(talk, ["jerry"], { name: "Old" });
      const json = through(mine.toFullJSON());
      await mine.set("name", "New").save();
      assert.equal(await tom!.parseConversation(json), mine);
      assert.equal(mine.name, "New");
    }),
  );

  it(
    "knows each kind",
    talking(async ({ client, clock }) => {
      const [tom, jerry] = [await client("tom"), await client("jerry")];
      const room = await tom.createChatRoom({ name: "R" });
      assert.ok(await jerry.parseConversation(room.toFullJSON()) instanceof ChatRoom);
      const passing = await tom.createTemporaryConversation({ members: ["mary"], ttl: 60 });
      const parsed = await jerry.parseConversation(passing.toFullJSON());
      assert.ok(parsed instanceof TemporaryConversation);
      assert.equal(parsed.expiredAt?.getTime(), clock.now() + 60_000);
    }),
  );

  it(
    "is read as LeanCloud's SDK wrote it",
    talking(async ({ client }) => {
      const tom = await client("tom");
      const conversation = await tom.parseConversation({
        id: "6b05953f7bea911c140ff243",
        members: ["tom", "jerry"],
        lastMessageAt: 1795527999354,
        lastMessage: {
          data: { _lctext: "hi", _lctype: -1 },
          id: "m",
          cid: "6b05953f7bea911c140ff243",
          from: "tom",
          timestamp: 1795527999354,
          mentionList: [],
          mentionedAll: false,
        },
        unreadMessagesCount: 2,
        creator: "tom",
        system: false,
        transient: false,
        createdAt: 1795527999312,
        updatedAt: 1795527999312,
        attr: { a: 1 },
        name: "N",
        unique: false,
        temp: false,
        tempConv: false,
        conv_type: 1,
      }) as PersistentConversation;
      assert.deepEqual(
        [conversation.name, conversation.get("attr.a"), conversation.createdAt?.getTime()],
        ["N", 1, 1795527999312],
      );
      assert.equal((conversation.lastMessage as TextMessage).text, "hi");
      assert.equal(conversation.unreadMessagesCount, 2);
    }),
  );
});
