import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { createMemoryStore } from "@curlew/server/store/memory";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testApp, testServer } from "../../kit/test_server.ts";
import type { WireClient } from "../../kit/wire_client.ts";

type Conv = NonNullable<Command["convMessage"]>;

const ask = (client: WireClient, op: Command["op"], convMessage: Conv) =>
  client.request({ cmd: "conv", op, convMessage });

const start = async (client: WireClient, convMessage: Conv): Promise<Conv> =>
  (await ask(client, "start", convMessage)).convMessage ?? {};

const query = async (client: WireClient, convMessage: Conv) => {
  const reply = await ask(client, "query", convMessage);
  return JSON.parse(reply.convMessage?.results?.data ?? "null");
};

/** An object that holds so many arrays in one another. */
const nested = (depth: number) => `{"deep":${"[".repeat(depth)}${"]".repeat(depth)}}`;

const codeOf = ({ errorMessage }: Command): number | undefined => errorMessage?.code;
const ops = (client: WireClient) => client.pushes.map(({ op }) => op);

describe("starting a conversation", () => {
  it("makes the creator a member, with or without being named, once", async () => {
    const tom = await testServer().login("tom");
    const { cid } = await start(tom, { m: ["jerry", "jerry"] });
    const [{ m, c }] = await query(tom, { where: { data: JSON.stringify({ objectId: cid }) } });
    assert.deepEqual([m.toSorted(), c], [["jerry", "tom"], "tom"]);
  });

  it("is refused with 4301 where an attribute can't be called so", async () => {
    const tom = await testServer().login("tom");
    for (
      const data of [
        '{"attr.color":1}',
        '{"$set":1}',
        '{"":1}',
        '{"__proto__":{}}',
        '{"attr":[{"__proto__":1}]}',
      ]
    ) {
      assert.equal(codeOf(await ask(tom, "start", { m: [], attr: { data } })), 4301, data);
    }
  });

  it("finds the unique one of the same members, whatever else is asked, and tells nobody", async () => {
    const { login } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const first = await start(tom, { m: ["jerry"], unique: true, attr: { data: '{"name":"1"}' } });
    await settle();
    const before = ops(jerry).length;
    const again = await start(jerry, {
      m: ["tom", "jerry"],
      unique: true,
      attr: { data: '{"name":"2"}' },
    });
    assert.deepEqual(
      [again.cid, again.cdate, again.uniqueId, again.existing],
      [first.cid, first.cdate, first.uniqueId, true],
    );
    await settle();
    assert.equal(ops(jerry).length, before);
    const [{ name }] = await query(tom, {
      where: { data: JSON.stringify({ objectId: first.cid }) },
    });
    assert.equal(name, "1");
    const other = await start(tom, { m: ["jerry"], unique: false });
    assert.notEqual(other.cid, first.cid);
  });

  it("keeps every top-level attribute", async () => {
    const tom = await testServer().login("tom");
    const data = '{"name":"Cheese","attr":{"a":[1]},"colour":"yellow"}';
    const { cid } = await start(tom, { attr: { data } });
    const [{ name, attr, colour }] = await query(tom, {
      where: { data: JSON.stringify({ objectId: cid }) },
    });
    assert.deepEqual({ name, attr, colour }, {
      name: "Cheese",
      attr: { a: [1] },
      colour: "yellow",
    });
  });

  it("keeps attributes that nest deep, and finds others by theirs all the same", async () => {
    const clock = new FakeClock();
    const secret = seededBytes(seeded(1));
    const store = await openSqliteStore({ clock, secret, path: ":memory:" });
    const tom = await testServer({ clock, store }).login("tom");
    const { cid } = await start(tom, { attr: { data: nested(99) } });
    assert.ok(cid);
    await start(tom, { attr: { data: '{"colour":"yellow"}' } });
    const find = (where: unknown) => query(tom, { where: { data: JSON.stringify(where) } });
    assert.equal((await find({ objectId: cid })).length, 1);
    assert.equal((await find({ colour: "yellow" })).length, 1);
    await store.close();
  });

  it("refuses attributes that are no object or nest too deep, ids that are none, and too many members", async () => {
    const tom = await testServer().login("tom");
    for (
      const [convMessage, code] of [
        [{ attr: { data: "{" } }, 4301],
        [{ attr: { data: "[]" } }, 4301],
        [{ attr: { data: nested(100) } }, 4301],
        [{ attr: { data: nested(30_000) } }, 4301],
        [{ m: [""] }, 4301],
        [{ m: ["x".repeat(65)] }, 4301],
        [{ m: ["a\0b"] }, 4301],
        [{ m: Array.from({ length: 501 }, (_, n) => `c${n}`) }, 4304],
        [{ m: Array.from({ length: 11 }, (_, n) => `c${n}`), tempConv: true }, 4304],
      ] as const
    ) assert.equal(codeOf(await ask(tom, "start", convMessage)), code);
  });

  it("gives a temporary one a marked id and the time it has, after which it is gone", async () => {
    const { login, clock } = testServer();
    const tom = await login("tom");
    const { cid, tempConvTTL } = await start(tom, {
      m: ["jerry"],
      tempConv: true,
      tempConvTTL: 60,
    });
    assert.match(cid!, /^_tmp:/);
    assert.equal(tempConvTTL, 60);
    for (const unsaid of [undefined, 0, -5]) {
      const other = await start(tom, { m: ["mary"], tempConv: true, tempConvTTL: unsaid });
      assert.equal(other.tempConvTTL, 86_400);
    }
    const [found] = await query(tom, { tempConvIds: [cid!] });
    assert.deepEqual([found.objectId, found.temp], [cid, true]);
    assert.deepEqual(await query(tom, {}), []);
    await clock.advance(61_000);
    assert.deepEqual(await query(tom, { tempConvIds: [cid!] }), []);
    assert.equal(codeOf(await ask(tom, "count", { cid })), 4303);
  });
});

