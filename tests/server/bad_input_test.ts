import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { createMemoryStore } from "@curlew/server/store/memory";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { FakeClock } from "../kit/clock.ts";
import { seeded, seededBytes } from "../kit/seeded.ts";
import { testApp, testServer } from "../kit/test_server.ts";
import type { WireClient } from "../kit/wire_client.ts";

type Conv = NonNullable<Command["convMessage"]>;

const stores = {
  memory: createMemoryStore,
  sqlite: (platform: Parameters<typeof createMemoryStore>[0]) =>
    openSqliteStore({ ...platform, path: ":memory:" }),
};

/** Tom and Jerry in two conversations, in each of which Tom said the same at the same time. */
async function talk(open: (typeof stores)[keyof typeof stores]) {
  const clock = new FakeClock();
  const store = await open({ clock, secret: seededBytes(seeded(1)) });
  const { login, log } = testServer({ clock, store });
  const [tom, jerry] = [await login("tom"), await login("jerry")];
  const conv = (op: Command["op"], convMessage: Conv) =>
    tom.request({ cmd: "conv", op, convMessage });
  const start = async (name: string) => {
    const attr = { data: JSON.stringify({ name, n: 1.7e308 }) };
    return (await conv("start", { m: ["jerry"], attr })).convMessage!.cid!;
  };
  const [cid, other] = [await start("first"), await start("second")];
  const say = async (cid: string) =>
    (await tom.request({ cmd: "direct", directMessage: { cid, msg: `in ${cid}` } })).ackMessage!;
  const [mine, theirs] = [await say(cid), await say(other)];
  const find = (where: string, more: Conv = {}) =>
    conv("query", { where: { data: where }, ...more });
  const update = (data: string) => conv("update", { cid, attr: { data } });
  const block = (toPids: readonly string[]) =>
    tom.request({ cmd: "blacklist", op: "block", blacklistMessage: { srcCid: cid, toPids } });
  const logs = (logsMessage: Command["logsMessage"]) =>
    tom.request({ cmd: "logs", logsMessage: { cid, ...logsMessage } });
  const patch = (client: WireClient, mid: string) => {
    const patches = [{ cid, mid, data: "changed" }];
    return client.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
  };
  return {
    ...{ store, log, tom, jerry, cid, other, mine, theirs },
    ...{ conv, find, update, block, logs, patch },
  };
}

type Talk = Awaited<ReturnType<typeof talk>>;

const nested = (levels: number) =>
  `${'{"$and":['.repeat(levels)}{"name":"first"}${"]}".repeat(levels)}`;
const many = Array.from({ length: 10_000 }, (_, n) => `client-${n}`);

/** What signs Tom's logins into an app that wants it. */
function signedIn() {
  const app = { ...testApp, login: "signed" } as const;
  const { connect, clock, server } = testServer({ apps: [app] });
  const sign = (t: number, n = "nonce", what = `app:tom::${t}:${n}`) => ({
    ...{ t, n, s: createHmac("sha1", app.masterKey).update(what).digest("hex") },
  });
  const open = async (session: Command["sessionMessage"], client = "tom") =>
    await (await connect()).open(client, { session: session! });
  return { clock, server, sign, open };
}

type SignedIn = ReturnType<typeof signedIn>;

