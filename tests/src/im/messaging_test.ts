import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryMessage,
  Message,
  MessagePriority,
  MessageStatus,
  TextMessage,
} from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld, two } from "./world.ts";

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
    "tells the client first, then the conversation",
    inWorld(async (world) => {
      const { jerry, conversation } = await two(world);
      const there = (await jerry.getConversation(conversation.id))!;
      const order: string[] = [];
      there.on("message", () => order.push("conversation"));
      jerry.on("message", () => order.push("client"));
      await conversation.send(new TextMessage("hi"));
      await settle();
      assert.deepEqual(order, ["client", "conversation"]);
    }),
  );

  it(
    "gives nothing to a client that is closed, and acknowledges nothing for it",
    inWorld(async (world) => {
      const { server, clock } = world;
      const { jerry, conversation: { id: cid } } = await two(world);
      await jerry.getConversation(cid);
      const given: string[] = [];
      jerry.on("message", ({ id }) => {
        given.push(id);
        void jerry.close();
      });
      for (const [id, timestamp] of [["first", 1], ["second", 2]] as const) {
        const direct = { cid, id, fromPeerId: "tom", timestamp, msg: "hi" };
        server.push("jerry", { cmd: "direct", directMessage: direct });
      }
      await clock.advance(5_000);
      assert.deepEqual(given, ["first"]);
      const acks = server.requests("ack").map(({ ackMessage }) => ackMessage);
      assert.deepEqual(acks, [{ cid, fromts: 1, tots: 1 }]);
    }),
  );

  it(
    "remembers the last 1,000 messages, and no more",
    inWorld(async (world) => {
      const { jerry, conversation: { id: cid } } = await two(world);
      const given: string[] = [];
      jerry.on("message", ({ id }) => given.push(id));
      const push = (n: number) => {
        const direct = { cid, id: `m${n}`, fromPeerId: "tom", timestamp: n, msg: "hi" };
        jerry.dispatch({ cmd: "direct", directMessage: direct });
      };
      for (let n = 1; n <= 1_001; n++) push(n);
      for (const n of [2, 1]) push(n);
      await settle();
      assert.deepEqual(given.slice(1_000), ["m1001", "m1"]);
    }),
  );

  it(
    "gives every message that has no id",
    inWorld(async (world) => {
      const { jerry, conversation: { id: cid } } = await two(world);
      const events = heard(jerry, "message");
      const directMessage = { cid, fromPeerId: "tom", timestamp: 1, msg: "hi", transient: true };
      world.server.push("jerry", { cmd: "direct", directMessage });
      world.server.push("jerry", { cmd: "direct", directMessage });
      await settle();
      assert.equal(events.length, 2);
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
    "gives a message that it sent itself to nobody when it comes back",
    inWorld(async (world) => {
      const { server } = world;
      const { tom, conversation } = await two(world);
      const events = heard(tom, "message");
      await conversation.send(new TextMessage("hi"));
      const [kept] = [...server.conversations.values()];
      for (const client of server.clients) {
        if (client.id === "tom") server.deliver(client, kept!, kept!.messages[0]!);
      }
      await settle();
      assert.deepEqual(events, []);
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
