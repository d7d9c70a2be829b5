/** The SQLite store does what the memory store does, for whatever is asked. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import type { HistoryBound, Mark, Store, StoredMessage } from "@curlew/server/store";
import { createMemoryStore } from "@curlew/server/store/memory";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { FakeClock } from "../../kit/clock.ts";
import { counting, databasePath } from "./sqlite_kit.ts";

interface Bound {
  readonly timestamp: number;
  readonly id: string | undefined;
  readonly included: boolean;
}

/** One call on a store; ids stand for what came earlier. */
type Call = (store: Store, seen: Seen, clock: FakeClock) => Promise<unknown>;

/** What a run has made so far. */
interface Seen {
  readonly conversations: string[];
  readonly messages: { readonly id: string; readonly timestamp: number }[];
}

const clients = ["tom", "jerry", "spike"];
const client = fc.constantFrom(...clients);
const some = fc.array(client, { maxLength: 3 });
const app = fc.constantFrom("one", "two");
const index = fc.nat(5);

const past = fc.option(fc.integer({ min: -3000, max: 0 }), { nil: undefined });

const pick = <T>(from: readonly T[], at: number): T | undefined => from[at % (from.length || 1)];
const conversation = (seen: Seen, at: number) => pick(seen.conversations, at) ?? "nonsense";

type MarkOf = (seen: Seen) => Mark;
const mark: fc.Arbitrary<MarkOf> = fc.oneof(
  fc.constant<MarkOf>(() => ({ newest: true })),
  index.map((at): MarkOf => (seen) => ({ id: pick(seen.messages, at)?.id ?? "nonsense" })),
  fc.tuple(index, fc.integer({ min: -1, max: 1 }), fc.option(index, { nil: undefined })).map(
    ([at, by, from]): MarkOf => (seen) => ({
      timestamp: (pick(seen.messages, at)?.timestamp ?? 0) + by,
      ...(from === undefined ? {} : { from: pick(seen.messages, from)?.timestamp ?? 0 }),
    }),
  ),
);

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.record({
    app,
    kind: fc.constantFrom(
      "normal" as const,
      "normal" as const,
      "room" as const,
      "temporary" as const,
    ),
    creator: client,
    members: some,
    unique: fc.boolean(),
  }).map(({ app, ...start }): Call => async (store, seen) => {
    const started = await store.startConversation(app, { ...start, attributes: {}, ttl: 5000 });
    if (!started.existing) seen.conversations.push(started.conversation.id);
    return started;
  }),
  {
    weight: 4,
    arbitrary: fc.record({
      app,
      at: index,
      from: client,
      dt: fc.option(fc.constantFrom("a", "b"), { nil: undefined }),
      mentioned: some,
      flags: fc.tuple(fc.boolean(), fc.boolean()),
    }).map(({ app, at, from, dt, mentioned, flags }): Call => async (store, seen) => {
      const appended = await store.appendMessage(app, {
        conversation: conversation(seen, at),
        from,
        content: flags[0] ? { text: "hi" } : { binary: Uint8Array.of(1, 2, 3) },
        mentioned,
        mentionedAll: flags[0] && flags[1],
        receipt: flags[1],
        ...(dt === undefined ? {} : { dt }),
      });
      if (!appended.repeated) seen.messages.push(appended.message);
      return appended;
    }),
  },
  fc.tuple(app, index, client, some, fc.boolean()).map(
    ([app, at, actor, asked, add]): Call => (store, seen) =>
      store[add ? "addMembers" : "removeMembers"](app, conversation(seen, at), actor, asked),
  ),
  fc.tuple(app, index, client, some, fc.boolean()).map(
    ([app, at, actor, asked, rolesCount]): Call => (store, seen) =>
      store.removeMembers(app, conversation(seen, at), actor, asked, { rolesCount }),
  ),
  fc.tuple(app, index, client, some, fc.boolean(), fc.boolean()).map(
    ([app, at, actor, asked, blocks, on]): Call => (store, seen) => {
      const which = blocks ? "blocked" : "silenced";
      return store.setStanding(app, conversation(seen, at), actor, asked, which, on);
    },
  ),
  fc.tuple(app, index, client, client, fc.boolean()).map(
    ([app, at, actor, who, on]): Call => (store, seen) =>
      store.setManager(app, conversation(seen, at), actor, who, on),
  ),
  fc.tuple(app, index, client, fc.boolean()).map(([app, at, who, on]): Call => (store, seen) =>
    store.setMuted(app, conversation(seen, at), who, on)
  ),
  fc.tuple(app, index, client, fc.constantFrom("a", "b.c", "b"), fc.nat(3)).map(
    ([app, at, who, path, value]): Call => (store, seen) =>
      store.updateConversation(app, conversation(seen, at), who, { [path]: value }),
  ),
  fc.tuple(app, index, index, client, fc.boolean()).map(
    ([app, at, which, from, edits]): Call => (store, seen) =>
      store.applyPatch(app, {
        conversation: conversation(seen, at),
        id: pick(seen.messages, which)?.id ?? "nonsense",
        from,
        ...(edits
          ? { edit: { content: { text: "new" }, mentioned: ["tom"], mentionedAll: false } }
          : {}),
      }),
  ),
  fc.tuple(app, client, fc.nat(3000), fc.nat(4)).map(
    ([app, who, ago, limit]): Call => (store, _seen, clock) =>
      store.patches(app, who, clock.now() - ago, limit),
  ),
  fc.tuple(app, index, client, mark).map(([app, at, who, upTo]): Call => (store, seen) =>
    store.markRead(app, who, conversation(seen, at), upTo(seen))
  ),
  fc.tuple(app, index, client, mark).map(([app, at, who, upTo]): Call => (store, seen) =>
    store.markDelivered(app, who, conversation(seen, at), upTo(seen))
  ),
  fc.tuple(app, client, past, past).map(([app, who, sent, read]): Call => (store, _seen, clock) =>
    store.unread(app, who, { sent: sent && clock.now() + sent, read: read && clock.now() + read })
  ),
  fc.tuple(app, client, fc.nat(4)).map(([app, who, limit]): Call => (store) =>
    store.undelivered(app, who, limit)
  ),
  fc.tuple(app, index).map(([app, at]): Call => (store, seen) =>
    store.progress(app, conversation(seen, at))
  ),
  fc.tuple(app, index, fc.nat(4), fc.nat(4)).map(([app, at, after, limit]): Call => (store, seen) =>
    store.messagesAfter(app, conversation(seen, at), after, limit)
  ),
  fc.integer({ min: -3000, max: 3000 }).map((ms): Call => async (_store, _seen, clock) => {
    if (ms < 0) clock.jump(clock.now() + ms);
    else await clock.advance(ms);
  }),
);

