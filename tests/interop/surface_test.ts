/**
 * What an app does beside sending: Curlew's client and LeanCloud's own, unmodified, on either side,
 * against the server as its own process.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { ConversationMemberRole } from "@curlew/realtime";
import type * as official from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { meeting, sides } from "./sides.ts";

describe("between Curlew's client and the official SDK", () => {
  const { logIn } = meeting({ roles: true });

  for (const { title, appId, actor, other } of sides) {
    describe(title, () => {
      let tom: official.IMClient;
      let jerry: official.IMClient;
      let mine: official.Conversation;
      let his: official.Conversation;

      before(async () => {
        [tom, jerry] = await Promise.all([
          logIn(actor, appId, "tom"),
          logIn(other, appId, "jerry"),
        ]);
        mine = await tom.createConversation({
          members: ["jerry"],
          name: "T & J",
          attr: { color: "red" },
        }) as official.Conversation;
        his = await jerry.getConversation(mine.id) as official.Conversation;
      });

      it("changes a message", async () => {
        const arrived = heard(his, "message");
        const sent = await mine.send(new actor.TextMessage("Helo"));
        await arrived;
        const told = heard<[official.TextMessage]>(his, "messageupdate");
        const onClient = heard<[official.TextMessage, official.Conversation]>(
          jerry,
          "messageupdate",
        );
        const better = new actor.TextMessage("Hello").setMentionList(["jerry"]);
        await mine.update(sent, better);
        const [message] = await told;
        assert.ok(message instanceof other.TextMessage);
        assert.deepEqual(
          [message.text, message.id, message.from, message.mentioned, +message.timestamp],
          ["Hello", sent.id, "tom", true, +sent.timestamp],
        );
        assert.ok(message.updatedAt > message.timestamp);
        assert.deepEqual((await onClient).slice(0, 2), [message, his]);
        assert.equal(his.lastMessage?.id, sent.id);
        assert.equal((his.lastMessage as official.TextMessage).text, "Hello");
      });

      it("recalls a message", async () => {
        const arrived = heard(his, "message");
        const sent = await mine.send(new actor.TextMessage("oops"));
        await arrived;
        const told = heard<[official.RecalledMessage]>(his, "messagerecall");
        assert.ok(await mine.recall(sent) instanceof actor.RecalledMessage);
        const [message] = await told;
        assert.ok(message instanceof other.RecalledMessage);
        assert.equal(message.id, sent.id);
        const [newest] = (await his.queryMessages({ limit: 1 })) as [official.Message];
        assert.ok(newest instanceof other.RecalledMessage);
      });

      it("hears of receipts", async () => {
        const delivered = heard(mine, "lastdeliveredatupdate");
        const read = heard(mine, "lastreadatupdate");
        const arrived = heard(his, "message");
        await mine.send(new actor.TextMessage("read this"), { receipt: true });
        await arrived;
        await delivered;
        await his.read();
        await read;
        assert.ok(mine.lastDeliveredAt! <= mine.lastReadAt!);
      });

      it("changes attributes", async () => {
        const told = heard<[{ attributes: unknown; updatedBy: string }]>(his, "infoupdated");
        mine.name = "Tom";
        mine.set("attr.color", "blue");
        await mine.save();
        const [{ attributes, updatedBy }] = await told;
        assert.deepEqual(attributes, { name: "Tom", "attr.color": "blue" });
        assert.equal(updatedBy, "tom");
        for (const each of [mine, his]) {
          assert.equal(each.name, "Tom");
          assert.deepEqual([each.get("attr"), each.get("attr.color")], [{ color: "blue" }, "blue"]);
        }
        await mine.mute();
        assert.equal(mine.muted, true);
        await his.fetch();
        assert.deepEqual([his.muted, his.mutedMembers], [false, ["tom"]]);
        await mine.unmute();
      });

      it("silences and blocks", async () => {
        const muted = heard<[{ mutedBy: string }]>(his, "muted");
        const { successfulClientIds, failures } = await mine.muteMembers(["jerry", "tom"]);
        assert.deepEqual([successfulClientIds, failures.map((each) => each.clientIds)], [
          ["jerry"],
          [["tom"]],
        ]);
        assert.equal((await muted)[0].mutedBy, "tom");
        await assert.rejects(his.send(new other.TextMessage("hi")), { name: "SILIENCED" });
        assert.deepEqual((await mine.queryMutedMembers({ limit: 10 })).results, ["jerry"]);
        const unmuted = heard(his, "unmuted");
        await mine.unmuteMembers(["jerry"]);
        await unmuted;

        const blocked = heard<[{ blockedBy: string }]>(his, "blocked");
        await mine.blockMembers(["jerry"]);
        assert.equal((await blocked)[0].blockedBy, "tom");
        assert.deepEqual((await mine.queryBlockedMembers({ limit: 10 })).results, ["jerry"]);
        await assert.rejects(his.join(), { name: "BLOCKED_BY_CONV" });
        const unblocked = heard<[{ unblockedBy: string }]>(his, "unblocked");
        await mine.unblockMembers(["jerry"]);
        assert.equal((await unblocked)[0].unblockedBy, "tom");
        await his.join();
      });

      it("makes managers", async () => {
        const told = heard<[{ member: string; memberInfo: { role: string }; updatedBy: string }]>(
          his,
          "memberinfoupdated",
        );
        // The official declarations have numbers where its roles are strings.
        const manager = ConversationMemberRole.MANAGER as never;
        assert.equal(await mine.updateMemberRole("jerry", manager), mine);
        const [{ member, memberInfo, updatedBy }] = await told;
        assert.deepEqual([member, memberInfo.role, updatedBy], ["jerry", "Manager", "tom"]);
        const owner = ConversationMemberRole.OWNER as never;
        await assert.rejects(mine.updateMemberRole("jerry", owner), {
          name: "OWNER_PROMOTION_NOT_ALLOWED",
          code: 5130,
        });
      });

      it("opens rooms and conversations that end", async () => {
        const room = await tom.createChatRoom({ name: `${appId} room` });
        const there = (await jerry.getChatRoomQuery().equalTo("name", `${appId} room`).find())[0]!;
        assert.equal(there.id, room.id);
        await there.join();
        const message = heard<[official.TextMessage]>(there, "message");
        await room.send(new actor.TextMessage("in here"));
        assert.equal((await message)[0].text, "in here");
        const passing = await tom.createTemporaryConversation({ members: ["jerry"], ttl: 60 });
        const his = await jerry.getConversation(passing.id) as unknown as typeof passing;
        assert.deepEqual([passing.expired, his.expired], [false, false]);
        assert.ok(Math.abs(+passing.expiredAt - +his.expiredAt) < 10_000);
      });
    });
  }
});
