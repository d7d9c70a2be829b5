import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { ServiceEvent } from "@curlew/server";
import type { Command } from "@curlew/realtime/protocol";
import { createMemoryStore } from "@curlew/server/store/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testBus } from "../../kit/test_bus.ts";
import { testApp, testServer, type TestServerOptions } from "../../kit/test_server.ts";
import { errorOf, type WireClient } from "../../kit/wire_client.ts";

type Conv = NonNullable<Command["convMessage"]>;
type Direct = NonNullable<Command["directMessage"]>;

/** A server with a service conversation, and ways to say what is asked of it. */
async function service(options: TestServerOptions = {}) {
  const tested = testServer(options);
  const cid = await tested.server.createServiceConversation("app", { name: "News" });
  const conv = (client: WireClient, op: Command["op"], more: Conv = {}) =>
    client.request({ cmd: "conv", op, convMessage: { cid, ...more } });
  return {
    ...tested,
    cid,
    conv,
    send: async (client: WireClient, direct: Direct) =>
      (await client.request({ cmd: "direct", directMessage: { cid, ...direct } })).ackMessage!,
    /** What a query gives. */
    find: async (client: WireClient, where: object = { objectId: cid }, more: Conv = {}) => {
      const convMessage = { where: { data: JSON.stringify(where) }, ...more };
      const { convMessage: found } = await client.request({
        cmd: "conv",
        op: "query",
        convMessage,
      });
      return JSON.parse(found!.results!.data) as Record<string, unknown>[];
    },
    log: async (client: WireClient, id = cid) =>
      await client.request({ cmd: "logs", logsMessage: { cid: id } }),
    count: async (client: WireClient) => (await conv(client, "count")).convMessage!.count,
  };
}

const pushes = async (client: WireClient) => {
  await settle();
  return client.pushes;
};

const directs = async (client: WireClient) =>
  (await pushes(client)).flatMap(({ directMessage }) => directMessage ? [directMessage] : []);

const codeOf = (reply: Command) => errorOf(reply)?.[0];

const texts = (reply: Command) => (reply.logsMessage!.logs ?? []).map(({ data }) => data);

