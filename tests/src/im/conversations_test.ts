import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryMessage,
  ChatRoom,
  Conversation,
  Message,
  MessagePriority,
  MessageQueryDirection,
  MessageStatus,
  ServiceConversation,
  TemporaryConversation,
  TextMessage,
} from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld, type World } from "./world.ts";

async function two({ device }: World) {
  const [tom, jerry] = await Promise.all([
    device().createIMClient("tom"),
    device().createIMClient("jerry"),
  ]);
  const conversation = await tom.createConversation({ members: ["jerry"], name: "T & J" });
  await settle();
  return { tom, jerry, conversation };
}

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
    "gives several in the order asked for, without those that don't exist",
    inWorld(
      async ({ server, device }) => {
        server.seed("a", ["tom"]);
        server.seed("b", ["tom"]);
        server.seed("_tmp:c", ["tom"], { temp: true, ttl: 60 });
        const tom = await device().createIMClient("tom");
        const found = await tom.getConversations(["b", "none", "_tmp:c", "a"]);
        assert.deepEqual(found.map(({ id }) => id), ["b", "_tmp:c", "a"]);
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
        .equalTo("name", "N").notEqualTo("a", 1).greaterThan("b", 1).lessThan("b", 9)
        .containedIn("c", [1]).exists("d").doesNotExist("e").containsMembers(["jerry"])
        .greaterThanOrEqualTo("lm", at).limit(3).skip(4).ascending("x").addDescending("y")
        .withLastMessagesRefreshed().compact().find();
      const { where, limit, skip, sort, flag } = world.server.requests("conv", "query")[0]!
        .convMessage!;
      assert.deepEqual({ limit, skip, sort, flag }, { limit: 3, skip: 4, sort: "x,-y", flag: 3 });
      assert.deepEqual(JSON.parse(where!.data), {
        name: "N",
        a: { $ne: 1 },
        b: { $gt: 1, $lt: 9 },
        c: { $in: [1] },
        d: { $exists: true },
        e: { $exists: false },
        m: { $all: ["jerry"] },
        lm: { $gte: { __type: "Date", iso: "1970-01-01T00:00:00.000Z" } },
      });
      const query = tom.getQuery().descending("lm").withMembers(["jerry"], true);
      await query.first();
      const first = world.server.requests("conv", "query")[1]!.convMessage!;
      assert.deepEqual([first.sort, first.limit], ["-lm", 1]);
      assert.deepEqual(JSON.parse(first.where!.data), { m: { $size: 2, $all: ["jerry", "tom"] } });
    }),
  );
});

