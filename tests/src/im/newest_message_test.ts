import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld, two } from "./world.ts";

describe("a conversation's newest message", () => {
  it(
    "is never an older one, nor one that is not kept",
    inWorld(async (world) => {
      const { server } = world;
      const { jerry, conversation } = await two(world);
      const there = (await jerry.getConversation(conversation.id))!;
      const sent = await conversation.send(new TextMessage("new"));
      await settle();
      const older = { cid: conversation.id, id: "old", fromPeerId: "tom", timestamp: 1, msg: "x" };
      server.push("jerry", { cmd: "direct", directMessage: older });
      await settle();
      assert.equal(there.lastMessage?.id, sent.id);
      assert.equal(there.lastMessageAt?.getTime(), sent.timestamp.getTime());
      await conversation.send(new TextMessage("typing"), { transient: true });
      await settle();
      assert.equal(there.lastMessage?.id, sent.id);
      assert.equal(conversation.lastMessage, sent);
    }),
  );

  it(
    "marks how far one has read by its id, unless one wrote it oneself",
    inWorld(async (world) => {
      const { clock, server } = world;
      const { tom, jerry, conversation } = await two(world);
      const sent = await conversation.send(new TextMessage("hi"));
      await settle();
      for (const client of [tom, jerry]) {
        await (await client.getConversation(conversation.id))!.read();
      }
      await clock.advance(1_000);
      const marks = server.requests("read").map(({ peerId, readMessage }) => [
        peerId,
        readMessage?.convs?.[0]?.mid,
      ]);
      assert.deepEqual(Object.fromEntries(marks), { tom: undefined, jerry: sent.id });
    }),
  );
});

describe("a chat room", () => {
  it(
    "counts nothing as unread, and its messages are not acknowledged",
    inWorld(async ({ clock, server, device }) => {
      server.seed("room", ["tom"], { tr: true });
      const tom = await device().createIMClient("tom");
      const events = heard(tom, "message", "unreadmessagescountupdate");
      const direct = { cid: "room", id: "m", fromPeerId: "jerry", timestamp: 1, msg: "hi" };
      server.push("tom", { cmd: "direct", directMessage: { ...direct, convType: 2 } });
      await clock.advance(2_000);
      assert.deepEqual(events.map(([name]) => name), ["message"]);
      assert.equal(server.requests("ack").length, 0);
    }),
  );

  it(
    "is never looked for among those of the same members",
    inWorld(async ({ server, device }) => {
      const tom = await device().createIMClient("tom");
      await tom.createConversation({ members: ["jerry"], transient: true });
      const [start] = server.requests("conv", "start");
      assert.equal(start?.convMessage?.transient, true);
      assert.equal(start?.convMessage?.unique, undefined);
    }),
  );
});

describe("what a client sends", () => {
  it(
    "is another message in another conversation, also after a failure",
    inWorld(async ({ server, device }) => {
      const tom = await device().createIMClient("tom");
      const one = await tom.createConversation({ members: ["a"] });
      const other = await tom.createConversation({ members: ["b"] });
      const message = new TextMessage("hi");
      server.script = ({ cmd }) =>
        cmd === "direct"
          ? { cmd: "error", errorMessage: { code: 4200, reason: "INTERNAL_ERROR" } }
          : undefined;
      await assert.rejects(one.send(message), { code: 4200 });
      await assert.rejects(one.send(message), { code: 4200 });
      server.script = () => {};
      await other.send(message);
      const [first, again, elsewhere] = server.requests("direct")
        .map(({ directMessage }) => directMessage?.dt);
      assert.equal(again, first);
      assert.notEqual(elsewhere, first);
    }),
  );

  it(
    "mentions others, and never the sender on another device",
    inWorld(async (world) => {
      const { server } = world;
      const { tom, conversation: { id: cid } } = await two(world);
      const events = heard(tom, "message");
      const direct = { cid, id: "m", fromPeerId: "tom", timestamp: 1, msg: "hi", mentionAll: true };
      server.push("tom", { cmd: "direct", directMessage: direct });
      await settle();
      assert.equal((events[0]?.[1] as TextMessage).mentioned, false);
    }),
  );
});
