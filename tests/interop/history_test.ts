/**
 * What is asked of a conversation's history, by Curlew's client and by LeanCloud's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { meeting, sides } from "./sides.ts";

for (const { appId, actor, other } of sides) {
  describe(`the history, as ${actor.name}'s client reads it`, () => {
    const { logIn } = meeting();
    let talk: official.ConversationBase;
    let sent: readonly official.Message[];

    before(async () => {
      const tom = await logIn(actor, appId, "tom");
      const jerry = await logIn(other, appId, "jerry");
      talk = await tom.createConversation({ members: ["jerry"] });
      const there = await jerry.getConversation(talk.id);
      const all: official.Message[] = [];
      for (const n of [0, 1, 2, 3, 4, 5]) {
        const message = n % 3 === 2
          ? new actor.BinaryMessage(Uint8Array.of(n).buffer)
          : new actor.TextMessage(String(n));
        all.push(n === 1 ? await there.send(new other.TextMessage("1")) : await talk.send(message));
      }
      sent = all;
    });

    /** Which messages come, by their place in the order in which they were sent. */
    const places = async (options: object) => {
      const ids = sent.map(({ id }) => id);
      return (await talk.queryMessages(options)).map(({ id }) => ids.indexOf(id));
    };
    const from = (n: number, closed?: boolean) => ({
      startTime: sent[n]!.timestamp,
      startMessageId: sent[n]!.id,
      ...closed === undefined ? {} : { startClosed: closed },
    });
    const to = (n: number, closed?: boolean) => ({
      endTime: sent[n]!.timestamp,
      endMessageId: sent[n]!.id,
      ...closed === undefined ? {} : { endClosed: closed },
    });
    const forwards = () => ({
      direction: actor.MessageQueryDirection.OLD_TO_NEW as official.MessageQueryDirection,
    });

    it("is the newest where nothing is said, oldest first", async () => {
      assert.deepEqual(await places({}), [0, 1, 2, 3, 4, 5]);
      assert.deepEqual(await places({ limit: 2 }), [4, 5]);
    });

    it("goes back from a message, with it or without", async () => {
      assert.deepEqual(await places({ ...from(4), limit: 2 }), [2, 3]);
      assert.deepEqual(await places({ ...from(4, true), limit: 2 }), [3, 4]);
      const before = { beforeTime: sent[4]!.timestamp, beforeMessageId: sent[4]!.id };
      assert.deepEqual(await places({ ...before, limit: 2 }), [2, 3]);
    });

    it("goes forth from a message, with it or without", async () => {
      assert.deepEqual(await places({ ...forwards(), limit: 2 }), [0, 1]);
      assert.deepEqual(await places({ ...from(1), ...forwards(), limit: 2 }), [2, 3]);
      assert.deepEqual(await places({ ...from(1, true), ...forwards(), limit: 2 }), [1, 2]);
    });

    it("ends at a message, with it or without", async () => {
      assert.deepEqual(await places({ ...from(4), ...to(1) }), [2, 3]);
      assert.deepEqual(await places({ ...from(4, true), ...to(1, true) }), [1, 2, 3, 4]);
      assert.deepEqual(await places({ ...from(1), ...to(4, true), ...forwards() }), [2, 3, 4]);
      const between = {
        beforeTime: sent[4]!.timestamp,
        beforeMessageId: sent[4]!.id,
        afterTime: sent[1]!.timestamp,
        afterMessageId: sent[1]!.id,
      };
      assert.deepEqual(await places(between), [2, 3]);
    });

    it("is of one type of message where that is asked for", async () => {
      assert.deepEqual(await places({ type: actor.TextMessage.TYPE, limit: 3 }), [1, 3, 4]);
    });

    it("says who sent what, and holds bytes as bytes", async () => {
      const all = await talk.queryMessages({});
      assert.deepEqual(all.map(({ from }) => from), ["tom", "jerry", "tom", "tom", "tom", "tom"]);
      assert.ok(all[2] instanceof actor.BinaryMessage);
      assert.deepEqual([...new Uint8Array(all[2].buffer)], [2]);
    });

    it("is walked through page by page", async () => {
      const pages = talk.createMessagesIterator({ limit: 4 });
      const ids = sent.map(({ id }) => id);
      const next = async () => {
        const { value, done } = await pages.next();
        return [value.map(({ id }) => ids.indexOf(id)), done];
      };
      assert.deepEqual(await next(), [[2, 3, 4, 5], false]);
      assert.deepEqual(await next(), [[0, 1], true]);
    });
  });
}
