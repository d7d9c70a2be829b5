import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  ChatRoom,
  Conversation,
  type Message,
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

  it(
    "is subscribed to, muted and left on the server, and counts who is there",
    talking(async ({ client, server }) => {
      const id = await server.createServiceConversation("app", { name: "News", topic: "cheese" });
      const [tom, pad, jerry] = [await client("tom"), await client("tom"), await client("jerry")];
      const [service] = await tom.getServiceConversationQuery().equalTo("topic", "cheese").find();
      assert.ok(service instanceof ServiceConversation);
      assert.deepEqual(
        [service.id, service.name, service.system, service.members, service.muted],
        [id, "News", true, [], false],
      );
      const events = heard(pad, "membersjoined", "membersleft", "invited", "kicked");
      assert.equal(await service.subscribe(), service);
      await service.subscribe();
      const theirs = (await jerry.getConversation(id)) as ServiceConversation;
      await theirs.subscribe();
      assert.equal(await theirs.count(), 2);
      await service.mute();
      await settle();
      const state = async (of: typeof tom) => {
        const found = (await of.getConversation(id, true)) as ServiceConversation;
        return [found.get("joined" as never), found.muted];
      };
      assert.deepEqual([await state(pad), await state(jerry)], [[true, true], [true, false]]);
      await assert.rejects(service.save.call(service.set("topic", "x")), { code: 4308 });
      await assert.rejects(service.add("mary"), { code: 4308 });
      await service.unsubscribe();
      assert.equal(await theirs.count(), 1);
      await settle();
      assert.deepEqual(await state(pad), [false, false]);
      const told = events.map(([event, payload]) => [event, payload]);
      assert.deepEqual(told, [["invited", { invitedBy: "tom" }], ["kicked", { kickedBy: "tom" }]]);
    }),
  );

  it(
    "keeps for each client what it sent, and shows it on its other devices alone",
    talking(async ({ client, server, clock }) => {
      const id = await server.createServiceConversation("app");
      const [tom, pad, jerry] = [await client("tom"), await client("tom"), await client("jerry")];
      const of = async (each: typeof tom) => (await each.getConversation(id))!;
      const [mine, copy, theirs] = [await of(tom), await of(pad), await of(jerry)];
      await (theirs as ServiceConversation).subscribe();
      const [own, others] = [heard(copy, "message"), heard(theirs, "message")];
      const sent = await mine.send(new TextMessage("help"));
      await settle();
      assert.deepEqual(own.map(([, message]) => (message as Message).id), [sent.id]);
      assert.deepEqual(others, []);
      const history = async (each: typeof mine) =>
        (await each.queryMessages()).map((message) => (message as TextMessage).text);
      assert.deepEqual([await history(copy), await history(theirs)], [["help"], []]);
      assert.deepEqual([mine, copy, theirs].map(({ unreadMessagesCount: n }) => n), [0, 0, 0]);
      const recalled = heard(copy, "messagerecall");
      await mine.recall(sent);
      await settle();
      assert.deepEqual(recalled.map(([, message]) => (message as Message).id), [sent.id]);
      await clock.advance(1_000);
    }),
  );
});
