import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Message, TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld, two } from "./world.ts";

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
    "is not held up by a conversation whose creation waits for the app's signature",
    inWorld(async ({ server, device }) => {
      server.seed("c", ["tom", "jerry"]);
      const tom = await device().createIMClient("tom", {
        conversationSignatureFactory: () => new Promise(() => {}),
      });
      tom.createConversation({ members: ["jerry"] }).catch(() => {});
      const events = heard(tom, "membersjoined", "message");
      const convMessage = { cid: "c", initBy: "tom", m: ["mary"] };
      server.push("tom", { cmd: "conv", op: "members_joined", convMessage });
      server.push("tom", { cmd: "direct", directMessage: { cid: "c", id: "x", msg: "y" } });
      await settle();
      assert.deepEqual(events.map(([name]) => name), ["membersjoined", "message"]);
    }),
  );

  it(
    "ends quietly with the client, also while a conversation is asked for",
    inWorld(async ({ server, device, log }) => {
      server.seed("c", ["tom", "jerry"]);
      const tom = await device().createIMClient("tom");
      const events = heard(tom, "message");
      server.script = ({ cmd }) => cmd === "conv" ? "silence" : undefined;
      server.push("tom", { cmd: "direct", directMessage: { cid: "c", id: "x", msg: "y" } });
      await settle();
      await tom.close();
      await settle();
      assert.deepEqual(events, []);
      assert.deepEqual(log.lines.filter(({ level }) => level === "error"), []);
    }),
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
        assert.equal(events.length, 2, "the other listener hears both");
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