/** What one turn brings; before it the store may be closed and opened again. */
interface Turn {
  readonly calls: readonly Call[];
  readonly again: boolean;
}

/** Runs calls, a few of them at the same time, and gives what each came to. */
async function outcomes(
  open: (clock: FakeClock) => Promise<Store>,
  turns: readonly Turn[],
  reopen?: (clock: FakeClock) => Promise<Store>,
): Promise<unknown[]> {
  const clock = new FakeClock();
  let store = await open(clock);
  const seen: Seen = { conversations: [], messages: [] };
  const all: unknown[] = [];
  for (const { calls, again } of turns) {
    if (again && reopen) {
      await store.close();
      store = await reopen(clock);
    }
    const settled = await Promise.allSettled(calls.map((call) => call(store, seen, clock)));
    all.push(
      ...settled.map((outcome) =>
        outcome.status === "fulfilled" ? outcome.value : outcome.reason.code ?? outcome.reason
      ),
    );
  }
  const grown = await store.grownSince(0);
  all.push(grown.toSorted((a, b) => a.conversation < b.conversation ? -1 : 1));
  await store.close();
  return all;
}

const memory = (clock: FakeClock) =>
  Promise.resolve(createMemoryStore({ clock, secret: counting() }));
const sqlite = (clock: FakeClock) =>
  openSqliteStore({ path: ":memory:", clock, secret: counting() });

