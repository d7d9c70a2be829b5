/** What every store must do with service conversations, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Conversation } from "@curlew/server/store";
import { type Kit, refused } from "./store_kit.ts";

/** Starts a service conversation. */
async function startService(kit: Kit, app = "app"): Promise<Conversation> {
  return await kit.start([""], { kind: "service", members: [], attributes: { name: "News" } }, app);
}

/** Registers the tests. */
export function storeServices(kit: Kit): void {
  describe("service conversations", () => started(kit));
  describe("subscriptions", () => subscriptions(kit));
  describe("exchanges", () => exchanges(kit));
}

function started(kit: Kit): void {
  it("are the operator's, without members, and found as such", async () => {
    const service = await startService(kit);
    assert.match(service.id, /^[0-9a-f]{24}$/);
    assert.deepEqual([service.kind, service.creator, service.members.size, service.unique], [
      "service",
      "",
      0,
      false,
    ]);
    assert.deepEqual(await kit.store.conversation("app", service.id), service);
    const query = { where: { sys: true }, sort: [], skip: 0, limit: 10 };
    assert.deepEqual(await kit.store.findConversations("app", query), [service]);
    assert.deepEqual(await kit.store.findConversations("other", query), []);
  });

  it("keep no members, and no client changes them", async () => {
    const { store } = kit;
    const { id } = await startService(kit);
    await refused(store.addMembers("app", id, "tom", ["tom"]), 4314);
    await refused(store.removeMembers("app", id, "tom", ["tom"]), 4314);
    await refused(store.setMuted("app", id, "tom", true), 4314);
    await refused(store.updateConversation("app", id, "tom", { name: "x" }), 4308);
  });
}

function subscriptions(kit: Kit): void {
  it("begin once, and end once", async () => {
    const { store, clock } = kit;
    const service = await startService(kit);
    const change = (action: "subscribe" | "unsubscribe") =>
      store.changeSubscription("app", service.id, "tom", action);
    const of = (client: string) => store.subscription("app", service.id, client);
    assert.equal(await of("tom"), undefined);
    const since = clock.now();
    assert.deepEqual(await change("subscribe"), { conversation: service, changed: true, told: [] });
    await clock.advance(1_000);
    assert.equal((await change("subscribe")).changed, false);
    assert.deepEqual(await of("tom"), { since, muted: false });
    assert.equal(await of("jerry"), undefined);
    assert.equal((await change("unsubscribe")).changed, true);
    assert.equal((await change("unsubscribe")).changed, false);
    assert.equal(await of("tom"), undefined);
    await change("subscribe");
    assert.deepEqual(await of("tom"), { since: clock.now(), muted: false });
  });

  it("are counted, and leave their conversation as it is", async () => {
    const { store } = kit;
    const [one, two] = [await startService(kit), await startService(kit)];
    const count = (id: string) => store.subscriberCount("app", id);
    assert.equal(await count(one.id), 0);
    for (const client of ["tom", "jerry", "tom", "mary"]) {
      await store.changeSubscription("app", one.id, client, "subscribe");
    }
    await store.changeSubscription("app", one.id, "mary", "unsubscribe");
    await store.changeSubscription("app", one.id, "nobody", "unsubscribe");
    await store.changeSubscription("app", one.id, "tom", "mute");
    assert.deepEqual([await count(one.id), await count(two.id)], [2, 0]);
    assert.deepEqual(await store.conversation("app", one.id), one);
  });

  it("are counted rightly where what comes with them fails", async () => {
    const { store } = kit;
    const { id } = await startService(kit);
    const subscribe = (client: string, tell?: () => never) =>
      store.changeSubscription("app", id, client, "subscribe", tell);
    const fail = (): never => {
      throw new Error("No");
    };
    await subscribe("tom");
    await Promise.allSettled([
      subscribe("jerry"),
      store.subscriberCount("app", id),
      subscribe("mary", fail),
    ]);
    assert.equal(await store.subscriberCount("app", id), 2);
    await Promise.allSettled([subscribe("spike"), subscribe("mary", fail)]);
    assert.equal(await store.subscriberCount("app", id), 3);
  });

  it("are muted each by itself, until they end", async () => {
    const { store } = kit;
    const { id } = await startService(kit);
    const change = async (
      client: string,
      action: "subscribe" | "unsubscribe" | "mute" | "unmute",
    ) => (await store.changeSubscription("app", id, client, action)).changed;
    const muted = async (client: string) => (await store.subscription("app", id, client))?.muted;
    await change("tom", "subscribe");
    await change("jerry", "subscribe");
    assert.deepEqual([await change("tom", "mute"), await change("tom", "mute")], [true, false]);
    assert.equal(await change("tom", "subscribe"), false);
    assert.deepEqual([await muted("tom"), await muted("jerry")], [true, false]);
    assert.deepEqual([await change("tom", "unmute"), await change("tom", "unmute")], [true, false]);
    assert.equal(await muted("tom"), false);
    await change("tom", "mute");
    await change("tom", "unsubscribe");
    await change("tom", "subscribe");
    assert.equal(await muted("tom"), false);
  });

  it("are to what is there, of an app's own, and of clients that can be", async () => {
    const { store } = kit;
    const { id } = await startService(kit);
    const room = await kit.start(["tom"], { kind: "room" });
    await refused(store.changeSubscription("app", "none", "tom", "subscribe"), 4303);
    await refused(store.changeSubscription("other", id, "tom", "subscribe"), 4303);
    await refused(store.changeSubscription("app", room.id, "tom", "subscribe"), 4308);
    await refused(store.changeSubscription("app", id, "to\0m", "subscribe"), 4103);
    await refused(store.changeSubscription("app", id, "tom", "mute"), 4317);
    await refused(store.changeSubscription("app", id, "tom", "unmute"), 4317);
    assert.equal(await store.subscription("app", "none", "tom"), undefined);
    assert.equal(await store.subscriberCount("app", "none"), 0);
  });

  it("are told of with their change, or don't change", async () => {
    const { store } = kit;
    const { id } = await startService(kit);
    const { told } = await store.changeSubscription(
      "app",
      id,
      "tom",
      "subscribe",
      ({ changed }) => changed ? [{ to: ["tom"], command: { op: "joined" } }] : [],
    );
    assert.deepEqual(told.map(({ to, command }) => [to, command]), [[["tom"], { op: "joined" }]]);
    const heard = await store.notices("app", "tom", 0, 10);
    assert.deepEqual(heard.map(({ command }) => command), [{ op: "joined" }]);
    const failing = store.changeSubscription("app", id, "jerry", "subscribe", () => {
      throw new Error("No");
    });
    await assert.rejects(failing, { message: "No" });
    assert.equal(await store.subscription("app", id, "jerry"), undefined);
    assert.equal(await store.subscriberCount("app", id), 1);
  });
}

