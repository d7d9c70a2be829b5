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
import { heard, inWorld, two } from "./world.ts";

describe("creating a conversation", () => {
  it(
    "sends its members sorted, its name and its attributes",
    inWorld(async (world) => {
      const tom = await world.device().createIMClient("tom");
      const conversation = await tom.createConversation({
        members: ["mary", "jerry", "mary"],
        name: "N",
        colour: "red",
        attr: { size: 1 },
      });
      const { m, unique, transient, attr } = world.server.requests("conv", "start")[0]!
        .convMessage!;
      assert.deepEqual(m, ["jerry", "mary", "tom"]);
      assert.equal(unique, true);
      assert.equal(transient, undefined);
      assert.deepEqual(JSON.parse(attr!.data), { name: "N", colour: "red", attr: { size: 1 } });
      assert.ok(conversation instanceof Conversation);
      assert.equal(conversation.name, "N");
      assert.equal(conversation.creator, "tom");
      assert.deepEqual(conversation.members, ["jerry", "mary", "tom"]);
      assert.equal(conversation.get("colour"), "red");
      assert.equal(conversation.get("attr.size"), 1);
      assert.equal(conversation.get("attr.none.deeper"), undefined);
      assert.equal(conversation.createdAt?.getTime(), world.clock.now());
    }),
  );

  it(
    "finds the one of the same members, with its own past",
    inWorld(async (world) => {
      const { jerry, conversation } = await two(world);
      const again = await jerry.createConversation({ members: ["tom"], name: "Other" });
      assert.equal(again.id, conversation.id);
      assert.equal(again.name, "T & J");
      assert.equal(again.creator, "tom");
    }),
  );

  it(
    "makes a new one with unique: false, and a chat room with transient",
    inWorld(async (world) => {
      const tom = await world.device().createIMClient("tom");
      const one = await tom.createConversation({ members: ["jerry"], unique: false });
      const other = await tom.createConversation({ members: ["jerry"], unique: false });
      assert.notEqual(one.id, other.id);
      assert.ok(await tom.createConversation({ transient: true }) instanceof ChatRoom);
    }),
  );

  it(
    "is signed by conversationSignatureFactory",
    inWorld(async ({ server, device }) => {
      const asked: unknown[][] = [];
      const tom = await device().createIMClient("tom", {
        conversationSignatureFactory: (...args) => {
          asked.push(args);
          return { signature: "s", timestamp: 1, nonce: "n" };
        },
      });
      const conversation = await tom.createConversation({ members: ["jerry"] });
      await conversation.add(["mary"]);
      await conversation.remove("mary");
      assert.deepEqual(asked, [
        [null, "tom", ["jerry", "tom"], "create"],
        [conversation.id, "tom", ["mary"], "invite"],
        [conversation.id, "tom", ["mary"], "kick"],
      ]);
      assert.equal(server.requests("conv", "start")[0]?.convMessage?.s, "s");
      assert.equal(server.requests("conv", "add")[0]?.convMessage?.n, "n");
    }),
  );

  it(
    "refuses members that are none",
    inWorld(async ({ device }) => {
      const tom = await device().createIMClient("tom");
      await assert.rejects(tom.createConversation({ members: "jerry" as never }), TypeError);
      await assert.rejects(tom.createConversation({ members: [7] as never }), TypeError);
      // As where `members` is misspelt, which would make it an attribute.
      await assert.rejects(tom.createConversation({ member: ["jerry"] }), TypeError);
      await assert.rejects(tom.createTemporaryConversation({ ttl: 60 }), TypeError);
      assert.deepEqual((await tom.createConversation({ members: [] })).members, ["tom"]);
    }),
  );

  it(
    "tells creator and members, and asks the server for nothing that it knows",
    inWorld(
      async (world) => {
        const { device, server } = world;
        const tom = await device().createIMClient("tom");
        const jerry = await device().createIMClient("jerry");
        const here = heard(tom, "invited", "membersjoined");
        const there = heard(jerry, "invited", "membersjoined");
        const conversation = await tom.createConversation({ members: ["jerry"] });
        await settle();
        const members = ["jerry", "tom"];
        assert.deepEqual(here, [
          ["invited", { invitedBy: "tom" }, conversation],
          ["membersjoined", { members, invitedBy: "tom" }, conversation],
        ]);
        assert.deepEqual(there.map(([name]) => name), ["invited", "membersjoined"]);
        assert.deepEqual(server.requests("conv", "query").map(({ peerId }) => peerId), ["jerry"]);
      },
    ),
  );
});