/** The signatures of logins that are refused with 4102, and what the refusal says. */
const badSignatures: {
  readonly [what: string]: [says: RegExp, ask: (there: SignedIn) => Promise<Command>];
} = {
  "one that is late": [/too old/, async ({ sign, open, clock }) => {
    const signature = sign(clock.now());
    await clock.advance(6 * 3_600_000 + 1);
    return await open(signature);
  }],
  "one made void by a kick": [/before .* forced/, async ({ sign, open, clock, server }) => {
    const signature = sign(clock.now());
    assert.equal((await open(signature)).op, "opened");
    await server.kick("app", "tom");
    return await open(signature);
  }],
  "one made void by a kick, though its time is later": [
    /used/,
    async ({ sign, open, clock, server }) => {
      const signature = sign(clock.now() + 60_000);
      assert.equal((await open(signature)).op, "opened");
      await server.kick("app", "tom");
      return await open(signature);
    },
  ],
  "one for another string": [
    /wrong/,
    async ({ sign, open, clock }) =>
      await open(sign(clock.now(), "nonce", `app:jerry::${clock.now()}:nonce`)),
  ],
  "one whose nonce another client used": [/used/, async ({ sign, open, clock }) => {
    const t = clock.now();
    await open(sign(t, "nonce", `app:jerry::${t}:nonce`), "jerry");
    return await open(sign(t));
  }],
  "one whose nonce another device used": [/used/, async ({ sign, open, clock }) => {
    const signature = sign(clock.now());
    for (let repeat = 0; repeat < 2; repeat++) {
      assert.equal((await open({ ...signature, deviceId: "D1" })).op, "opened");
    }
    return await open({ ...signature, deviceId: "D2" });
  }],
};

describe("a bad signature", () => {
  for (const [what, [says, ask]] of Object.entries(badSignatures)) {
    it(`is refused with 4102: ${what}`, async () => {
      const { errorMessage } = await ask(signedIn());
      assert.deepEqual([errorMessage?.code, errorMessage?.reason], [4102, "SIGNATURE_FAILED"]);
      assert.match(errorMessage!.detail!, says);
    });
  }
});

/** What is asked, and the code that answers it; where there is none it stands below. */
const refused: { readonly [what: string]: [code: number, ask: (talk: Talk) => Promise<Command>] } =
  {
    "a where nested 100 deep": [4310, ({ find }) => find(nested(100))],
    "a where nested 30,000 deep": [4310, ({ find }) => find(nested(30_000))],
    "a value in a where nested 30,000 deep": [
      4310,
      ({ find }) => find(`{"name":${"[".repeat(30_000)}${"]".repeat(30_000)}}`),
    ],
    "an expression that grows without end": [
      4310,
      ({ find }) => find('{"name":{"$regex":"((x{1,1000}){1,1000}){1,1000}"}}'),
    ],
    "an expression that looks back": [4310, ({ find }) => find('{"name":{"$regex":"(a)\\\\1"}}')],
    "a key of a where with $": [4310, ({ find }) => find('{"name.$where":1}')],
    "a key of a where that is __proto__": [4310, ({ find }) => find('{"__proto__":{"name":1}}')],
    "a where with a number beyond all": [4310, ({ find }) => find('{"none":1e400}')],
    "a where with a date beyond all": [
      4310,
      ({ find }) =>
        find('{"createdAt":{"$gt":{"__type":"Date","iso":"+275760-01-01T00:00:00.000Z"}}}'),
    ],
    "a page of −1 conversations": [4310, ({ find }) => find("{}", { limit: -1 })],
    "a page of −1 messages": [4311, ({ logs }) => logs({ l: -1 })],
    "silencing 10,000 clients at once": [
      4301,
      ({ conv, cid }) => conv("add_shutup", { cid, m: many }),
    ],
    "blocking 10,000 clients at once": [4301, ({ block }) => block(many)],
    "a start with 10,000 members": [4304, ({ conv }) => conv("start", { m: many })],
    "an attribute with dots at a start": [
      4301,
      ({ conv }) => conv("start", { attr: { data: '{"a.b":1}' } }),
    ],
    "an attribute with $ at a start": [
      4301,
      ({ conv }) => conv("start", { attr: { data: '{"$set":1}' } }),
    ],
    "an attribute __proto__ at a start": [
      4301,
      ({ conv }) => conv("start", { attr: { data: '{"__proto__":{"name":1}}' } }),
    ],
    "more attributes at a start than an update may make": [
      4301,
      ({ conv }) => conv("start", { attr: { data: JSON.stringify({ a: "x".repeat(65_536) }) } }),
    ],
    "an attribute with an empty part": [4306, ({ update }) => update('{"a..b":1}')],
    "an attribute with $": [4306, ({ update }) => update('{"$set":{"name":1}}')],
    "an attribute __proto__": [4306, ({ update }) => update('{"__proto__":{"name":1}}')],
    "an attribute in __proto__": [4306, ({ update }) => update('{"a.__proto__.name":1}')],
    "an attribute with a number beyond all": [4306, ({ update }) => update('{"n":1e400}')],
    "an increment beyond all numbers": [
      4306,
      ({ update }) => update('{"n":{"__op":"Increment","amount":1.7e308}}'),
    ],
    "a page of a list from a cursor that is none": [
      4301,
      ({ conv, cid }) => conv("query_shutup", { cid, next: "-1" }),
    ],
    "a change of somebody else's message": [
      4403,
      ({ patch, jerry, mine }) => patch(jerry, mine.uid!),
    ],
    "a change of a message in another conversation": [
      4404,
      ({ patch, tom, theirs }) => patch(tom, theirs.uid!),
    ],
    "a conversation with an id as long as a frame": [
      4303,
      ({ conv }) => conv("count", { cid: "x".repeat(60_000) }),
    ],
  };

