import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "node:test";
import type { Conversation, Store } from "@curlew/server/store";
import { openSqliteStore, StoreOpenError } from "@curlew/server/store/sqlite";
import { storeContract } from "../../contract/store.ts";
import { Kit } from "../../contract/store_kit.ts";
import { FakeClock } from "../../kit/clock.ts";
import { databasePath, secret } from "./sqlite_kit.ts";

storeContract({
  name: "the SQLite store",
  open: (clock) => openSqliteStore({ path: ":memory:", clock, secret }),
});

describe("a SQLite file", () => {
  const path = databasePath();
  const open = (clock = new FakeClock(), at = path()): Promise<Store> =>
    openSqliteStore({ path: at, clock, secret });
  const refusal = (says: RegExp, at = path()) =>
    assert.rejects(open(new FakeClock(), at), (error) => {
      assert.ok(error instanceof StoreOpenError, String(error));
      assert.match(error.message, says);
      assert.ok(error.message.includes(at) && !error.message.includes("\n"), error.message);
      return true;
    });

  it("gives everything back when it is opened again", async () => {
    const kit = new Kit();
    kit.store = await open(kit.clock);
    const made = await kit.start(["tom", "jerry"], { unique: true, attributes: { name: "x" } });
    const first = await kit.say(made, "tom", { dt: "x", receipt: true, mentioned: ["jerry"] });
    await kit.say(made, "tom", { content: { binary: Uint8Array.of(1, 2) } });
    await kit.store.markDelivered("app", "jerry", made.id, { id: first.message.id });
    await kit.store.addMembers("app", made.id, "tom", ["spike"]);
    await kit.store.setting("key", () => "one");
    await kit.store.updateConversation("app", made.id, "tom", { "attr.color": "red" });
    await kit.store.setMuted("app", made.id, "jerry", true);
    await kit.store.setManager("app", made.id, "tom", "jerry", true);
    await kit.store.setStanding("app", made.id, "tom", ["mary", "butch"], "silenced", true);
    await kit.store.setStanding("app", made.id, "tom", ["eve"], "blocked", true);
    await kit.store.applyPatch("app", { conversation: made.id, id: first.message.id, from: "tom" });
    const notice = { to: "members", command: { op: "updated" } } as const;
    await kit.keep(made.id, [notice, { ...notice, to: ["eve"] }]);
    assert.ok(await kit.store.claimNonce("app", "nonce", "tom", kit.clock.now() + 1_000));
    await kit.store.kick("app", "jerry", "spam");
    const service = await kit.start([""], { kind: "service", members: [] });
    await kit.store.changeSubscription("app", service.id, "jerry", "subscribe");
    await kit.store.changeSubscription("app", service.id, "jerry", "mute");
    await kit.say(service, "jerry");
    const own = {
      conversation: service.id,
      reader: "jerry",
      direction: "older",
      limit: 10,
    } as const;
    const look = async () => ({
      conversation: await kit.store.conversation("app", made.id),
      messages: await kit.store.messagesAfter("app", made.id, 0, 10),
      unread: await kit.store.unread("app", "jerry"),
      newcomer: await kit.store.unread("app", "spike"),
      undelivered: await kit.store.undelivered("app", "jerry", 10),
      grown: await kit.store.grownSince(0),
      patches: await kit.store.patches("app", "jerry", 0, 10),
      notices: await kit.store.notices("app", "jerry", 0, 10),
      alone: await kit.store.notices("app", "eve", 0, 10),
      nonce: await kit.store.claimNonce("app", "nonce", "eve", kit.clock.now() + 1_000),
      told: await kit.store.toldSince(0),
      kicks: await kit.store.kickedSince(0),
      subscription: await kit.store.subscription("app", service.id, "jerry"),
      subscribers: await kit.store.subscriberCount("app", service.id),
      exchange: await kit.store.history("app", own),
      setting: await kit.store.setting("key", () => "two"),
    });
    const before = await look();
    await kit.store.close();
    kit.store = await open(kit.clock);
    assert.deepEqual(await look(), { ...before, setting: { value: "one", made: false } });

    await kit.clock.advance(6 * 86_400_000);
    const again = await kit.say(made, "tom", { dt: "x" });
    assert.deepEqual([again.repeated, again.message.id], [true, first.message.id]);
    assert.equal((await kit.say(made, "spike")).message.seq, 3);
    await kit.store.removeMembers("app", made.id, "tom", ["spike"]);
    assert.equal((await kit.start(["jerry", "tom"], { unique: true })).id, made.id);
    await kit.store.close();
  });

  it("does not grow with notices that are too old, however many clients each is for", async () => {
    const kit = new Kit();
    const at = path();
    kit.store = await open(kit.clock, at);
    const made = await kit.start(["tom"]);
    const to = Array.from({ length: 50 }, (_, n) => `client-${n}`);
    for (let day = 0; day < 30; day++) {
      await kit.keep(made.id, [{ to, command: {} }]);
      await kit.clock.advance(86_400_000);
    }
    await kit.store.close();
    const database = new DatabaseSync(at);
    const { count } = database.prepare("SELECT count(*) AS count FROM client_notices").get()!;
    database.close();
    assert.ok(Number(count) <= 8 * to.length, `${count} rows`);
  });

  it("finds messages by place whose entries are made later, also after it was opened again", async () => {
    const kit = new Kit();
    kit.store = await open(kit.clock);
    const all: Conversation[] = [];
    for (let i = 0; i < 30; i++) all.push(await kit.start(["tom", "jerry"]));
    const say = (times: number) =>
      Promise.all(
        Array.from({ length: times }, () => all.map((made) => kit.say(made, "tom"))).flat(),
      );
    const check = async (places: number) => {
      for (const { id } of all) {
        const found = await kit.store.messagesAfter("app", id, 0, 1000);
        assert.deepEqual(found.map(({ seq }) => seq), found.map((_, i) => i + 1));
        assert.equal(found.length, places);
      }
    };
    await say(70); // More than may wait.
    await kit.store.close();
    kit.store = await open(kit.clock);
    await say(1);
    assert.equal((await kit.store.unread("app", "jerry"))[29]!.count, 71);
    await check(71);
    await say(10);
    await kit.store.close();
    kit.store = await open(kit.clock);
    await check(81);
    await kit.store.close();
  });

  it("knows what grew before it was opened, and after", async () => {
    const kit = new Kit();
    kit.store = await open(kit.clock);
    const [a, b] = [await kit.start(["tom"]), await kit.start(["tom"])];
    await kit.say(a, "tom");
    await kit.store.close();
    const first = kit.clock.now();
    await kit.clock.advance(1000);
    kit.store = await open(kit.clock);
    await kit.clock.advance(1000);
    const second = kit.clock.now();
    await kit.say(b, "tom");
    const grown = async (since: number) =>
      (await kit.store.grownSince(since)).map(({ conversation }) => conversation).sort();
    assert.deepEqual(await grown(first), [a.id, b.id].sort());
    assert.deepEqual(await grown(second), [b.id]);
    assert.deepEqual(await grown(second + 1), []);
    await kit.store.close();
  });

  it("is opened by one at a time", async () => {
    const store = await open();
    await refusal(/is open in another process/);
    await store.close();
    await (await open()).close();
  });

  it("that is none is refused", async () => {
    writeFileSync(
      path(),
      "This is a text that is long enough to be no database at all. ".repeat(99),
    );
    await refusal(/is no database/);
  });

  it("of another program is refused", async () => {
    const database = new DatabaseSync(path());
    database.exec("CREATE TABLE theirs (a)");
    database.close();
    await refusal(/belongs to another program/);
  });

  it("of a newer version is refused, and left alone", async () => {
    await (await open()).close();
    const database = new DatabaseSync(path());
    database.exec("PRAGMA user_version = 99");
    database.close();
    await refusal(/newer Curlew.*version 99/);
    const after = new DatabaseSync(path());
    assert.equal(after.prepare("PRAGMA user_version").get()?.user_version, 99);
    after.close();
  });

  it("of the first version gets what it lacks, and keeps what it has", async () => {
    const store = await open();
    await store.setting("key", () => "value");
    await store.close();
    const lacking = [
      "client_notices",
      "conversations_by_kind",
      "kicks",
      "member_notices",
      "messages_by_patch",
      "nonces",
      "patches_by_conversation",
      "standings",
      "subscriptions",
    ];
    const names = `SELECT name FROM sqlite_schema WHERE name IN ('${lacking.join("','")}')`;
    const database = new DatabaseSync(path());
    for (const index of lacking.filter((name) => name.includes("_by_"))) {
      database.exec(`DROP INDEX ${index}`);
    }
    for (const table of lacking.filter((name) => !name.includes("_by_"))) {
      database.exec(`DROP TABLE ${table}`);
    }
    database.exec("PRAGMA user_version = 1");
    assert.deepEqual(database.prepare(names).all(), []);
    database.close();
    const again = await open();
    assert.equal((await again.setting("key", () => "other")).value, "value");
    await again.close();
    const after = new DatabaseSync(path());
    const found = after.prepare(`${names} ORDER BY name`).all();
    after.close();
    assert.deepEqual(found.map(({ name }) => name), lacking);
  });

  it("needs its folder, and is no folder itself", async () => {
    await refusal(/folder .*nowhere/, `${dirname(path())}/nowhere/curlew.db`);
    mkdirSync(path());
    await refusal(/is a folder/);
  });

  it("that can't be written is refused", () => refusal(/cannot be written/, "/proc/curlew.db"));
});