describe("asking for conversations", () => {
  it("gives the caller's own where it names no condition, ten of them", async () => {
    const { login } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    for (let n = 0; n < 12; n++) await start(tom, {});
    await start(jerry, {});
    assert.equal((await query(tom, {})).length, 10);
    assert.equal((await query(tom, { where: { data: "{}" }, limit: 999 })).length, 12);
    assert.equal((await query(tom, { limit: 5, skip: 10 })).length, 2);
  });

  it("finds one by its id for who is no member, without what was said in it", async () => {
    const { login } = testServer();
    const [tom, eve] = [await login("tom"), await login("eve")];
    const { cid } = await start(tom, { m: ["jerry"] });
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "secret" } });
    const where = { data: JSON.stringify({ objectId: cid }) };
    const [seen] = await query(eve, { where, flag: 2 });
    assert.equal(seen.objectId, cid);
    assert.ok(!("msg" in seen));
    const [own] = await query(tom, { where, flag: 3 });
    assert.equal(own.msg, "secret");
    assert.ok(!("m" in own));
  });

  it("refuses conditions that it can't read", async () => {
    const tom = await testServer().login("tom");
    for (
      const convMessage of [
        { where: { data: "{" } },
        { where: { data: "[]" } },
        { where: { data: '{"name":{"$where":"1"}}' } },
        { where: { data: nested(101) } },
        { skip: -1 },
        { limit: -1 },
      ]
    ) assert.equal(codeOf(await ask(tom, "query", convMessage)), 4310);
  });

  it("says how many and who the members are, and where one is a member", async () => {
    const tom = await testServer().login("tom");
    const { cid } = await start(tom, { m: ["jerry", "mary"] });
    assert.equal((await ask(tom, "count", { cid })).convMessage?.count, 3);
    assert.equal((await ask(tom, "members", { cid })).convMessage?.m?.length, 3);
    for (const [limit, length] of [[2, 2], [0, 3], [-1, 3]] as const) {
      const { convMessage } = await ask(tom, "members", { cid, limit });
      assert.equal(convMessage?.m?.length, length);
    }
    const reply = await ask(tom, "is_member", { cids: [cid!, "nowhere"] });
    assert.deepEqual(JSON.parse(reply.convMessage!.results!.data), {
      [cid!]: true,
      nowhere: false,
    });
  });

  it("refuses one that is not there", async () => {
    const tom = await testServer().login("tom");
    for (const op of ["count", "members", "max_read"] as const) {
      for (const convMessage of [{ cid: "nowhere" }, {}]) {
        assert.equal(codeOf(await ask(tom, op, convMessage)), 4303);
      }
    }
    for (const op of ["add", "remove"] as const) {
      assert.equal(codeOf(await ask(tom, op, { cid: "nowhere", m: ["tom"] })), 4303);
    }
    const logs = await tom.request({ cmd: "logs", logsMessage: { cid: "nowhere" } });
    assert.equal(codeOf(logs), 4303);
    const direct = await tom.request({
      cmd: "direct",
      directMessage: { cid: "nowhere", msg: "hello" },
    });
    assert.equal(codeOf(direct), 4401);
  });
});