describe("sending", () => {
  it(
    "fills the message in and makes it the conversation's last",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      const message = new TextMessage("hi").setMentionList(["jerry"]);
      const sent = conversation.send(message, {
        receipt: true,
        priority: MessagePriority.HIGH,
        pushData: { alert: "hi" },
      });
      assert.equal(message.status, MessageStatus.SENDING);
      assert.equal(await sent, message);
      assert.equal(message.status, MessageStatus.SENT);
      assert.match(message.id, /^message-/);
      assert.equal(message.cid, conversation.id);
      assert.equal(message.from, "tom");
      assert.equal(conversation.lastMessage, message);
      assert.equal(conversation.lastMessageAt, message.timestamp);
      const [command] = world.server.requests("direct");
      assert.equal(command?.priority, 1);
      const { r, transient, will, pushData, mentionPids, mentionAll, msg } = command!
        .directMessage!;
      assert.deepEqual({ r, transient, will, pushData, mentionPids, mentionAll }, {
        r: true,
        transient: undefined,
        will: undefined,
        pushData: '{"alert":"hi"}',
        mentionPids: ["jerry"],
        mentionAll: undefined,
      });
      assert.deepEqual(JSON.parse(msg!), { _lctype: -1, _lctext: "hi" });
    }),
  );

  it(
    "arrives at the others as what it was",
    inWorld(async (world) => {
      const { jerry, conversation } = await two(world);
      const events = heard(jerry, "message");
      await conversation.send(new TextMessage("hi").mentionAll());
      await conversation.send(new BinaryMessage(Uint8Array.of(1, 2).buffer));
      await conversation.send(new Message("plain"));
      await conversation.send(new Message({ a: 1 }));
      await conversation.send(new TextMessage("psst"), { transient: true });
      await settle();
      const [text, bytes, plain, json, transient] = events.map(([, message]) => message as Message);
      assert.ok(text instanceof TextMessage);
      assert.deepEqual([text.text, text.from, text.mentioned], ["hi", "tom", true]);
      assert.equal(text.status, MessageStatus.SENT);
      assert.ok(bytes instanceof BinaryMessage);
      assert.deepEqual([...new Uint8Array(bytes.buffer)], [1, 2]);
      assert.equal(plain?.content, "plain");
      assert.deepEqual(json?.content, { a: 1 });
      assert.equal((transient as TextMessage).text, "psst");
      const there = (await jerry.getConversation(conversation.id))!;
      assert.equal(there.lastMessage, json);
      assert.equal(there.unreadMessagesCount, 4);
      assert.equal(there.unreadMessagesMentioned, true);
    }),
  );

  it(
    "rejects as the server did, and keeps the token for another try",
    inWorld(async (world) => {
      const { server } = world;
      const { conversation } = await two(world);
      const message = new TextMessage("hi");
      server.script = ({ cmd }) =>
        cmd === "direct"
          ? {
            cmd: "ack",
            ackMessage: { code: 4401, reason: "INVALID_MESSAGING_TARGET", appCode: 7 },
          }
          : undefined;
      await assert.rejects(conversation.send(message), {
        name: "INVALID_MESSAGING_TARGET",
        code: 4401,
        appCode: 7,
      });
      assert.equal(message.status, MessageStatus.FAILED);
      server.script = () => {};
      await conversation.send(message);
      await conversation.send(message);
      const [one, two_, three] = server.requests("direct").map((each) => each.directMessage?.dt);
      assert.equal(one, two_);
      assert.notEqual(two_, three);
    }),
  );

  it(
    "takes an ack with code 0 for the failure that it is",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      world.server.script = ({ cmd }) =>
        cmd === "direct" ? { cmd: "ack", ackMessage: { code: 0, uid: "x", t: 1 } } : undefined;
      await assert.rejects(conversation.send(new TextMessage("hi")));
    }),
  );

  it(
    "refuses what is no message",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      await assert.rejects(conversation.send({ text: "hi" } as never), TypeError);
    }),
  );
});