function exchanges(kit: Kit): void {
  const read = (id: string, reader: string) =>
    kit.store.history("app", { conversation: id, reader, direction: "older", limit: 10 });

  it("are each client's own, with places and `dt`s of their own", async () => {
    const service = await startService(kit);
    const [first, second] = await kit.sayAll(service, ["tom", "tom"], { dt: "1" });
    const [third] = await kit.sayAll(service, ["tom"], { dt: "2" });
    const [other] = await kit.sayAll(service, ["jerry"], { dt: "1" });
    assert.deepEqual(second, first);
    assert.deepEqual([first!.seq, third!.seq, other!.seq], [1, 2, 1]);
    assert.equal(first!.conversation, `${service.id}:tom`);
    assert.deepEqual(await read(service.id, "tom"), [first, third]);
    assert.deepEqual(await read(service.id, "jerry"), [other]);
    assert.deepEqual(await read(service.id, "mary"), []);
    const { conversation, repeated } = await kit.say(service, "tom", { dt: "2" });
    assert.deepEqual([[...conversation.members], conversation.kind, repeated], [
      ["tom"],
      "exchange",
      true,
    ]);
    assert.deepEqual(await kit.store.conversation("app", service.id), service);
  });

  it("have nothing unread or undelivered of one's own", async () => {
    const { store } = kit;
    const service = await startService(kit);
    await kit.sayAll(service, ["tom", "tom"]);
    for (const client of ["tom", "jerry"]) {
      assert.deepEqual(await store.unread("app", client), []);
      assert.deepEqual((await store.undelivered("app", client, 10)).messages, []);
    }
    const { unread, upTo, conversation } = await store
      .markRead("app", "tom", service.id, { newest: true });
    assert.deepEqual([unread, upTo, conversation.id], [0, 2, `${service.id}:tom`]);
    const [mark] = await store.readSince(0);
    assert.equal(mark?.conversation, `${service.id}:tom`);
    assert.equal((await store.markRead("app", "jerry", service.id, { newest: true })).upTo, 0);
    const delivered = await store.markDelivered("app", "jerry", service.id, { newest: true });
    assert.deepEqual(delivered.receipts, []);
  });

  it("are changed by their authors alone", async () => {
    const { store } = kit;
    const service = await startService(kit);
    const { message: { id } } = await kit.say(service, "tom");
    const recall = (from: string) =>
      store.applyPatch("app", { conversation: service.id, id, from });
    await refused(recall("jerry"), 4404);
    await kit.say(service, "jerry");
    await refused(recall("jerry"), 4404);
    const { message, conversation } = await recall("tom");
    assert.deepEqual([message.recalled, [...conversation.members]], [true, ["tom"]]);
    assert.deepEqual(await store.patches("app", "tom", 0, 10), [message]);
    assert.deepEqual(await store.patches("app", "jerry", 0, 10), []);
  });

  it("are found by the server alone: nobody learns of another's", async () => {
    const { store, clock } = kit;
    const service = await startService(kit);
    const { message } = await kit.say(service, "tom");
    const { conversation: id } = message;
    const where = [{ m: "tom" }, { sys: true }, { objectId: id }, { c: "tom" }];
    for (const each of where) {
      const found = await store
        .findConversations("app", { where: each, sort: [], skip: 0, limit: 10 });
      assert.deepEqual(found.map(({ id }) => id), "sys" in each ? [service.id] : []);
    }
    assert.equal(await store.conversation("app", id), undefined);
    await refused(store.addMembers("app", id, "tom", ["jerry"]), 4303);
    await refused(store.setMuted("app", id, "tom", true), 4303);
    await refused(read(id, "jerry"), 4312);
    await refused(kit.say({ id }, "jerry"), 4401);
    await refused(store.markRead("app", "jerry", id, { newest: true }), 4317);
    assert.deepEqual(await store.messagesAfter("app", id, 0, 10), [message]);
    assert.equal(await store.seqAt("app", id, clock.now()), 1);
    const grown = await store.grownSince(0);
    assert.deepEqual(grown, [{ app: "app", conversation: id, seq: 1 }]);
  });
}