describe("members", () => {
  it("are let in by a member, and come by themselves, but bring nobody then", async () => {
    const { login } = testServer();
    const [tom, eve] = [await login("tom"), await login("eve")];
    const { cid } = await start(tom, {});
    assert.equal(codeOf(await ask(eve, "add", { cid, m: ["mallory"] })), 4317);
    assert.equal((await ask(eve, "add", { cid, m: ["eve"] })).op, "added");
    assert.equal((await ask(eve, "add", { cid, m: ["mary"] })).op, "added");
    assert.equal((await ask(tom, "count", { cid })).convMessage?.count, 3);
  });

  it("who are there already are allowed, and nobody hears of it", async () => {
    const { login } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { cid } = await start(tom, { m: ["jerry"] });
    await settle();
    const before = ops(jerry).length;
    const reply = await ask(tom, "add", { cid, m: ["jerry", "jerry"] });
    assert.deepEqual(reply.convMessage?.allowedPids, ["jerry"]);
    await settle();
    assert.equal(ops(jerry).length, before);
  });

  it("beyond the 500th are refused one by one, with who and why", async () => {
    const tom = await testServer().login("tom");
    const { cid } = await start(tom, { m: Array.from({ length: 498 }, (_, n) => `c${n}`) });
    const reply = await ask(tom, "add", { cid, m: ["in", "out"] });
    const { allowedPids, failedPids } = reply.convMessage!;
    assert.deepEqual(allowedPids, ["in"]);
    const [full, ...others] = failedPids!;
    assert.deepEqual([full!.code, full!.reason, full!.pids, others], [
      4304,
      "CONVERSATION_FULL",
      ["out"],
      [],
    ]);
  });

  it("of a temporary one stay as they are", async () => {
    const tom = await testServer().login("tom");
    const { cid } = await start(tom, { m: ["jerry"], tempConv: true });
    assert.equal(codeOf(await ask(tom, "add", { cid, m: ["mary"] })), 4308);
  });

  it("who were removed hear no more, and may neither send nor read", async () => {
    const { login } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { cid } = await start(tom, { m: ["jerry"] });
    await ask(tom, "remove", { cid, m: ["jerry"] });
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "alone" } });
    await settle();
    assert.deepEqual(ops(jerry), ["joined", "members_joined", "left"]);
    assert.equal(
      codeOf(await jerry.request({ cmd: "direct", directMessage: { cid, msg: "hey" } })),
      4401,
    );
    assert.equal(codeOf(await jerry.request({ cmd: "logs", logsMessage: { cid } })), 4312);
  });
});