describe("finding conversations", () => {
  it(
    "gives one instance for an id, and null where there is none",
    inWorld(async (world) => {
      world.server.seed("c", ["tom"]);
      const tom = await world.device().createIMClient("tom");
      const [one, other] = await Promise.all([tom.getConversation("c"), tom.getConversation("c")]);
      assert.equal(one, other);
      assert.equal(await tom.getConversation("nothing"), null);
      const asked = world.server.requests("conv", "query").length;
      assert.equal(await tom.getConversation("c"), one);
      assert.equal(world.server.requests("conv", "query").length, asked);
      assert.equal(await tom.getConversation("c", true), one);
      assert.equal(world.server.requests("conv", "query").length, asked + 1);
      await assert.rejects(tom.getConversation(7 as never), TypeError);
    }),
  );

  it(
    "gives several in the order asked for, with null for those that don't exist",
    inWorld(
      async ({ server, device }) => {
        server.seed("a", ["tom"]);
        server.seed("b", ["tom"]);
        server.seed("_tmp:c", ["tom"], { temp: true, ttl: 60 });
        const tom = await device().createIMClient("tom");
        const found = await tom.getConversations(["b", "none", "_tmp:c", "a"]);
        assert.deepEqual(found.map((each) => each && each.id), ["b", null, "_tmp:c", "a"]);
      },
    ),
  );

  it(
    "gives the class that each is of, and its fields",
    inWorld(async (world) => {
      const { server, device, clock } = world;
      const iso = "2026-01-02T03:04:05.678Z";
      server.seed("conv", ["tom", "jerry"], {
        lm: { __type: "Date", iso },
        mu: ["tom"],
        name: "N",
        msg: '{"_lctype":-1,"_lctext":"last"}',
        msg_mid: "m",
        msg_from: "jerry",
        msg_timestamp: Date.parse(iso),
        bin: false,
        mention_pids: ["tom"],
      });
      server.seed("room", ["tom"], { tr: true });
      server.seed("service", ["tom"], { sys: true });
      server.seed("_tmp:x", ["tom"], { temp: true, ttl: 60 });
      const tom = await device().createIMClient("tom");
      const [conv, room, service, temporary] = await tom.getConversations([
        "conv",
        "room",
        "service",
        "_tmp:x",
      ]);
      assert.ok(conv instanceof Conversation);
      assert.equal(conv.lastMessageAt?.toISOString(), iso);
      assert.equal(conv.muted, true);
      assert.equal(conv.name, "N");
      assert.equal(conv.get("msg"), undefined);
      assert.ok(conv.lastMessage instanceof TextMessage);
      assert.equal(conv.lastMessage.text, "last");
      assert.equal(conv.lastMessage.mentioned, true);
      assert.ok(room instanceof ChatRoom && room.transient);
      assert.ok(service instanceof ServiceConversation && service.system);
      assert.ok(temporary instanceof TemporaryConversation);
      assert.equal(temporary.expiredAt?.getTime(), clock.now() + 60_000);
    }),
  );

  it(
    "by a query says its conditions as the protocol has them",
    inWorld(async (world) => {
      const tom = await world.device().createIMClient("tom");
      const at = new Date(0);
      await tom.getQuery()
        .equalTo("name", "N").equalTo("lm", at).containsMembers(["jerry"])
        .limit(3).skip(4).ascending("x").withLastMessagesRefreshed().compact().find();
      const { where, limit, skip, sort, flag } = world.server.requests("conv", "query")[0]!
        .convMessage!;
      assert.deepEqual({ limit, skip, sort, flag }, { limit: 3, skip: 4, sort: "x", flag: 3 });
      assert.deepEqual(JSON.parse(where!.data), {
        name: "N",
        m: { $all: ["jerry"] },
        lm: { __type: "Date", iso: "1970-01-01T00:00:00.000Z" },
      });
      const query = tom.getQuery().descending("lm");
      await query.first();
      const first = world.server.requests("conv", "query")[1]!.convMessage!;
      assert.deepEqual([first.sort, first.limit], ["-lm", 1]);
      assert.deepEqual(JSON.parse(first.where!.data), {});
    }),
  );
});