describe("a service conversation", () => {
  it("is started by the operator alone, and found with what is known of it", async () => {
    const { login, server, cid, find, clock } = await service();
    const tom = await login("tom");
    const convMessage = { sys: true, attr: { data: '{"sys":true}' }, m: [] } as Conv;
    await tom.request({ cmd: "conv", op: "start", convMessage });
    const other = await server.createServiceConversation("app");
    const found = await find(tom, { sys: true });
    assert.deepEqual(found.map(({ objectId }) => objectId), [cid, other]);
    const createdAt = new Date(clock.now()).toISOString();
    assert.deepEqual(found[0], {
      objectId: cid,
      name: "News",
      m: [],
      mu: [],
      muted: false,
      joined: false,
      tr: false,
      sys: true,
      unique: false,
      temp: false,
      tempConv: false,
      conv_type: 3,
      createdAt,
      updatedAt: createdAt,
    });
  });

  it("is refused for an app or attributes that can't be", async () => {
    const { server } = testServer();
    const { createServiceConversation: create } = server;
    await assert.rejects(create("none"), { name: "TypeError", message: /no app "none"/ });
    await assert.rejects(create("app", { "$x": 1 }), { name: "TypeError", message: /"\$x"/ });
    const attr = "x".repeat(2_000_000);
    await assert.rejects(create("app", { attr }), { name: "TypeError", message: /characters/ });
  });

  it("is subscribed to and left, as often as is asked", async () => {
    const { login, conv, cid, find, count, clock } = await service();
    const tom = await login("tom");
    const joinedAt = clock.now();
    for (let times = 0; times < 2; times++) {
      const { op, convMessage } = await conv(tom, "add", { m: ["tom"] });
      assert.deepEqual([op, convMessage?.cid, convMessage?.allowedPids], ["added", cid, ["tom"]]);
      assert.deepEqual(convMessage?.failedPids ?? [], []);
      await clock.advance(1_000);
    }
    const [mine] = await find(tom);
    assert.deepEqual([mine!.joined, mine!.joinedAt, mine!.m], [true, joinedAt, []]);
    assert.equal(await count(tom), 1);
    const isMember = async () => {
      const convMessage = { cids: [cid] };
      const reply = await tom.request({ cmd: "conv", op: "is_member", convMessage });
      return JSON.parse(reply.convMessage!.results!.data)[cid];
    };
    assert.equal(await isMember(), true);
    for (let times = 0; times < 2; times++) {
      const { op, convMessage } = await conv(tom, "remove", { m: ["tom"] });
      assert.deepEqual([op, convMessage?.cid, convMessage?.allowedPids], ["removed", cid, ["tom"]]);
    }
    const [again] = await find(tom);
    assert.deepEqual([again!.joined, again!.joinedAt, await count(tom)], [false, undefined, 0]);
    assert.equal(await isMember(), false);
  });

  it("tells the client's own devices who comes and goes, once, and nobody else", async () => {
    const { login, conv, cid } = await service();
    const [phone, pad, jerry] = [await login("tom"), await login("tom"), await login("jerry")];
    await conv(jerry, "add", { m: ["jerry"] });
    jerry.heard.length = 0;
    for (const op of ["add", "add", "remove", "remove"] as const) {
      await conv(phone, op, { m: ["tom"] });
    }
    for (const device of [phone, pad]) {
      const heard = (await pushes(device)).map((
        { op, convMessage },
      ) => [op, convMessage?.cid, convMessage?.initBy, !!convMessage?.udate]);
      assert.deepEqual(heard, [["joined", cid, "tom", true], ["left", cid, "tom", true]]);
    }
    assert.deepEqual(await pushes(jerry), []);
    const members = await conv(jerry, "members");
    assert.deepEqual(members.convMessage?.m ?? [], []);
  });

  it("is joined by nobody for others, and none of its members' matters are a client's", async () => {
    const { login, conv, count } = await service();
    const tom = await login("tom");
    await conv(tom, "add", { m: ["tom"] });
    const attr = { data: '{"name":"Mine"}' };
    const refusals: [Command["op"], Conv, number][] = [
      ["add", { m: ["jerry"] }, 4308],
      ["add", { m: ["tom", "jerry"] }, 4308],
      ["remove", { m: ["jerry"] }, 4308],
      ["update", { attr }, 4308],
      ["add_shutup", { m: ["jerry"] }, 4308],
      ["query_shutup", {}, 4317],
      ["max_read", {}, 4317],
    ];
    for (const [op, more, code] of refusals) {
      assert.equal(codeOf(await conv(tom, op, more)), code, `${op}`);
    }
    assert.equal(await count(tom), 1);
  });

  it("takes signatures where the app wants them", async () => {
    const app = { ...testApp, conversations: "signed" } as const;
    const { login, conv, cid, clock } = await service({ apps: [app] });
    const tom = await login("tom");
    assert.equal(codeOf(await conv(tom, "add", { m: ["tom"] })), 4302);
    const [t, n] = [clock.now(), "nonce"];
    const text = `app:tom:${cid}:tom:${t}:${n}:invite`;
    const s = createHmac("sha1", testApp.masterKey).update(text).digest("hex");
    assert.equal((await conv(tom, "add", { m: ["tom"], t, n, s })).op, "added");
  });

  it("is muted by each subscriber for itself", async () => {
    const { login, conv, find } = await service();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    assert.equal(codeOf(await conv(tom, "mute")), 4317);
    await conv(tom, "add", { m: ["tom"] });
    await conv(jerry, "add", { m: ["jerry"] });
    const muted = async (client: WireClient) => {
      const [{ muted, mu } = {}] = await find(client);
      return [muted, mu];
    };
    assert.equal((await conv(tom, "mute")).op, "updated");
    assert.deepEqual([await muted(tom), await muted(jerry)], [[true, ["tom"]], [false, []]]);
    assert.equal((await conv(tom, "unmute")).op, "updated");
    assert.deepEqual(await muted(tom), [false, []]);
  });

  it("is seen by everybody, where only members see conversations", async () => {
    const app = { ...testApp, conversationQueries: "members" } as const;
    const { login, find, cid, count } = await service({ apps: [app] });
    const tom = await login("tom");
    for (const where of [{ sys: true }, { objectId: cid }]) {
      assert.deepEqual((await find(tom, where)).map(({ name }) => name), ["News"]);
    }
    assert.equal(await count(tom), 0);
  });
});

