/**
 * An app that wants everything signed, and factories that sign as LeanCloud documents it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { meeting, sides } from "./sides.ts";

/** Signs for an app, as its own server would. */
function signer(appId: string, key: string) {
  const sign = (parts: readonly (string | null)[], action?: string) => {
    const timestamp = Date.now(), nonce = randomUUID();
    const known = parts.filter((part) => part !== null);
    const text = [appId, ...known, timestamp, nonce, ...action ? [action] : []].join(":");
    const signature = createHmac("sha1", key).update(text).digest("hex");
    return { signature, timestamp, nonce };
  };
  const asked: string[] = [];
  return {
    asked,
    factories: {
      signatureFactory: (client: string) => sign([client, ""]),
      conversationSignatureFactory: (
        conversation: string | null,
        client: string,
        targets: string[],
        action: string,
      ) => {
        asked.push(action);
        const parts = [client, conversation, [...targets].sort().join(":")];
        return action === "create" ? sign(parts) : sign(parts, action);
      },
      blacklistSignatureFactory: (
        conversation: string,
        client: string,
        targets: string[],
        action: string,
      ) => {
        asked.push(action);
        return sign([client, conversation, [...targets].sort().join(":")], action);
      },
    },
  };
}

for (const { appId, actor } of sides) {
  describe(`where everything is signed, ${actor.name}'s client`, () => {
    const { logIn } = meeting({ login: "signed", conversations: "signed", blacklist: "signed" });
    const good = signer(appId, "master");
    const { signatureFactory } = good.factories;
    const bad = signer(appId, "another key").factories;
    let tom: official.IMClient;
    let talk: official.Conversation;

    before(async () => {
      tom = await logIn(actor, appId, "tom", good.factories);
    });

    it("is let in by a signature alone", async () => {
      const refused = { name: "SIGNATURE_FAILED", code: 4102 };
      await assert.rejects(logIn(actor, appId, "spike"), refused);
      await assert.rejects(
        logIn(actor, appId, "butch", { signatureFactory: bad.signatureFactory }),
        refused,
      );
      assert.equal(tom.id, "tom");
    });

    it("starts conversations, and changes their members", async () => {
      talk = await tom.createConversation({ members: ["jerry", "butch"] }) as official.Conversation;
      assert.deepEqual((await talk.add(["spike"])).successfulClientIds, ["spike"]);
      assert.deepEqual((await talk.remove(["spike"])).successfulClientIds, ["spike"]);
      assert.deepEqual(good.asked.splice(0), ["create", "invite", "kick"]);
    });

    it("blocks and unblocks", async () => {
      assert.deepEqual((await talk.blockMembers(["jerry"])).successfulClientIds, ["jerry"]);
      assert.deepEqual((await talk.unblockMembers(["jerry"])).successfulClientIds, ["jerry"]);
      assert.deepEqual(good.asked.splice(0), [
        "conversation-block-clients",
        "conversation-unblock-clients",
      ]);
    });

    it("is refused what is signed with another key, or not at all", async () => {
      const refused = { code: 4302, name: "CONVERSATION_SIGNATURE_FAILED" };
      const notBlocked = { code: 4546, name: "BLACKLIST_SIGNATURE_FAILED" };
      const without = await logIn(actor, appId, "nibbles", { signatureFactory });
      await assert.rejects(without.createConversation({ members: ["tom"] }), refused);
      const forged = await logIn(actor, appId, "tyke", { ...bad, signatureFactory });
      await assert.rejects(forged.createConversation({ members: ["tom"] }), refused);
      await talk.add(["nibbles", "tyke"]);
      for (const client of [without, forged]) {
        const there = await client.getConversation(talk.id) as official.Conversation;
        await assert.rejects(there.add(["spike"]), refused);
        await assert.rejects(there.remove(["butch"]), refused);
        await assert.rejects(there.blockMembers(["butch"]), notBlocked);
      }
    });
  });
}