describe("members", () => {
  it(
    "are added and removed, and everybody hears of it",
    inWorld(async (world) => {
      const { device } = world;
      const { jerry, conversation } = await two(world);
      const mary = await device().createIMClient("mary");
      const there = heard(jerry, "membersjoined", "membersleft", "kicked");
      const invited = heard(mary, "invited", "membersjoined", "kicked");
      const on = heard(conversation, "membersjoined", "membersleft");
      assert.deepEqual(await conversation.add("mary"), {
        successfulClientIds: ["mary"],
        failures: [],
      });
      assert.ok(conversation.members.includes("mary"));
      await conversation.remove(["mary"]);
      assert.ok(!conversation.members.includes("mary"));
      await settle();
      assert.deepEqual(there.map(([name, payload]) => [name, payload]), [
        ["membersjoined", { members: ["mary"], invitedBy: "tom" }],
        ["membersleft", { members: ["mary"], kickedBy: "tom" }],
      ]);
      assert.deepEqual(invited.map(([name]) => name), ["invited", "membersjoined", "kicked"]);
      assert.deepEqual(on.map(([name, ...args]) => [name, args.length]), [
        ["membersjoined", 1],
        ["membersleft", 1],
      ]);
    }),
  );

  it(
    "join, quit and are counted",
    inWorld(async (world) => {
      world.server.seed("c", ["jerry"]);
      const tom = await world.device().createIMClient("tom");
      const conversation = (await tom.getConversation("c"))!;
      assert.equal(await conversation.join(), conversation);
      assert.deepEqual(conversation.members, ["jerry", "tom"]);
      assert.equal(await conversation.count(), 2);
      assert.equal(await conversation.quit(), conversation);
      assert.deepEqual(conversation.members, ["jerry"]);
      assert.equal(await conversation.count(), 1);
    }),
  );

  it(
    "that could not be added are told with the reason",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      const failedPids = [{ code: 4548, reason: "BLOCKED_BY_CONV", pids: ["mary"] }];
      world.server.script = ({ op }) =>
        op === "add" || op === "remove"
          ? { cmd: "conv", op: "added", convMessage: { failedPids } }
          : undefined;
      const { failures, successfulClientIds } = await conversation.add(["mary"]);
      assert.deepEqual(successfulClientIds, []);
      assert.deepEqual(failures.map(({ name, code, clientIds }) => [name, code, clientIds]), [
        ["BLOCKED_BY_CONV", 4548, ["mary"]],
      ]);
      await assert.rejects(conversation.join(), { code: 4548 });
      await assert.rejects(conversation.quit(), { code: 4548 });
    }),
  );

  it(
    "that are online are known by ping",
    inWorld(async (world) => {
      const { tom } = await two(world);
      assert.deepEqual(await tom.ping(["jerry", "mary"]), ["jerry"]);
      assert.deepEqual(await tom.ping(["mary"]), []);
      await assert.rejects(tom.ping("jerry" as never), TypeError);
    }),
  );
});
