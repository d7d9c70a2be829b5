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
