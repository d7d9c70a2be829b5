/** What every store must do with read and delivered marks. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { UnreadSince } from "@curlew/server/store";
import { type Kit, refused } from "./store_kit.ts";

/** Registers the tests. */
export function storeMarks(kit: Kit): void {
  const unread = (client: string, since?: UnreadSince) => kit.store.unread("app", client, since);
  const counts = async (client: string, since?: UnreadSince) =>
    (await unread(client, since)).map(({ conversation, count, mentioned }) => [
      conversation.id,
      count,
      mentioned,
    ]);
  const read = (client: string, id: string, upTo: Parameters<typeof kit.store.markRead>[3]) =>
    kit.store.markRead("app", client, id, upTo);
  const delivered = async (
    client: string,
    id: string,
    upTo: Parameters<typeof kit.store.markDelivered>[3],
  ) => (await kit.store.markDelivered("app", client, id, upTo)).receipts;
  const waiting = async (client: string, limit = 1000) => {
    const { messages, more } = await kit.store.undelivered("app", client, limit);
    return { places: messages.map(({ seq }) => seq), more };
  };

  describe("the progress of members", () => {
    it("is told by when the newest message that each has read, and has, was sent", async () => {
      const made = await kit.start(["tom", "jerry", "spike"]);
      const progress = () => kit.store.progress("app", made.id);
      assert.deepEqual(await progress(), ["jerry", "spike", "tom"].map((client) => ({ client })));
      const [one, two, three] = await kit.sayAll(made, ["tom", "jerry", "tom"]);
      await read("jerry", made.id, { id: two!.id });
      await delivered("jerry", made.id, { newest: true });
      await delivered("spike", made.id, { timestamp: one!.timestamp });
      await kit.store.addMembers("app", made.id, "tom", ["tyke"]);
      const at = ({ timestamp }: { timestamp: number }) => timestamp;
      assert.deepEqual(await progress(), [
        { client: "jerry", read: at(two!), delivered: at(three!) },
        { client: "spike", delivered: at(one!) },
        { client: "tom" },
        { client: "tyke", read: at(three!), delivered: at(three!) },
      ]);
      await kit.store.removeMembers("app", made.id, "jerry", ["jerry"]);
      assert.deepEqual((await progress()).map(({ client }) => client), ["spike", "tom", "tyke"]);
    });

    it("is refused of a conversation that is not there", async () => {
      await refused(kit.store.progress("app", "nonsense"), 4303);
    });
  });

  describe("unread messages", () => {
    it("are those of others after the read mark, 100 at most", async () => {
      const made = await kit.start(["tom", "jerry", "spike"]);
      assert.deepEqual(await unread("jerry"), []);
      const all = await kit.sayAll(made, ["tom", "jerry", "tom"]);
      assert.deepEqual(await counts("jerry"), [[made.id, 2, false]]);
      assert.deepEqual(await counts("tom"), [[made.id, 1, false]]);
      const [first] = await unread("spike");
      assert.equal(first!.count, 3);
      assert.deepEqual(first!.last, all[2]);
      assert.equal(first!.conversation.seq, 3);
      await Promise.all(Array.from({ length: 110 }, () => kit.say(made, "tom")));
      assert.deepEqual(await counts("jerry"), [[made.id, 100, false]]);
    });

    it("do not include those from before a member joined", async () => {
      const made = await kit.start(["tom"]);
      await kit.sayAll(made, ["tom", "tom"]);
      await kit.store.addMembers("app", made.id, "tom", ["jerry"]);
      assert.deepEqual(await counts("jerry"), []);
      assert.deepEqual((await waiting("jerry")).places, []);
      await kit.say(made, "tom");
      assert.deepEqual(await counts("jerry"), [[made.id, 1, false]]);
      // Who leaves and comes back begins anew.
      await kit.store.removeMembers("app", made.id, "jerry", ["jerry"]);
      assert.deepEqual(await counts("jerry"), []);
      await kit.say(made, "tom");
      await kit.store.addMembers("app", made.id, "jerry", ["jerry"]);
      assert.deepEqual(await counts("jerry"), []);
    });

    it("say whether one of them mentions the client", async () => {
      const made = await kit.start(["tom", "jerry", "spike"]);
      await kit.say(made, "tom", { mentioned: ["spike"] });
      assert.deepEqual(await counts("jerry"), [[made.id, 1, false]]);
      assert.deepEqual(await counts("spike"), [[made.id, 1, true]]);
      await read("spike", made.id, { newest: true });
      await kit.say(made, "tom", { mentionedAll: true });
      assert.deepEqual(await counts("jerry"), [[made.id, 2, true]]);
      assert.deepEqual(await counts("spike"), [[made.id, 1, true]]);
      assert.deepEqual(await counts("tom"), []);
    });

    it("come from the 50 most recent conversations, the most recent first", async () => {
      const all = [];
      for (let i = 0; i < 55; i++) {
        const made = await kit.start(["tom", "jerry"]);
        await kit.clock.advance(1);
        await kit.say(made, "tom");
        all.unshift(made.id);
      }
      const found = (await unread("jerry")).map(({ conversation }) => conversation.id);
      assert.deepEqual(found, all.slice(0, 50));
    });

    it("since a time are those whose count changed after it, also to 0", async () => {
      const [a, b, c, d] = [
        await kit.start(["tom", "jerry"]),
        await kit.start(["tom", "jerry"]),
        await kit.start(["tom", "jerry"]),
        await kit.start(["tom", "jerry"]),
      ];
      for (const made of [a, b, c]) await kit.say(made, "tom");
      await kit.clock.advance(1000);
      const since = kit.clock.now();
      await kit.clock.advance(1000);
      assert.deepEqual(await counts("jerry", { sent: since, read: since }), []);
      await read("jerry", b.id, { newest: true });
      await kit.say(c, "tom");
      await kit.say(d, "jerry");
      await kit.say(a, "jerry"); // The client's own: its count is the same.
      const found = async (asked: UnreadSince) => (await counts("jerry", asked)).sort();
      const [left, read1, grown] = [[a.id, 1, false], [b.id, 0, false], [c.id, 2, false]];
      assert.deepEqual(await found({ sent: since, read: since }), [read1, grown].sort());
      assert.deepEqual(await found({ sent: since }), [grown]);
      assert.deepEqual(await found({ read: since }), [left, read1, grown].sort());
    });
  });

  describe("a read mark", () => {
    it("goes to a time, a message or the newest, and never back", async () => {
      const made = await kit.start(["tom", "jerry"]);
      const all = await kit.sayAll(made, ["tom", "tom", "jerry", "tom", "tom"]);
      await kit.clock.advance(1000);
      const second = await read("jerry", made.id, { timestamp: all[1]!.timestamp });
      assert.equal(second.unread, 2);
      assert.equal(second.at, kit.clock.now());
      assert.equal(second.read?.seq, 2);
      const back = await read("jerry", made.id, { id: all[0]!.id });
      assert.deepEqual([back.unread, back.read], [2, undefined]);
      const own = await read("jerry", made.id, { id: all[2]!.id });
      assert.deepEqual([own.unread, own.read], [2, undefined]);
      assert.equal((await read("jerry", made.id, { id: "nonsense" })).unread, 2);
      assert.equal((await read("jerry", made.id, { timestamp: 0 })).unread, 2);
      const end = await read("jerry", made.id, { newest: true });
      assert.deepEqual([end.unread, end.read?.seq, end.mentioned], [0, 5, false]);
      assert.deepEqual(await unread("jerry"), []);
    });

    it("notes on messages of others when they were first read, and so delivered", async () => {
      const made = await kit.start(["tom", "jerry", "spike"]);
      await kit.sayAll(made, ["tom", "jerry"]);
      await kit.clock.advance(1000);
      const at = kit.clock.now();
      const { read: passed } = await read("jerry", made.id, { newest: true });
      assert.deepEqual([passed?.readAt, passed?.deliveredAt], [at, at]);
      await kit.clock.advance(1000);
      await read("spike", made.id, { newest: true });
      const kept = await kit.store.messagesAfter("app", made.id, 0, 9);
      assert.deepEqual(kept.map(({ readAt, deliveredAt }) => [readAt, deliveredAt]), [
        [at, at],
        [at + 1000, at + 1000],
      ]);
      assert.deepEqual((await waiting("jerry")).places, []);
    });

    it("is a member's, of a conversation that is there", async () => {
      const made = await kit.start(["tom"]);
      await refused(read("jerry", made.id, { newest: true }), 4317);
      await refused(read("jerry", "nonsense", { newest: true }), 4303);
    });
  });

  describe("delivery", () => {
    it("gives each message that wants it one receipt, in a conversation of two", async () => {
      const made = await kit.start(["tom", "jerry"]);
      const [one] = await kit.sayAll(made, ["tom"], { receipt: true });
      await kit.sayAll(made, ["tom"]);
      const [three] = await kit.sayAll(made, ["tom"], { receipt: true });
      await kit.sayAll(made, ["jerry"], { receipt: true });
      await kit.clock.advance(100);
      const at = kit.clock.now();
      const due = await delivered("jerry", made.id, { timestamp: one!.timestamp });
      assert.deepEqual(due, [{ message: { ...one!, deliveredAt: at }, at }]);
      const rest = await delivered("jerry", made.id, { newest: true });
      assert.deepEqual(rest.map(({ message }) => message.id), [three!.id]);
      assert.deepEqual(await delivered("jerry", made.id, { newest: true }), []);
      assert.deepEqual(await delivered("jerry", made.id, { id: one!.id }), []);
      const kept = await kit.store.messagesAfter("app", made.id, 0, 9);
      assert.deepEqual(kept.map(({ deliveredAt }) => deliveredAt), [at, at, at, undefined]);
    });

    it("gives no receipt among three, and none for what is unknown", async () => {
      const made = await kit.start(["tom", "jerry", "spike"]);
      await kit.sayAll(made, ["tom"], { receipt: true });
      assert.deepEqual(await delivered("jerry", made.id, { newest: true }), []);
      assert.deepEqual(await delivered("nobody", made.id, { newest: true }), []);
      assert.deepEqual(await delivered("jerry", "nonsense", { newest: true }), []);
      assert.deepEqual(await delivered("jerry", made.id, { id: "nonsense" }), []);
    });

    it("with a beginning leaves older ones alone, until they are acknowledged too", async () => {
      const made = await kit.start(["tom", "jerry"]);
      const all = await kit.sayAll(made, ["tom", "tom", "tom"], { receipt: true });
      const [first, second, third] = all.map(({ timestamp }) => timestamp) as [
        number,
        number,
        number,
      ];
      const due = await delivered("jerry", made.id, { from: second, timestamp: third });
      assert.deepEqual(due.map(({ message }) => message.seq), [2, 3]);
      assert.equal((await waiting("jerry")).places[0], 1);
      const rest = await delivered("jerry", made.id, { from: first, timestamp: third });
      assert.deepEqual(rest.map(({ message }) => message.seq), [1]);
      assert.deepEqual((await waiting("jerry")).places, []);
    });

    it("leaves undelivered messages: those of others, oldest first, 100 a conversation", async () => {
      const made = await kit.start(["tom", "jerry"]);
      const all = await kit.sayAll(made, ["tom", "jerry", "tom"]);
      assert.deepEqual(await waiting("jerry"), { places: [1, 3], more: false });
      assert.deepEqual(await waiting("jerry", 1), { places: [1], more: true });
      assert.deepEqual(await waiting("tom"), { places: [2], more: false });
      await delivered("jerry", made.id, { id: all[0]!.id });
      assert.deepEqual(await waiting("jerry"), { places: [3], more: false });
      await Promise.all(Array.from({ length: 120 }, () => kit.say(made, "tom")));
      const { places } = await waiting("jerry");
      assert.deepEqual([places.length, places[0], places.at(-1)], [100, 24, 123]);
      // What no longer waits is no hole: the mark passes it.
      const [oldest] = await kit.store.messagesAfter("app", made.id, 23, 1);
      const from = oldest!.timestamp;
      await delivered("jerry", made.id, { from, timestamp: from + 1000 });
      assert.deepEqual(await waiting("jerry"), { places: [], more: false });
    });
  });
}
