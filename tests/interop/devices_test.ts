/**
 * Two devices of one user, one with Curlew's client and one with LeanCloud's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { meeting, sides } from "./sides.ts";

for (const { title, appId, actor, other } of sides) {
  describe(`two devices of one user: ${title}`, () => {
    const { logIn } = meeting();
    let laptop: official.IMClient;
    let mine: official.ConversationBase;
    let there: official.ConversationBase;
    let spike: official.ConversationBase;

    before(async () => {
      const phone = await logIn(actor, appId, "tom");
      laptop = await logIn(other, appId, "tom");
      mine = await phone.createConversation({ members: ["spike"] });
      there = await laptop.getConversation(mine.id);
      spike = await (await logIn(other, appId, "spike")).getConversation(mine.id);
    });

    it("have what the other sent, as what was sent by oneself, and nothing to read", async () => {
      const arrived = heard<[official.TextMessage]>(there, "message");
      const sent = await mine.send(new actor.TextMessage("from my phone").setMentionList(["tom"]));
      const [message] = await arrived;
      assert.deepEqual([message.id, message.from, message.mentioned], [sent.id, "tom", false]);
      assert.equal(there.unreadMessagesCount, 0);
    });

    it("have nothing more to read once the other has read it", async () => {
      const arrived = [heard(mine, "message"), heard(there, "message")];
      await spike.send(new other.TextMessage("read this"));
      await Promise.all(arrived);
      assert.deepEqual([mine.unreadMessagesCount, there.unreadMessagesCount], [1, 1]);
      const told = new Promise<void>((done) => {
        const asked = () => void (there.unreadMessagesCount === 0 && done());
        laptop.on("unreadmessagescountupdate", asked);
      });
      await mine.read();
      await told;
    });
  });
}
