/**
 * What a message may be sent with, and what becomes of it: Curlew's client and LeanCloud's own on
 * either side.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { meeting, sides } from "./sides.ts";

for (const { title, appId, actor, other } of sides) {
  describe(`what is sent: ${title}`, () => {
    const { logIn, leave, realtime } = meeting();
    let tom: official.IMClient;
    let jerry: official.IMClient;
    let mine: official.ConversationBase;
    let his: official.ConversationBase;

    before(async () => {
      tom = await logIn(actor, appId, "tom");
      jerry = await logIn(other, appId, "jerry");
      mine = await tom.createConversation({ members: ["jerry"] });
      his = await jerry.getConversation(mine.id);
    });

    const newest = async () => (await his.queryMessages({ limit: 1 }))[0];

    it("reaches who is there and is kept nowhere, where it is transient", async () => {
      const before = heard(his, "message");
      const kept = await mine.send(new actor.TextMessage("kept"));
      await before;
      const arrived = heard<[official.TextMessage]>(his, "message");
      await mine.send(new actor.TextMessage("typing"), { transient: true });
      assert.equal((await arrived)[0].text, "typing");
      assert.equal((await newest())?.id, kept.id);
    });

    it("has a priority and something to be pushed", async () => {
      const room = await tom.createChatRoom({ name: "room" });
      const [there] = await jerry.getChatRoomQuery().equalTo("objectId", room.id).find();
      await there!.join();
      for (const priority of Object.values(actor.MessagePriority)) {
        if (typeof priority !== "number") continue;
        const arrived = heard<[official.TextMessage]>(there!, "message");
        await room.send(new actor.TextMessage(`${priority}`), { priority });
        assert.equal((await arrived)[0].text, `${priority}`);
      }
      const arrived = heard<[official.TextMessage]>(his, "message");
      await mine.send(new actor.TextMessage("push"), { pushData: { alert: "From Tom" } });
      assert.equal((await arrived)[0].text, "push");
    });

    it("mentions some, or all", async () => {
      const mentions = async (message: official.Message) => {
        const arrived = heard<[official.Message]>(his, "message");
        await mine.send(message);
        const [{ mentioned, mentionedAll, mentionList }] = await arrived;
        return { mentioned, mentionedAll: !!mentionedAll, mentionList: [...mentionList ?? []] };
      };
      const text = () => new actor.TextMessage("Look");
      assert.deepEqual(
        await mentions(text().setMentionList(["jerry", "spike"])),
        { mentioned: true, mentionedAll: false, mentionList: ["jerry", "spike"] },
      );
      assert.deepEqual(
        await mentions(text().mentionAll()),
        { mentioned: true, mentionedAll: true, mentionList: [] },
      );
      assert.equal((await mentions(text().setMentionList(["spike"]))).mentioned, false);
      assert.equal(his.unreadMessagesMentioned, true);
      await his.read();
      assert.equal(his.unreadMessagesMentioned, false);
    });

    it("says when it was delivered, and that it was", async () => {
      const delivered = heard(mine, "lastdeliveredatupdate");
      const message = await mine.send(new actor.TextMessage("receipt"), { receipt: true });
      assert.equal(message.status, actor.MessageStatus.SENT);
      await delivered;
      assert.equal(message.status, actor.MessageStatus.DELIVERED);
      assert.ok(message.deliveredAt instanceof Date);
      assert.deepEqual(mine.lastDeliveredAt, message.deliveredAt);
    });

    it("is known as delivered and read to who asks, too", async () => {
      const butch = await logIn(actor, appId, "butch");
      const talk = await butch.createConversation({ members: ["jerry"] });
      const arrived = heard<[official.Message, official.ConversationBase]>(jerry, "message");
      const { timestamp } = await talk.send(new actor.TextMessage("hi"), { receipt: true });
      const read = heard(talk, "lastreadatupdate");
      await (await arrived)[1].read();
      await read;
      await leave(butch);
      const again = await (await logIn(actor, appId, "butch")).getConversation(talk.id);
      assert.notEqual(again, talk);
      await again.fetchReceiptTimestamps();
      assert.ok(again.lastDeliveredAt! >= timestamp);
      assert.ok(again.lastReadAt! >= timestamp);
    });

    it("is what a client has left to say, where it is lost", async () => {
      const spike = await logIn(actor, appId, "spike");
      const talk = await spike.createConversation({ members: ["jerry"] });
      await talk.send(new actor.TextMessage("Spike is gone"), { will: true });
      const arrived = heard<[official.TextMessage]>(jerry, "message");
      const back = heard(spike, "reconnect");
      const { pause, resume } = realtime(actor, appId) as unknown as Record<string, () => void>;
      pause!.call(realtime(actor, appId));
      assert.equal((await arrived)[0].text, "Spike is gone");
      resume!.call(realtime(actor, appId));
      await back;
    });
  });
}
