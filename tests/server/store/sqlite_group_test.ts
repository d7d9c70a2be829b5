import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it } from "node:test";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { Kit, names } from "../../contract/store_kit.ts";
import { databasePath, FailingSqlite, secret } from "./sqlite_kit.ts";

describe("a group of operations", () => {
  const path = databasePath();
  let kit: Kit;
  let sqlite: FailingSqlite;
  let statements: string[];

  const open = async () => {
    sqlite = new FailingSqlite();
    kit.store = await openSqliteStore({
      path: path(),
      clock: kit.clock,
      secret,
      open: sqlite.open,
    });
  };
  const record = () => {
    statements = [];
    sqlite.fails = (sql) => (statements.push(sql), false);
  };
  beforeEach(async () => {
    kit = new Kit();
    await open();
  });
  afterEach(() => kit.store.close());

  const count = (text: string) => statements.filter((sql) => sql.startsWith(text)).length;

  it("is one transaction", async () => {
    const made = await kit.start(["tom", "jerry"]);
    record();
    await Promise.all([
      kit.say(made, "tom"),
      kit.say(made, "nobody").catch(() => {}),
      kit.start(["tom"]),
    ]);
    assert.deepEqual(["BEGIN", "SAVEPOINT", "COMMIT"].map(count), [1, 0, 1]);
  });

  it("is run again, each that writes by itself, when one fails half-way", async () => {
    const made = await kit.start(["tom", "jerry"]);
    record();
    const broken = sqlite.fails;
    sqlite.fails = (sql, call, values) => broken(sql, call, values) || values.includes("poison");
    const outcomes = await Promise.allSettled([
      kit.say(made, "tom", { content: { text: "poison" } }),
      kit.say(made, "tom"),
      kit.start(["tom"]),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "fulfilled", "fulfilled"]);
    assert.deepEqual(["BEGIN", "SAVEPOINT", "COMMIT"].map(count), [2, 3, 1]);
  });

  it("refuses before it writes anything", async () => {
    const made = await kit.start(["tom", "jerry"]);
    const temporary = await kit.start(["tom"], { kind: "temporary" });
    const { store } = kit;
    record();
    const all = await Promise.allSettled([
      kit.say(made, "nobody"),
      kit.say({ id: "nonsense" }, "tom"),
      kit.start(names(501)),
      kit.start(["tom\0"]),
      store.addMembers("app", made.id, "nobody", ["spike"]),
      store.addMembers("app", made.id, "tom", ["spike\0"]),
      store.addMembers("app", temporary.id, "tom", ["spike"]),
      store.removeMembers("app", made.id, "nobody", ["tom"]),
      store.markRead("app", "nobody", made.id, { newest: true }),
      store.markRead("app", "tom", "nonsense", { newest: true }),
    ]);
    for (const outcome of all) {
      assert.ok(outcome.status === "rejected" && outcome.reason.code > 4000);
    }
    assert.deepEqual(["INSERT", "UPDATE", "DELETE"].map(count), [0, 0, 0]);
    assert.deepEqual(["BEGIN", "COMMIT"].map(count), [1, 1]);
  });

  it("is closed at the end of the turn; what comes then is the next one", async () => {
    const ends: (() => void)[] = [];
    await kit.store.close();
    kit.store = await openSqliteStore({
      path: path(),
      clock: kit.clock,
      secret,
      turnEnd: (run) => void ends.push(run),
      open: sqlite.open,
    });
    const started = kit.start(["tom"]);
    ends.shift()!();
    const made = await started;
    record();
    const all = [kit.say(made, "tom"), kit.say(made, "tom")];
    assert.deepEqual([ends.length, statements.length], [1, 0]);
    ends.shift()!();
    const later = kit.say(made, "tom");
    assert.equal(ends.length, 1);
    assert.deepEqual((await Promise.all(all)).map(({ message }) => message.seq), [1, 2]);
    ends.shift()!();
    assert.equal((await later).message.seq, 3);
    assert.equal(statements.filter((sql) => sql === "COMMIT").length, 2);
    const closing = kit.store.close();
    ends.shift()!();
    await closing;
  });

  it("is not waited for to know when a client was last forced to log out", async () => {
    const { at } = await kit.store.kick("app", "tom");
    record();
    assert.equal(await kit.store.lastKick("app", "tom"), at);
    assert.deepEqual(["BEGIN", "COMMIT"].map(count), [0, 0]);
    await kit.store.close();
    await assert.rejects(kit.store.lastKick("app", "tom"), /closed/);
    await open();
  });

  it("is not searched for who was told something since it was opened", async () => {
    const made = await kit.start(["tom"]);
    const { store, clock } = kit;
    const keep = (...to: string[]) => kit.keep(made.id, [{ to, command: {} }]);
    const [first] = await keep("tom");
    await store.close();
    await open();
    await clock.advance(1_000);
    const since = clock.now();
    const [last] = await keep("jerry");
    sqlite.fails = (sql, _call, values) => sql.includes("INTO client") && values.includes("eve");
    await assert.rejects(keep("eve"));
    record();
    const jerry = { app: "app", client: "jerry", at: last!.at };
    assert.deepEqual(await kit.store.toldSince(since), [jerry]);
    assert.deepEqual(["BEGIN", "SELECT", "COMMIT"].map(count), [1, 0, 1]);
    const all = (await kit.store.toldSince(0)).map(({ client, at }) => [client, at]);
    assert.deepEqual(all, [["jerry", last!.at], ["tom", first!.at]]);
  });

  /** What is there, as the open store sees it and as it is when it is opened anew. */
  const look = async (ids: readonly string[]) => {
    const see = async () => ({
      conversations: await Promise.all(ids.map((id) => kit.store.conversation("app", id))),
      messages: await Promise.all(ids.map((id) => kit.store.messagesAfter("app", id, 0, 100))),
      unread: await kit.store.unread("app", "jerry"),
      of: await kit.store.findConversations("app", { where: {}, sort: [], skip: 0, limit: 100 }),
      grown: await kit.store.grownSince(0),
    });
    const open1 = await see();
    await kit.store.close();
    await open();
    assert.deepEqual(await see(), open1);
    return open1;
  };

  it("that breaks at any step loses the broken operation alone, or all, and nothing else", async () => {
    let rounds = 0;
    for (let going = true; going; rounds++) {
      const [a, b] = [await kit.start(["tom", "jerry"]), await kit.start(["tom", "jerry"])];
      const start = sqlite.calls;
      const steps: string[] = [];
      going = false;
      sqlite.fails = (sql, call, values) => {
        steps.push(sql);
        const here = call === start + rounds;
        if (here) going = true;
        // The last operation always fails; so all run twice, the second time guarded.
        return here || values.includes("poison");
      };
      const outcomes = await Promise.allSettled([
        kit.say(a, "tom", { dt: "first" }),
        kit.store.addMembers("app", a.id, "tom", ["spike"]),
        kit.store.seqAt("app", a.id, kit.clock.now()),
        kit.start(["tom", `spike-${rounds}`], { unique: true }),
        kit.say(a, "tom", { dt: "last" }),
        kit.say(b, "tom"),
        kit.store.markRead("app", "jerry", a.id, { newest: true }),
        kit.say(b, "tom", { content: { text: "poison" } }),
      ]);
      sqlite.fails = () => false;
      assert.equal(outcomes.pop()!.status, "rejected");
      const kept = outcomes.map(({ status }) => status === "fulfilled");
      const lost = kept.filter((ok) => !ok).length;
      const broken = going ? steps[rounds]! : "nothing";
      const guarded = steps.slice(0, rounds).includes("ROLLBACK");
      const whole = /^(?:BEGIN|COMMIT|SAVEPOINT|ROLLBACK)/.test(broken) ||
        steps[rounds - 1] === "ROLLBACK TO operation";
      // What breaks in the first run alone, or is the last operation's, costs the others nothing.
      const own = steps.slice(0, rounds).filter((sql) => sql.startsWith("SAVEPOINT")).length === 7;
      const one = guarded && going && !own;
      assert.equal(lost, whole ? 6 : one ? 1 : 0, `${lost} lost at ${rounds}, ${broken}`);

      const { conversations: [first, second], messages: [said] } = await look([a.id, b.id]);
      const places = Number(kept[0]) + Number(kept[4]);
      assert.deepEqual(said!.map(({ seq }) => seq), [1, 2].slice(0, places), broken);
      assert.deepEqual([first!.seq, second!.seq], [places, Number(kept[5])], broken);
      assert.deepEqual([...first!.members], ["tom", "jerry", ...kept[1] ? ["spike"] : []], broken);
      const unread = await kit.store.unread("app", "jerry");
      const ofFirst = unread.find(({ conversation }) => conversation.id === a.id)?.count ?? 0;
      assert.equal(ofFirst, kept[6] ? 0 : places, broken);
      // What was lost can be asked for again under its own id; what was kept is there once.
      assert.equal((await kit.say(a, "tom", { dt: "first" })).repeated, kept[0], broken);
      assert.equal((await kit.say(a, "tom", { dt: "last" })).repeated, kept[4], broken);
    }
    assert.ok(rounds > 60, `Only ${rounds} steps were broken`);
  });

  it("that can't be committed rejects as a whole, and the next one goes well", async () => {
    const made = await kit.start(["tom", "jerry"]);
    await kit.say(made, "tom");
    let commits = 0;
    sqlite.fails = (sql) => sql === "COMMIT" && commits++ === 0;
    const read = kit.store.conversation("app", made.id);
    const lost = await Promise.allSettled([
      kit.say(made, "tom", { dt: "x" }),
      kit.say(made, "nobody"),
      kit.say(made, "tom"),
    ]);
    for (const { status } of lost) assert.equal(status, "rejected");
    assert.equal((await read)!.seq, 1); // What only reads is run again.
    sqlite.fails = (sql) => sql === "COMMIT";
    await assert.rejects(kit.store.conversation("app", made.id), /kept nothing/);
    sqlite.fails = () => false;
    const next = await kit.say(made, "tom", { dt: "x" });
    assert.deepEqual([next.repeated, next.message.seq], [false, 2]);
    await look([made.id]);
  });

  it("survives a full disk: nothing acknowledged is lost, and it goes on when there is room", async () => {
    const made = await kit.start(["tom", "jerry"]);
    const limit = (pages: number) => sqlite.driver!.exec(`PRAGMA max_page_count = ${pages}`);
    const content = { text: "x".repeat(2000) };
    limit(60);
    const kept: string[] = [];
    let lost = 0;
    for (let i = 0; i < 30; i++) {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 5 }, (_, k) => kit.say(made, "tom", { content, dt: `${i} ${k}` })),
      );
      for (const outcome of outcomes) {
        if (outcome.status === "fulfilled") kept.push(outcome.value.message.id);
        else lost++;
      }
    }
    assert.ok(kept.length > 20 && lost > 20, `${kept.length} kept, ${lost} lost`);
    const there = async () =>
      (await kit.store.messagesAfter("app", made.id, 0, 1000)).map(({ id }) => id);
    assert.deepEqual(await there(), kept);
    limit(100_000);
    const after = await kit.say(made, "tom", { content });
    assert.equal(after.message.seq, kept.length + 1);
    const { messages: [all] } = await look([made.id]);
    assert.deepEqual(all!.map(({ id }) => id), [...kept, after.message.id]);
  });

  it("whose transaction is gone in the middle keeps nothing of what follows", async () => {
    const made = await kit.start(["tom"]);
    // What SQLite does by itself on some errors, here before a read of the group fails.
    sqlite.fails = (sql) => {
      if (!sql.startsWith("SELECT m.timestamp")) return false;
      sqlite.driver!.exec("ROLLBACK");
      return true;
    };
    const outcomes = await Promise.allSettled([
      kit.say(made, "tom"),
      kit.store.seqAt("app", made.id, 0),
      kit.say(made, "tom"),
    ]);
    assert.deepEqual(outcomes.map(({ status }) => status), ["rejected", "fulfilled", "rejected"]);
    sqlite.fails = () => false;
    assert.equal((await kit.say(made, "tom")).message.seq, 1);
    await look([made.id]);
  });
});