for (const [name, open] of Object.entries(stores)) {
  describe(`bad input (${name})`, () => {
    for (const [what, [code, ask]] of Object.entries(refused)) {
      it(`is refused with ${code}: ${what}`, async () => {
        const there = await talk(open);
        const { errorMessage } = await ask(there);
        assert.equal(errorMessage?.code, code);
        assert.match(errorMessage.detail ?? "", /^\S.{10,300}$/);
        assert.deepEqual(there.log.lines, []);
        const answer = await there.find(`{"objectId":"${there.cid}"}`);
        const [found] = JSON.parse(answer.convMessage!.results!.data);
        assert.deepEqual([found.name, found.n], ["first", 1.7e308]);
        await there.store.close();
      });
    }

    it("is refused for those whom it is too much for: 10,000 clients", async () => {
      const { conv, cid, block, store } = await talk(open);
      const over = ({ convMessage, blacklistMessage }: Command) =>
        (convMessage ?? blacklistMessage)!.failedPids!.map((
          { code, pids },
        ) => [code, pids?.length]);
      assert.deepEqual(over(await conv("add", { cid, m: many })), [[4304, 9_502]]);
      await conv("add_shutup", { cid, m: ["first"] });
      await block(["first"]);
      const some = many.slice(0, 500);
      assert.deepEqual(over(await conv("add_shutup", { cid, m: some })), [[4561, 1]]);
      assert.deepEqual(over(await block(some)), [[4543, 1]]);
      await store.close();
    });

    it("is taken for what it can mean: expressions that hang others, names of what objects have", async () => {
      const { find, update, store } = await talk(open);
      for (const source of ["(a+)+$", "(a|a)*$", "(.*a){20}$"]) {
        const { op } = await find(JSON.stringify({ name: { $regex: source } }));
        assert.equal(op, "results");
      }
      const attributes = '{"constructor.prototype.bad":1,"toString":1,"hasOwnProperty":1}';
      assert.equal((await update(attributes)).op, "updated");
      assert.ok(!("bad" in {}));
      const { convMessage } = await find('{"constructor.prototype.bad":1}');
      assert.equal(JSON.parse(convMessage!.results!.data).length, 1);
      await store.close();
    });

    it("is a time and no more, where a cursor is from another conversation", async () => {
      const { logs, cid, theirs, store } = await talk(open);
      for (const direction of ["OLD", "NEW"] as const) {
        for (
          const [t, mid] of [[theirs.t!, theirs.uid!], [theirs.t! + 1, "none"], [
            1,
            theirs.uid!,
          ]] as const
        ) {
          const { cmd, logsMessage } = await logs({ t, mid, tIncluded: true, direction });
          assert.equal(cmd, "logs");
          for (const { data } of logsMessage?.logs ?? []) assert.equal(data, `in ${cid}`);
        }
      }
      await store.close();
    });
  });
}