describe("what a client sends to a service conversation", () => {
  it("is kept for it alone, and reaches its other devices and nobody else", async () => {
    const { login, send, log, cid, conv } = await service();
    const [phone, pad, jerry] = [await login("tom"), await login("tom"), await login("jerry")];
    await conv(jerry, "add", { m: ["jerry"] });
    const ack = await send(phone, { msg: "help" });
    assert.equal(ack.cid, cid);
    await send(jerry, { msg: "mine" });
    const [copy, ...more] = await directs(pad);
    assert.deepEqual(more, []);
    const { id, msg, fromPeerId, convType } = copy!;
    assert.deepEqual([copy!.cid, id, msg, fromPeerId, convType], [cid, ack.uid, "help", "tom", 3]);
    assert.deepEqual([await directs(phone), await directs(jerry)], [[], []]);
    const mine = await log(pad);
    assert.deepEqual([mine.logsMessage?.cid, texts(mine)], [cid, ["help"]]);
    assert.deepEqual(texts(await log(jerry)), ["mine"]);
    assert.deepEqual(texts(await log(await login("mary"))), []);
  });

  it("is sent once where it is sent again", async () => {
    const { login, send, log } = await service();
    const [tom, pad] = [await login("tom"), await login("tom")];
    const first = await send(tom, { msg: "once", dt: "token" });
    assert.deepEqual(await send(tom, { msg: "once", dt: "token" }), first);
    assert.deepEqual([(await directs(pad)).length, texts(await log(tom))], [1, ["once"]]);
  });

  it("is passed on to its other devices alone where it is not kept", async () => {
    const { login, send, log, conv } = await service();
    const [tom, pad, jerry] = [await login("tom"), await login("tom"), await login("jerry")];
    await conv(jerry, "add", { m: ["jerry"] });
    await send(tom, { msg: "typing", transient: true });
    assert.deepEqual((await directs(pad)).map(({ msg }) => msg), ["typing"]);
    assert.deepEqual([await directs(tom), await directs(jerry)], [[], []]);
    assert.deepEqual(texts(await log(tom)), []);
  });

  it("is not unread, at no login", async () => {
    const { login, send, clock } = await service();
    const tom = await login("tom");
    await send(tom, { msg: "help" });
    await clock.advance(1_000);
    for (const version of [1, 3] as const) {
      const back = await login("tom", { version, session: { lastUnreadNotifTime: 1 } });
      assert.deepEqual(await pushes(back), []);
    }
  });

  it("is marked as read, and told so under the id that clients know", async () => {
    const { login, send, cid } = await service();
    const [tom, pad] = [await login("tom"), await login("tom")];
    await send(tom, { msg: "help" });
    tom.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    const { unreadMessage } = await pad.next("unread");
    const [tuple] = unreadMessage!.convs!;
    assert.deepEqual([tuple!.cid, tuple!.unread, tuple!.convType], [cid, 0, 3]);
  });

  it("is recalled by its author, whose other devices hear of it, also at their login", async () => {
    const { login, send, cid, log, clock } = await service();
    const [tom, pad, jerry] = [await login("tom"), await login("tom"), await login("jerry")];
    const lastPatchTime = clock.now();
    const { uid: mid, t } = await send(tom, { msg: "help" });
    await clock.advance(1_000);
    const recall = (client: WireClient) =>
      client.request({
        cmd: "patch",
        op: "modify",
        patchMessage: { patches: [{ cid, mid, recall: true }] },
      });
    assert.equal(codeOf(await recall(jerry)), 4404);
    assert.equal((await recall(tom)).op, "modified");
    const late = await login("tom", { session: { lastPatchTime } });
    for (const device of [pad, late]) {
      const [item] = (await device.next("patch")).patchMessage!.patches!;
      assert.deepEqual([item!.cid, item!.mid, item!.timestamp, item!.recall], [cid, mid, t, true]);
    }
    assert.deepEqual(texts(await log(tom)), ['{"_lctype":-127}']);
    assert.deepEqual((await pushes(jerry)).filter(({ cmd }) => cmd === "patch"), []);
  });

  it("is the newest message for it alone", async () => {
    const { login, send, find, cid } = await service();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    await send(tom, { msg: "help" });
    const newest = async (client: WireClient) => {
      const [found] = await find(client, { objectId: cid }, { flag: 2 });
      return [found!.msg, found!.msg_from, found!.lm];
    };
    assert.deepEqual(await newest(tom), ["help", "tom", undefined]);
    assert.deepEqual(await newest(jerry), [undefined, undefined, undefined]);
  });

  it("is under no other id anybody's to find", async () => {
    const { login, send, log, find, cid, conv } = await service();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    await send(tom, { msg: "help" });
    const id = `${cid}:tom`;
    assert.equal(codeOf(await log(jerry, id)), 4303);
    assert.deepEqual(await find(jerry, { objectId: id }), []);
    assert.deepEqual(await find(jerry, {}, { tempConvIds: [id] }), []);
    assert.deepEqual(await find(jerry, { m: "tom" }), []);
    assert.equal(codeOf(await conv(jerry, "count", { cid: id })), 4303);
    assert.equal(codeOf(await conv(jerry, "add", { cid: id, m: ["jerry"] })), 4303);
    const directMessage = { cid: id, msg: "me too" };
    assert.equal(codeOf(await jerry.request({ cmd: "direct", directMessage })), 4401);
    assert.deepEqual(await directs(tom), []);
  });

  it("reaches the devices on other nodes, also where the event of it was lost", async () => {
    for (const drop of [0, 1]) {
      const clock = new FakeClock();
      const random = seeded(1);
      const store = createMemoryStore({ clock, secret: seededBytes(random) });
      const bus = testBus<ServiceEvent>(clock, random, { drop, repeat: 0, delay: 0, latest: 0 });
      const { login, send, cid } = await service({ clock, store, bus, seed: 1 });
      const elsewhere = testServer({ clock, store, bus, seed: 2 });
      const [tom, pad] = [await login("tom"), await elsewhere.login("tom")];
      const jerry = await elsewhere.login("jerry");
      await send(tom, { msg: "help" });
      await clock.advance(25_000);
      const heard = (await directs(pad)).map(({ cid, msg, convType }) => [cid, msg, convType]);
      assert.deepEqual(heard, [[cid, "help", 3]]);
      assert.deepEqual([await directs(tom), await directs(jerry)], [[], []]);
    }
  });
});