describe("receiving", () => {
  it(
    "acknowledges ranges, once a second at most, but not what is transient or one's own",
    inWorld(
      async (world) => {
        const { clock, server, device } = world;
        const { conversation } = await two(world);
        const elsewhere = await device().createIMClient("tom");
        const own = heard(elsewhere, "message", "unreadmessagescountupdate");
        const first = await conversation.send(new TextMessage("1"));
        const second = await conversation.send(new TextMessage("2"));
        await clock.advance(0);
        const third = await conversation.send(new TextMessage("3"));
        await conversation.send(new TextMessage("psst"), { transient: true });
        await clock.advance(999);
        const acks = () =>
          server.requests("ack").map(({ peerId, ackMessage }) => ({ peerId, ...ackMessage }));
        const { id: cid } = conversation;
        const range = (from: Message, to: Message) => ({
          peerId: "jerry",
          cid,
          fromts: from.timestamp.getTime(),
          tots: to.timestamp.getTime(),
        });
        assert.deepEqual(acks(), [range(first, second)]);
        await clock.advance(1);
        assert.deepEqual(acks(), [range(first, second), range(third, third)]);
        assert.deepEqual(own.map(([name]) => name), ["message", "message", "message", "message"]);
      },
    ),
  );

  it(
    "sends waiting acknowledgements before it pauses or closes",
    inWorld(async (world) => {
      const { server, clock, device } = world;
      const realtime = device();
      const mary = await realtime.createIMClient("mary");
      const tom = await device().createIMClient("tom");
      const conversation = await tom.createConversation({ members: ["mary"] });
      await clock.advance(5_000);
      await conversation.send(new TextMessage("1"));
      await settle();
      realtime.pause();
      await settle();
      assert.equal(server.requests("ack").length, 1);
      realtime.resume();
      await clock.advance(2_000);
      await conversation.send(new TextMessage("2"));
      await settle();
      await mary.close();
      assert.equal(server.requests("ack").length, 2);
    }),
  );

  it(
    "gives a message that comes twice once",
    inWorld(async (world) => {
      const { server } = world;
      const { jerry, conversation } = await two(world);
      const events = heard(jerry, "message");
      await conversation.send(new TextMessage("hi"));
      const [kept] = [...server.conversations.values()];
      for (const client of server.clients) {
        if (client.id === "jerry") server.deliver(client, kept!, kept!.messages[0]!);
      }
      await settle();
      assert.equal(events.length, 1);
    }),
  );

  it(
    "keeps the order although an unknown conversation must be asked for",
    inWorld(
      async ({ server, device }) => {
        const tom = await device().createIMClient("tom");
        const jerry = await device().createIMClient("jerry");
        const conversation = await tom.createConversation({ members: ["jerry"] });
        server.seed("other", ["tom", "jerry"]);
        const other = (await tom.getConversation("other"))!;
        const events = heard(jerry, "message");
        await Promise.all([
          conversation.send(new TextMessage("1")),
          other.send(new TextMessage("2")),
          conversation.send(new TextMessage("3")),
        ]);
        await settle();
        assert.deepEqual(events.map(([, message]) => (message as TextMessage).text), [
          "1",
          "2",
          "3",
        ]);
      },
    ),
  );

  it(
    "goes on after a push that concerns nothing, and after a listener that throws",
    inWorld(
      async (world) => {
        const { server, log } = world;
        const { jerry, conversation } = await two(world);
        jerry.once("message", () => {
          throw new Error("mine");
        });
        const events = heard(jerry, "message");
        server.push("jerry", { cmd: "conv", op: "joined", convMessage: { cid: "none" } });
        server.push("jerry", { cmd: "direct", directMessage: { cid: "none", id: "x", msg: "y" } });
        server.push("jerry", {
          cmd: "unread",
          unreadMessage: { convs: [{ cid: "none", unread: 1 }] },
        });
        server.push("nobody", { cmd: "direct" });
        await conversation.send(new TextMessage("1"));
        await conversation.send(new TextMessage("2"));
        await settle();
        assert.equal(events.length, 1);
        assert.equal(log.lines.filter(({ level }) => level === "warn").length, 3);
        assert.equal(log.lines.filter(({ level }) => level === "error").length, 1);
      },
    ),
  );

  it(
    "takes what the unread notice says",
    inWorld(async ({ server, device }) => {
      server.seed("c", ["tom", "jerry"]);
      const tom = await device().createIMClient("tom");
      const events = heard(tom, "unreadmessagescountupdate");
      server.push("tom", {
        cmd: "unread",
        unreadMessage: {
          convs: [{
            cid: "c",
            unread: 2,
            mentioned: true,
            mid: "m",
            timestamp: 5,
            from: "jerry",
            data: '{"_lctype":-1,"_lctext":"last"}',
          }],
          notifTime: 9,
        },
      });
      await settle();
      const conversation = (await tom.getConversation("c"))!;
      assert.deepEqual(events, [["unreadmessagescountupdate", [conversation]]]);
      assert.equal(conversation.unreadMessagesCount, 2);
      assert.equal(conversation.unreadMessagesMentioned, true);
      assert.equal((conversation.lastMessage as TextMessage).text, "last");
    }),
  );

  it(
    "counts what is read on another device as read here",
    inWorld(async (world) => {
      const { clock, device } = world;
      const { jerry, conversation } = await two(world);
      const elsewhere = await device().createIMClient("jerry");
      await conversation.send(new TextMessage("1"));
      await settle();
      const here = (await jerry.getConversation(conversation.id))!;
      const there = (await elsewhere.getConversation(conversation.id))!;
      assert.deepEqual([here.unreadMessagesCount, there.unreadMessagesCount], [1, 1]);
      const events = heard(here, "message");
      await there.read();
      await clock.advance(1_000);
      assert.deepEqual([here.unreadMessagesCount, there.unreadMessagesCount], [0, 0]);
      assert.deepEqual(events, []);
    }),
  );
});