describe("asking for much", () => {
  it("is refused where the results would be too large, and not where fewer are asked for", async () => {
    const tom = await testServer().login("tom");
    const data = JSON.stringify({ name: "x".repeat(60_000) });
    for (let n = 0; n < 280; n++) await start(tom, { m: [`client-${n}`], attr: { data } });
    assert.equal(codeOf(await ask(tom, "query", { limit: 300 })), 4310);
    assert.equal((await query(tom, { limit: 200 })).length, 200);
  });

  it("is done one after the other for a link, and no more once it is over", async () => {
    const clock = new FakeClock();
    const store = createMemoryStore({ clock, secret: seededBytes(seeded(1)) });
    let [began, inside, most] = [0, 0, 0];
    const busy: typeof store = {
      ...store,
      findConversations: async (app, query) => {
        began++;
        most = Math.max(most, ++inside);
        await new Promise<void>((done) => clock.after(10, done));
        inside--;
        return await store.findConversations(app, query);
      },
    };
    const tom = await testServer({ clock, store: busy }).login("tom");
    const asked = Array.from({ length: 5 }, () => ask(tom, "query", {}));
    await clock.advance(100);
    assert.deepEqual((await Promise.all(asked)).map(({ op }) => op), Array(5).fill("results"));
    assert.deepEqual([began, most], [5, 1]);
    for (let n = 0; n < 5; n++) tom.send({ cmd: "conv", op: "query", i: 100 + n, convMessage: {} });
    await settle();
    tom.close();
    await clock.advance(100);
    assert.equal(began, 6);
  });
});

describe("a room", () => {
  it("is heard by who is inside, kept in its history, and counts nobody's unread messages", async () => {
    const { login } = testServer();
    const [tom, jerry, mary] = [await login("tom"), await login("jerry"), await login("mary")];
    const { cid } = await start(tom, { m: ["tom"], transient: true });
    assert.equal((await ask(jerry, "add", { cid, m: ["jerry"] })).op, "added");
    assert.equal((await ask(tom, "count", { cid })).convMessage?.count, 2);
    assert.deepEqual((await ask(tom, "members", { cid })).convMessage?.m, ["tom", "jerry"]);
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "kept" } });
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "passing", transient: true } });
    await settle();
    const said = (client: WireClient) =>
      client.pushes.map(({ directMessage }) => [directMessage?.msg, directMessage?.convType]);
    assert.deepEqual(said(jerry), [["kept", 2], ["passing", 2]]);
    assert.deepEqual(said(mary), []);
    assert.deepEqual(said(tom), []);
    const history = await mary.request({ cmd: "logs", logsMessage: { cid } });
    assert.deepEqual(history.logsMessage?.logs?.map(({ data }) => data), ["kept"]);
    const back = await login("jerry");
    await settle();
    assert.deepEqual(back.pushes, []);
  });

  it("is left by oneself, for another room, and with the link; nobody can be brought in", async () => {
    const { login } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { cid: first } = await start(tom, { transient: true });
    const { cid: second } = await start(tom, { transient: true });
    const count = async (cid?: string) => (await ask(tom, "count", { cid })).convMessage?.count;
    assert.deepEqual([await count(first), await count(second)], [0, 1]);
    assert.equal(codeOf(await ask(tom, "add", { cid: second, m: ["jerry"] })), 4308);
    await ask(jerry, "add", { cid: first, m: ["jerry"] });
    await ask(tom, "remove", { cid: second, m: ["tom"] });
    assert.deepEqual([await count(first), await count(second)], [1, 0]);
    jerry.close();
    await jerry.ended();
    assert.equal(await count(first), 0);
  });

  it("is entered again by who was lost in it and comes back by itself within half an hour", async () => {
    const { login, clock } = testServer();
    const tom = await login("tom");
    const { cid } = await start(tom, { transient: true });
    const inside = async () => (await ask(tom, "members", { cid })).convMessage?.m;
    const session = { deviceId: "D1" };
    const again = { session: { ...session, r: true } };
    const jerry = await login("jerry", { session });
    await ask(jerry, "add", { cid, m: ["jerry"] });
    // A link whose end was not noticed yet, then one that is gone.
    const back = await login("jerry", again);
    jerry.close();
    assert.deepEqual(await inside(), ["tom", "jerry"]);
    back.close();
    assert.deepEqual(await inside(), ["tom"]);
    (await login("jerry", { session })).close();
    await login("jerry", { session: { deviceId: "D2", r: true } });
    assert.deepEqual(await inside(), ["tom"]);
    await clock.advance(1_700_000);
    const third = await login("jerry", again);
    assert.deepEqual(await inside(), ["tom", "jerry"]);
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    await settle();
    assert.equal(third.pushes.at(-1)?.directMessage?.msg, "hi");
    third.close();
    await clock.advance(1_900_000);
    await login("jerry", again);
    assert.deepEqual(await inside(), ["tom"]);
  });

  it("is not entered again by who left it, or was blocked there meanwhile", async () => {
    const { login } = testServer();
    const tom = await login("tom");
    const { cid } = await start(tom, { transient: true });
    const inside = async () => (await ask(tom, "members", { cid })).convMessage?.m;
    const lost = async (leave?: (client: WireClient) => Promise<unknown>) => {
      const jerry = await login("jerry", { session: { deviceId: "D1" } });
      await ask(jerry, "add", { cid, m: ["jerry"] });
      jerry.close();
      await settle();
      const back = await login("jerry", { session: { deviceId: "D1", r: true } });
      if (leave) await leave(back);
      back.close();
      await settle();
    };
    const comeBack = () => login("jerry", { session: { deviceId: "D1", r: true } });
    await lost((jerry) => ask(jerry, "remove", { cid, m: ["jerry"] }));
    await comeBack();
    assert.deepEqual(await inside(), ["tom"]);
    await lost((jerry) => jerry.request({ cmd: "session", op: "close" }));
    await comeBack();
    assert.deepEqual(await inside(), ["tom"]);
    await lost();
    const blacklistMessage = { srcCid: cid!, toPids: ["jerry"] };
    await tom.request({ cmd: "blacklist", op: "block", blacklistMessage });
    await comeBack();
    assert.deepEqual(await inside(), ["tom"]);
  });
});

