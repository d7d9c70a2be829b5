import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ChatRoom,
  Conversation,
  ServiceConversation,
  TemporaryConversation,
  TextMessage,
} from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { talking } from "./talk.ts";
import { heard, inWorld } from "./world.ts";

describe("a chat room", () => {
  it(
    "is entered by anybody, tells who is inside, and is found",
    talking(async ({ client, clock }) => {
      const [tom, jerry] = [await client("tom"), await client("jerry")];
      const room = await tom.createChatRoom({ name: "Room", topic: "cheese" });
      assert.ok(room instanceof ChatRoom);
      assert.deepEqual(
        [room.name, room.get("topic"), room.transient, room.creator, room.members],
        ["Room", "cheese", true, "tom", []],
      );
      const found = await jerry.getChatRoomQuery().equalTo("topic", "cheese").find();
      assert.deepEqual(found.map(({ id }) => id), [room.id]);
      const there = found[0]!;
      assert.ok(there instanceof ChatRoom);
      assert.equal(await room.count(), 1);
      await there.join();
      assert.equal(await room.count(), 2);
      const messages = heard(there, "message");
      await room.send(new TextMessage("hi"));
      await settle();
      assert.equal(messages.length, 1);
      assert.equal(there.unreadMessagesCount, 0);
      await there.quit();
      assert.equal(await room.count(), 1);
      await clock.advance(1_000);
    }),
  );
});

describe("a temporary conversation", () => {
  it(
    "is one for the same members, and knows when it ends",
    talking(async ({ client, clock }) => {
      const [tom, jerry] = [await client("tom"), await client("jerry")];
      const conversation = await tom.createTemporaryConversation({ members: ["jerry"], ttl: 60 });
      assert.ok(conversation instanceof TemporaryConversation);
      assert.deepEqual(conversation.members, ["jerry", "tom"]);
      assert.equal(conversation.expiredAt?.getTime(), clock.now() + 60_000);
      await settle();
      const there = await jerry.getConversation(conversation.id);
      assert.ok(there instanceof TemporaryConversation);
      const messages = heard(there, "message");
      await conversation.send(new TextMessage("hi"));
      await clock.advance(10_000);
      assert.equal(messages.length, 1);
      const again = await tom.createTemporaryConversation({ members: ["jerry"], ttl: 60 });
      assert.equal(again, conversation);
      const json = JSON.parse(JSON.stringify(conversation));
      assert.deepEqual([json.expired, json.id], [false, conversation.id]);
    }),
  );

  it(
    "takes nothing with code 4323 once it has ended",
    talking(async ({ client, clock }) => {
      const tom = await client("tom");
      const conversation = await tom.createTemporaryConversation({ members: ["jerry"], ttl: 60 });
      await conversation.send(new TextMessage("hi"));
      assert.equal(conversation.expired, false);
      await clock.advance(60_000);
      assert.equal(conversation.expired, true);
      const ended = { code: 4323, name: "TEMPORARY_CONVERSATION_EXPIRED" };
      await assert.rejects(conversation.send(new TextMessage("hi")), ended);
      await assert.rejects(conversation.queryMessages(), ended);
      await assert.rejects(conversation.count(), ended);
    }),
  );

  it(
    "has ended, too, where the server forgot it",
    inWorld(async ({ server, device }) => {
      server.seed("_tmp:c", ["tom"], { temp: true, ttl: 60 });
      const tom = await device().createIMClient("tom");
      const conversation = (await tom.getConversation("_tmp:c"))!;
      server.script = ({ op }) =>
        op === "count"
          ? { cmd: "error", errorMessage: { code: 4303, reason: "CONVERSATION_NOT_FOUND" } }
          : undefined;
      await assert.rejects(conversation.count(), { code: 4323 });
    }),
  );
});

describe("a service conversation", () => {
  it(
    "is found, subscribed to and left",
    inWorld(async ({ server, device }) => {
      server.seed("s", [], { sys: true });
      server.seed("c", []);
      const tom = await device().createIMClient("tom");
      server.script = ({ op }, { id }) =>
        op === "add" || op === "remove"
          ? { cmd: "conv", op: "added", convMessage: { allowedPids: [id] } }
          : undefined;
      const query = tom.getServiceConversationQuery();
      await query.find();
      const where = server.requests("conv", "query")[0]?.convMessage?.where?.data;
      assert.deepEqual(JSON.parse(where!), { sys: true });
      const service = (await tom.getConversation("s"))!;
      assert.ok(service instanceof ServiceConversation);
      assert.ok(!((await tom.getConversation("c")) instanceof ServiceConversation));
      assert.ok((await tom.getConversation("c")) instanceof Conversation);
      assert.equal(await service.subscribe(), service);
      assert.equal(await service.unsubscribe(), service);
      const asked = server.received.flatMap(({ op, convMessage }) =>
        op === "add" || op === "remove" ? [[op, convMessage?.m]] : []
      );
      assert.deepEqual(asked, [["add", ["tom"]], ["remove", ["tom"]]]);
    }),
  );
});