describe("the SQLite store and the memory store", () => {
  const path = databasePath();
  const turn = fc.record({
    calls: fc.array(call, { minLength: 1, maxLength: 3 }),
    again: fc.boolean(),
  });
  const turns = fc.array(turn, { maxLength: 30 });

  it("come to the same for the same calls", async () => {
    await fc.assert(
      fc.asyncProperty(turns, async (turns) => {
        assert.deepEqual(await outcomes(sqlite, turns), await outcomes(memory, turns));
      }),
      { numRuns: 150 },
    );
  });

  it("come to the same when the file is opened again and again", async () => {
    let run = 0;
    await fc.assert(
      fc.asyncProperty(turns, async (turns) => {
        const secret = counting();
        const file = `${path()}-${run++}`;
        const open = (clock: FakeClock) => openSqliteStore({ path: file, clock, secret });
        assert.deepEqual(await outcomes(open, turns, open), await outcomes(memory, turns));
      }),
      { numRuns: 20 },
    );
  });

  it("give the history that a plain filter gives", async () => {
    const clock = new FakeClock();
    const stores = [await memory(clock), await sqlite(clock)];
    const said: StoredMessage[] = [];
    const ids: string[] = [];
    for (const store of stores) {
      const { conversation } = await store.startConversation("app", {
        kind: "normal",
        creator: "tom",
        members: [],
        unique: false,
        attributes: {},
      });
      ids.push(conversation.id);
    }
    for (let i = 0; i < 20; i++) {
      for (const [n, store] of stores.entries()) {
        const { message } = await store.appendMessage("app", {
          conversation: ids[n]!,
          from: "tom",
          content: { text: i % 3 ? "text" : '{"_lctype":-1}' },
          mentioned: [],
          mentionedAll: false,
          receipt: false,
        });
        if (n === 0) said.push(message);
      }
      if (i % 2) await clock.advance(3);
    }
    const start = said[0]!.timestamp;
    const bound = fc.option(
      fc.record({
        timestamp: fc.integer({ min: start - 3, max: start + 40 }),
        id: fc.option(fc.constantFrom("!", "~", "M"), { nil: undefined }),
        included: fc.boolean(),
      }),
      { nil: undefined },
    );
    const range = fc.record({
      direction: fc.constantFrom("older" as const, "newer" as const),
      from: bound,
      to: bound,
      limit: fc.integer({ min: 0, max: 25 }),
      type: fc.option(fc.constantFrom(-1, -2), { nil: undefined }),
    });

    /** How a message stands to a bound: before it, at it, after it. */
    const order = (message: StoredMessage, bound: Bound) => {
      if (message.timestamp !== bound.timestamp) return message.timestamp - bound.timestamp;
      if (bound.id === undefined || bound.id === message.id) return 0;
      return message.id < bound.id ? -1 : 1;
    };
    await fc.assert(
      fc.asyncProperty(range, async ({ direction, from, to, limit, type }) => {
        const [low, high] = direction === "older" ? [to, from] : [from, to];
        const expected = said
          .filter((message) => !low || order(message, low) > (low.included ? -1 : 0))
          .filter((message) => !high || order(message, high) < (high.included ? 1 : 0))
          .filter(({ content }) => type === undefined || content.text === `{"_lctype":${type}}`);
        const skip = direction === "older" ? Math.max(0, expected.length - limit) : 0;
        for (const [n, store] of stores.entries()) {
          const found = await store.history("app", {
            conversation: ids[n]!,
            reader: "tom",
            direction,
            limit,
            ...(from ? { from: bounded(from) } : {}),
            ...(to ? { to: bounded(to) } : {}),
            ...(type === undefined ? {} : { type }),
          });
          assert.deepEqual(
            found.map(({ seq }) => seq),
            expected.slice(skip, skip + limit).map(({ seq }) => seq),
          );
        }
      }),
      { numRuns: 300 },
    );
    for (const store of stores) await store.close();
  });
});

/** A bound without the key that it lacks. */
function bounded({ timestamp, id, included }: Bound): HistoryBound {
  return { timestamp, included, ...(id === undefined ? {} : { id }) };
}