describe("reading", () => {
  it(
    "says how far, at most once a second, and again when a link may have swallowed it",
    inWorld(
      async (world) => {
        const { clock, server } = world;
        const { jerry, conversation } = await two(world);
        const sent = await conversation.send(new TextMessage("1"));
        await settle();
        const there = (await jerry.getConversation(conversation.id))!;
        server.script = ({ cmd }) => cmd === "read" ? "silence" : undefined;
        await there.read();
        await there.read();
        await clock.advance(5_000);
        const reads = () => server.requests("read").map(({ readMessage }) => readMessage?.convs);
        const mark = { cid: there.id, timestamp: sent.timestamp.getTime(), mid: sent.id };
        assert.deepEqual(reads(), [[mark]]);
        server.script = () => {};
        server.cut();
        await clock.advance(1_000);
        assert.deepEqual(reads(), [[mark], [mark]]);
        server.cut();
        await clock.advance(5_000);
        assert.equal(reads().length, 2);
      },
    ),
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

describe("the history", () => {
  it(
    "is asked for as the protocol has it",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      const asked = async (...args: Parameters<typeof conversation.queryMessages>) => {
        await conversation.queryMessages(...args);
        const { cid: _, ...logs } = world.server.requests("logs").at(-1)!.logsMessage!;
        return logs;
      };
      assert.deepEqual(await asked(), { direction: "OLD" });
      assert.deepEqual(await asked({ limit: 5, type: -1 }), { direction: "OLD", l: 5, lctype: -1 });
      assert.deepEqual(
        await asked({
          startTime: new Date(9),
          startMessageId: "a",
          startClosed: true,
          endTime: 3,
          endMessageId: "b",
          endClosed: false,
        }),
        { direction: "OLD", t: 9, mid: "a", tIncluded: true, tt: 3, tmid: "b", ttIncluded: false },
      );
      assert.deepEqual(await asked({ startTime: 3, endTime: 9 }), {
        direction: "NEW",
        t: 3,
        tt: 9,
      });
      assert.deepEqual(
        await asked({ direction: MessageQueryDirection.OLD_TO_NEW }),
        { direction: "NEW" },
      );
      assert.deepEqual(
        await asked({ beforeTime: 9, beforeMessageId: "a", afterTime: 3, afterMessageId: "b" }),
        { direction: "OLD", t: 9, mid: "a", tt: 3, tmid: "b" },
      );
    }),
  );

  for (
    const wrong of [
      { startMessageId: "a" },
      { endMessageId: "a" },
      { limit: -1 },
      { limit: 1.5 },
      { startTime: new Date("never") },
    ]
  ) {
    it(
      `refuses ${JSON.stringify(wrong)}`,
      inWorld(async (world) => {
        const { conversation } = await two(world);
        await assert.rejects(conversation.queryMessages(wrong), TypeError);
      }),
    );
  }

  it(
    "gives messages as they were sent, oldest first",
    inWorld(async (world) => {
      const { jerry, conversation } = await two(world);
      await conversation.send(new TextMessage("1"));
      await conversation.send(new BinaryMessage(Uint8Array.of(7).buffer));
      const there = (await jerry.getConversation(conversation.id))!;
      const [text, bytes] = await there.queryMessages();
      assert.equal((text as TextMessage).text, "1");
      assert.equal(text?.cid, conversation.id);
      assert.equal(text?.from, "tom");
      assert.deepEqual([...new Uint8Array((bytes as BinaryMessage).buffer)], [7]);
    }),
  );

  it(
    "is walked through page by page, the last with done",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      for (let i = 1; i <= 5; i++) await conversation.send(new TextMessage(String(i)));
      const texts = (messages: Message[]) => messages.map((each) => (each as TextMessage).text);
      const iterator = conversation.createMessagesIterator({ limit: 2 });
      const pages = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
      assert.deepEqual(pages.map(({ value, done }) => [texts(value), done]), [
        [["4", "5"], false],
        [["2", "3"], false],
        [["1"], true],
      ]);
      assert.deepEqual(await iterator.next(), { value: [], done: true });
      const all: (string | undefined)[][] = [];
      for await (const page of conversation.createMessagesIterator({ limit: 2 })) {
        all.push(texts(page));
      }
      assert.deepEqual(all, [["4", "5"], ["2", "3"], ["1"]]);
    }),
  );
});

describe("parseMessage", () => {
  it(
    "reads what toFullJSON wrote",
    inWorld(async (world) => {
      const { tom, jerry, conversation } = await two(world);
      for (
        const sent of [
          await conversation.send(new TextMessage("hi").setMentionList(["jerry"])),
          await conversation.send(new BinaryMessage(Uint8Array.of(7).buffer)),
          await conversation.send(new Message({ a: 1 })),
          await conversation.send(new Message("plain")),
        ]
      ) {
        const json = JSON.parse(JSON.stringify(sent.toFullJSON()));
        const read = await jerry.parseMessage(json);
        assert.equal(read.constructor, sent.constructor);
        assert.equal(read.id, sent.id);
        assert.equal(read.cid, conversation.id);
        assert.equal(read.from, tom.id);
        assert.equal(read.timestamp.getTime(), sent.timestamp.getTime());
        assert.deepEqual(read.getPayload(), sent.getPayload());
        assert.deepEqual(read.mentionList, sent.mentionList);
        assert.equal(read.mentioned, sent.mentionList.length > 0);
      }
    }),
  );
});