describe("an app whose clients find their own conversations alone", () => {
  it("hides all others, but says by an id that there is one", async () => {
    const { login } = testServer({ apps: [{ ...testApp, conversationQueries: "members" }] });
    const [tom, eve] = [await login("tom"), await login("eve")];
    const made = async (conv: Command["convMessage"]) => {
      const { convMessage } = await tom.request({ cmd: "conv", op: "start", convMessage: conv! });
      return convMessage!.cid!;
    };
    const named = { attr: { data: '{"name":"x"}' } };
    const talk = await made({ m: ["jerry"], ...named });
    const room = await made({ transient: true, ...named });
    const brief = await made({ m: ["jerry"], tempConv: true });
    const find = async (client: WireClient, where: object, more: object = {}) => {
      const convMessage = { where: { data: JSON.stringify(where) }, ...more };
      const reply = await client.request({ cmd: "conv", op: "query", convMessage });
      return JSON.parse(reply.convMessage!.results!.data);
    };
    const ids = async (client: WireClient, where: object) =>
      (await find(client, where)).map(({ objectId }: { objectId: string }) => objectId).sort();
    const outline = { objectId: talk, tr: false, sys: false, temp: false, conv_type: 1 };
    assert.deepEqual(await ids(tom, { name: "x" }), [talk, room].sort());
    assert.deepEqual(await ids(eve, { name: "x" }), [room]);
    assert.deepEqual(await ids(eve, { $or: [{ objectId: talk }] }), []);
    assert.deepEqual(await ids(eve, { objectId: talk, name: "x" }), []);
    assert.deepEqual(await ids(eve, {}), []);
    assert.deepEqual(await find(eve, { objectId: talk }), [outline]);
    assert.deepEqual(await find(eve, { objectId: { $in: [talk, "nonsense"] } }), [outline]);
    assert.equal((await find(tom, { objectId: talk }))[0].name, "x");
    const [hidden] = await find(eve, {}, { tempConvIds: [brief] });
    assert.deepEqual(hidden, { ...outline, objectId: brief, temp: true, conv_type: 4 });
    for (const op of ["count", "members"] as const) {
      const ask = (client: WireClient, cid: string) =>
        client.request({ cmd: "conv", op, convMessage: { cid } });
      assert.equal((await ask(eve, talk)).errorMessage?.code, 4317);
      assert.equal((await ask(tom, talk)).cmd, "conv");
      assert.equal((await ask(eve, room)).cmd, "conv");
    }
  });
});
