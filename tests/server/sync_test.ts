/**
 * What devices of one user, and users who were away, learn from the server over real sockets.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { createServer } from "@curlew/server";
import { nodeEnvironment, type Served, serveNode } from "@curlew/server/runtimes/node";
import type { Store } from "@curlew/server/store";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";
import { testApp } from "../kit/test_server.ts";
import { errorOf, type Login, until, WireClient, type WireOptions } from "../kit/wire_client.ts";

type Direct = NonNullable<Command["directMessage"]>;

describe("over real sockets", () => {
  const environment = { ...nodeEnvironment, log: listeningLog() };
  let store: Store;
  let served: Served;
  let round = 0;

  before(async () => {
    store = await openSqliteStore({ ...environment, path: ":memory:" });
    const server = createServer({ apps: [testApp], store, version: "1.2.3" }, environment);
    served = await serveNode(server, { port: 0, log: environment.log, farewell: 0 });
  });
  after(async () => {
    await served.close();
    await store.close();
    assert.deepEqual(environment.log.lines, []);
  });

  /** Users whom no other test knows, and what they say to the server. */
  function users() {
    const links: WireClient[] = [];
    const suffix = `-${++round}`;
    return {
      named: (name: string) => name + suffix,
      /** A user logs in on a device. */
      login: async (name: string, { session, ...wire }: WireOptions & Login = {}) => {
        const client = await WireClient.over(webSocket(), `ws://127.0.0.1:${served.port}/`, wire);
        links.push(client);
        const { op } = await client.open(name + suffix, session ? { session } : {});
        assert.equal(op, "opened");
        return client;
      },
      start: async (client: WireClient, ...members: string[]) => {
        const convMessage = { m: members.map((name) => name + suffix) };
        const reply = await client.request({ cmd: "conv", op: "start", convMessage });
        return reply.convMessage!.cid!;
      },
      say: async (client: WireClient, directMessage: Direct, priority?: number) =>
        (await client.request({
          cmd: "direct",
          directMessage,
          ...(priority === undefined ? {} : { priority }),
        })).ackMessage!,
      history: async (client: WireClient, cid: string) =>
        (await client.request({ cmd: "logs", logsMessage: { cid, limit: 100 } })).logsMessage!
          .logs!.map(({ data }) => data),
      leave: async () => {
        for (const link of links) link.close();
        await Promise.all(links.map((link) => link.ended()));
      },
    };
  }

  const test = (name: string, body: (there: ReturnType<typeof users>) => Promise<void>) =>
    it(
      name,
      checkLeaks(async () => {
        const there = users();
        await body(there);
        await there.leave();
      }),
    );

  const directs = ({ pushes }: WireClient) =>
    pushes.flatMap(({ directMessage }) => directMessage ? [directMessage] : []);
  const unread = ({ pushes }: WireClient) =>
    pushes.flatMap(({ unreadMessage }) => unreadMessage?.convs ?? []);
  const receipts = ({ pushes }: WireClient) =>
    pushes.flatMap(({ rcpMessage }) => rcpMessage ? [rcpMessage] : []);

  test("who was away is told how much is unread, the last message, and whether it is mentioned", async ({ named, login, start, say }) => {
    const tom = await login("tom");
    const [talk, quiet] = [await start(tom, "jerry"), await start(tom, "jerry", "mary")];
    await say(tom, { cid: talk, msg: "one", mentionPids: [named("jerry")] });
    const { uid, t } = await say(tom, { cid: talk, msg: "two" });
    await say(tom, { cid: quiet, msg: "three" });
    const jerry = await login("jerry");
    await jerry.next("unread");
    const told = unread(jerry).map(({ cid, unread, mid, timestamp, from, data, mentioned }) => [
      ...[cid, unread, mid, timestamp, from, data, mentioned],
    ]);
    assert.deepEqual(told[1], [talk, 2, uid, t, named("tom"), "two", true]);
    assert.deepEqual([told[0]![0], told[0]![1], told[0]![6]], [quiet, 1, false]);
    assert.deepEqual(directs(jerry), []);
  });

  test("who was away is told of messages that were changed and recalled since lastPatchTime", async ({ login, start, say }) => {
    const tom = await login("tom");
    const cid = await start(tom, "jerry");
    const ids = [];
    for (const msg of ["one", "two", "three"]) ids.push((await say(tom, { cid, msg })).uid!);
    const change = async (mid: string, more: object) => {
      const patches = [{ cid, mid, ...more }];
      const reply = await tom.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
      return reply.patchMessage!.lastPatchTime!;
    };
    const lastPatchTime = await change(ids[0]!, { data: "before" });
    const edited = await change(ids[1]!, { data: "TWO" });
    await change(ids[2]!, { recall: true });
    const jerry = await login("jerry", { session: { lastPatchTime } });
    const { patchMessage } = await jerry.next("patch", "modify");
    assert.deepEqual(
      patchMessage!.patches!.map(({ mid, data, recall }) => [mid, data, recall ?? false]),
      [[ids[1], "TWO", false], [ids[2], '{"_lctype":-127}', true]],
    );
    assert.equal(patchMessage!.patches![0]!.patchTimestamp, edited);
    const later = await login("jerry", { session: { lastPatchTime: edited + 60_000 } });
    await later.request({ cmd: "echo" });
    assert.ok(later.pushes.every(({ cmd }) => cmd !== "patch"));
  });

  test("the devices of a user hear what one of them sends, and what one of them has read", async ({ named, login, start, say }) => {
    const [phone, pad] = [await login("tom"), await login("tom")];
    const [jerry, laptop] = [await login("jerry"), await login("jerry")];
    const cid = await start(phone, "jerry");
    const { uid } = await say(phone, { cid, msg: "hi" });
    for (const device of [pad, jerry, laptop]) {
      const { directMessage } = await device.next("direct");
      assert.deepEqual([directMessage!.id, directMessage!.fromPeerId], [uid, named("tom")]);
    }
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    for (const device of [jerry, laptop]) {
      const [tuple] = (await device.next("unread")).unreadMessage!.convs!;
      assert.deepEqual([tuple!.cid, tuple!.unread, tuple!.mentioned], [cid, 0, false]);
    }
    const patches = [{ cid, mid: uid!, data: "HI" }];
    await phone.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
    for (const device of [pad, jerry, laptop]) {
      assert.equal((await device.next("patch")).patchMessage!.patches![0]!.data, "HI");
    }
    assert.deepEqual(directs(phone), []);
    assert.ok(phone.pushes.every(({ cmd }) => cmd !== "patch"));
  });

  test("receipts reach each device of the author, once, whichever device of the other acknowledges", async ({ named, login, start, say }) => {
    const [phone, pad] = [await login("tom"), await login("tom")];
    const [jerry, laptop] = [await login("jerry"), await login("jerry")];
    const cid = await start(phone, "jerry");
    const { uid } = await say(phone, { cid, msg: "hi", r: true });
    for (const device of [jerry, laptop]) {
      await device.next("direct");
      device.send({ cmd: "ack", ackMessage: { cid, mid: uid } });
      await device.request({ cmd: "echo" });
    }
    for (const device of [laptop, jerry]) {
      device.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
      await device.next("unread");
    }
    for (const device of [phone, pad]) {
      await until(() => receipts(device).length >= 2, "second receipt");
      await device.request({ cmd: "echo" });
      assert.deepEqual(
        receipts(device).map(({ id, from, read }) => [id, from, read]),
        [[uid, named("jerry"), undefined], [uid, named("jerry"), true]],
      );
    }
  });

  test("a client of version 1 is pushed what nobody acknowledged, until it does", async ({ login, start, say }) => {
    const tom = await login("tom");
    const cid = await start(tom, "jerry");
    const acks = [];
    for (const msg of ["one", "two", "three"]) acks.push(await say(tom, { cid, msg }));
    const first = await login("jerry", { version: 1 });
    await until(() => directs(first).length === 3, "third message");
    assert.deepEqual(
      directs(first).map(({ msg, offline, hasMore }) => [msg, offline, hasMore ?? false]),
      [["one", true, true], ["two", true, true], ["three", true, false]],
    );
    first.send({ cmd: "ack", ackMessage: { cid, fromts: acks[0]!.t, tots: acks[1]!.t } });
    await first.request({ cmd: "echo" });
    const second = await login("jerry", { version: 1 });
    await second.next("direct");
    await say(tom, { cid, msg: "four" });
    await until(() => directs(second).length === 2, "message that is new");
    assert.deepEqual(
      directs(second).map(({ msg, offline }) => [msg, offline]),
      [["three", true], ["four", undefined]],
    );
    assert.deepEqual([...unread(first), ...unread(second)], []);
  });

  test("a transient message is for those who are there, and leaves no trace", async ({ login, start, say, history }) => {
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const cid = await start(tom, "jerry", "mary");
    const { uid, t } = await say(tom, { cid, msg: "typing", transient: true });
    assert.ok(uid && t);
    const { directMessage } = await jerry.next("direct");
    assert.deepEqual([directMessage!.msg, directMessage!.transient], ["typing", true]);
    await say(tom, { cid, msg: "kept" });
    assert.deepEqual(await history(tom, cid), ["kept"]);
    const mary = await login("mary");
    await mary.next("unread");
    assert.deepEqual(unread(mary).map(({ unread, data }) => [unread, data]), [[1, "kept"]]);
    const old = await login("mary", { version: 1 });
    await old.next("direct");
    await old.request({ cmd: "echo" });
    assert.deepEqual(directs(old).map(({ msg }) => msg), ["kept"]);
  });

  test("a priority is taken in rooms and elsewhere, and nothing is the less kept for it", async ({ login, say, history, start, named }) => {
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { convMessage } = await tom
      .request({ cmd: "conv", op: "start", convMessage: { transient: true } });
    const room = convMessage!.cid!;
    const join = { cid: room, m: [named("jerry")] };
    await jerry.request({ cmd: "conv", op: "add", convMessage: join });
    const talk = await start(tom, "jerry");
    for (const cid of [room, talk]) {
      for (const priority of [1, 2, 3, 99]) {
        assert.ok((await say(tom, { cid, msg: `${priority}` }, priority)).uid);
      }
      assert.deepEqual(await history(tom, cid), ["1", "2", "3", "99"]);
    }
    await until(() => directs(jerry).length === 8, "eighth message");
    assert.ok(jerry.pushes.every(({ priority }) => priority === undefined));
  });

  test("pushData is taken whatever it says, counts, and is for nobody's eyes", async ({ login, start, say }) => {
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const cid = await start(tom, "jerry");
    for (const pushData of ['{"alert":"hi","badge":"Increment"}', "no json", "[", ""]) {
      assert.ok((await say(tom, { cid, msg: "hi", pushData })).uid);
      const { directMessage } = await jerry.next("direct");
      assert.equal(directMessage!.pushData, undefined);
    }
    const directMessage = { cid, msg: "hi", pushData: "x".repeat(5_119) };
    const refused = await tom.request({ cmd: "direct", directMessage });
    assert.deepEqual(errorOf(refused), [4109, "FRAME_TOO_LONG"]);
  });
});
