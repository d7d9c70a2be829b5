/**
 * A store over a SQL driver: each method is one operation of a group.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { type Change, conversationChanges } from "./conversation_changes.ts";
import type { Secret } from "./conversation_id.ts";
import type { SqlDriver, SqlStatement } from "./driver.ts";
import { shared } from "./exchange.ts";
import {
  forAuthor,
  forSender,
  hasMembers,
  mustBeMember,
  mustBeReader,
  newConversation,
  present,
  startingMembers,
} from "./member_rules.ts";
import {
  asRead,
  bounded,
  HISTORY_LIMIT,
  NOTICES_KEPT_FOR,
  placeAt,
  placesOf,
  UNREAD_LIMIT,
} from "./places.ts";
import { Recent } from "./recent.ts";
import { Conversations, type Numbered } from "./sql_conversations.ts";
import { Groups } from "./sql_group.ts";
import { sqlKicks } from "./sql_kicks.ts";
import { MemberMarks } from "./sql_marks.ts";
import { Journal } from "./journal.ts";
import { Lately } from "./lately.ts";
import { Messages } from "./sql_messages.ts";
import { Notices } from "./sql_notices.ts";
import { Patterns } from "./sql_patterns.ts";
import { Places } from "./sql_places.ts";
import { Repeats } from "./sql_repeats.ts";
import { sqlSubscriptions } from "./sql_subscriptions.ts";
import type { Mark, ReadLately, Store, StoredMessage } from "./store.ts";
import { readSort, readWhere } from "./where.ts";
import { findSql } from "./where_sql.ts";

/** How many nonces that may be used again are forgotten with each that is noted. */
const DROPPED_NONCES = 10;

/** How many statements of queries are kept for the next of their kind. */
const KEPT_STATEMENTS = 64;

/** A store over a database whose tables are there and that nobody else writes. */
export function createSqlStore(
  driver: SqlDriver,
  { clock, secret, turnEnd }: {
    readonly clock: Clock;
    readonly secret: Secret;
    readonly turnEnd: (run: () => void) => void;
  },
): Store {
  const journal = new Journal();
  const places = new Places(driver, journal);
  const conversations = new Conversations(driver, { now: clock.now, journal, places });
  const repeats = new Repeats(driver, journal);
  const messages = new Messages(driver, { places, repeats, secret });
  const notices = new Notices(driver, journal);
  const marks = new MemberMarks(driver, places);
  const reads = new Lately<ReadLately>(clock.now());
  const groups = new Groups(driver, journal, turnEnd);
  const statements = new Recent<SqlStatement>(KEPT_STATEMENTS);
  const getSetting = driver.prepare("SELECT value FROM settings WHERE name = ?");
  const getNonce = driver.prepare(
    "SELECT holder FROM nonces WHERE app = ? AND nonce = ? AND until >= ?",
  );
  const putNonce = driver.prepare(
    "INSERT OR REPLACE INTO nonces (app, nonce, holder, until) VALUES (?, ?, ?, ?)",
  );
  const dropNonces = driver.prepare(
    `DELETE FROM nonces WHERE (app, nonce) IN
      (SELECT app, nonce FROM nonces WHERE until < ? ORDER BY until LIMIT ${DROPPED_NONCES})`,
  );
  const putSetting = driver.prepare("INSERT INTO settings (name, value) VALUES (?, ?)");

  const patterns = new Patterns(driver);

  function statement(text: string): SqlStatement {
    const kept = statements.get(text);
    if (kept) return kept;
    const prepared = driver.prepare(text);
    statements.set(text, prepared);
    return prepared;
  }

  function timeToPlace({ number, conversation }: Numbered, timestamp: number): number {
    return placeAt(conversation.seq, messages.placeReader(number), timestamp);
  }

  /** The place that a mark names; `undefined` for a message that is not there. */
  function placeOf(found: Numbered, mark: Mark): number | undefined {
    if ("newest" in mark) return found.conversation.seq;
    if ("id" in mark) return messages.placeOf(found.number, mark.id);
    return timeToPlace(found, mark.timestamp);
  }

  /** Carries a change of a conversation out, as the rules give it. */
  const change: Change = (app, id, rule, tell) =>
    groups.write(() => {
      const found = present(shared(conversations.find(app, id)), id);
      const changed = rule(found.conversation);
      const news = tell?.(changed) ?? [];
      conversations.write(found, changed.conversation);
      return { ...changed, told: notices.keep(found, news, clock.now()) };
    });

  /** The messages of others after a delivered mark: the newest 100. */
  function waitingFor(found: Numbered, client: string, delivered: number): StoredMessage[] {
    const range = { first: delivered + 1, last: found.conversation.seq };
    return messages.ofOthers(found, client, range, UNREAD_LIMIT);
  }

  return {
    setting: (name, make) =>
      groups.write(() => {
        const kept = getSetting.get(name)?.value as string | undefined;
        const value = kept ?? make();
        if (kept === undefined) putSetting.run(name, value);
        return { value, made: kept === undefined };
      }),

    startConversation: (app, start, tell) =>
      groups.write(() => {
        const members = startingMembers(start);
        const unique = start.unique && hasMembers(start);
        const found = unique ? conversations.unique(app, start.kind, members) : undefined;
        if (found) return { conversation: found, existing: true, told: [] };
        const conversation = newConversation(start, members, clock.now(), secret);
        const started = { conversation, existing: false };
        const news = tell?.(started) ?? [];
        const made = conversations.start(app, conversation);
        return { ...started, told: notices.keep(made, news, clock.now()) };
      }),

    conversation: (app, id) => {
      const known = groups.idle ? conversations.recall(app, id) : undefined;
      if (known) return Promise.resolve(shared(known)?.conversation);
      return groups.read(() => shared(conversations.find(app, id))?.conversation);
    },

    findConversations: (app, { where, sort, skip, limit }) =>
      groups.read(() => {
        const { text, values } = findSql(app, readWhere(where), readSort(sort));
        const bounds = [bounded(limit, HISTORY_LIMIT), bounded(skip, Number.MAX_SAFE_INTEGER)];
        const found = patterns.during(() => statement(text).all(...values, ...bounds));
        return found.map(({ id }) => conversations.need(app, id as string).conversation);
      }),

    ...conversationChanges(change, clock),

    appendMessage: (app, message) =>
      groups.write(() => {
        const part = conversations.part(app, message.conversation, message.from);
        const found = conversations.kept(forSender(part, message));
        const { conversation } = found;
        const now = clock.now();
        const first = messages.repeated(found, message, now);
        if (first) return { message: first, conversation, repeated: true };
        const seq = conversation.seq + 1;
        const timestamp = Math.max(now, (conversation.lastMessageAt ?? 0) + 1);
        return {
          message: messages.append(found, message, seq, timestamp),
          conversation: conversations.grow(found, seq, timestamp),
          repeated: false,
        };
      }),

    applyPatch: (app, patch) =>
      groups.write(() => {
        const found = forAuthor(conversations.part(app, patch.conversation, patch.from), patch);
        const message = messages.patch(found, patch, clock.now());
        return { app, message, conversation: found.conversation };
      }),

    patches: (app, client, since, limit) =>
      groups.read(() =>
        messages.patchesOf(app, client, since, clock.now(), bounded(limit, HISTORY_LIMIT))
      ),

    patchedSince: (since, limit) =>
      groups.read(() =>
        messages.patchedSince(since, clock.now(), bounded(limit, HISTORY_LIMIT))
          .map(({ app, message }) => {
            const { conversation } = conversations.need(app, message.conversation);
            return { app, message, conversation };
          })
      ),

    history: (app, range) =>
      groups.read(() => {
        const { reader, direction, type } = range;
        const found = present(
          conversations.part(app, range.conversation, reader),
          range.conversation,
        );
        const { conversation, number } = found;
        mustBeReader(conversation, reader);
        const places = placesOf(range, conversation.seq, messages.placeReader(number));
        return messages.between(found, places, {
          limit: bounded(range.limit, HISTORY_LIMIT),
          end: direction === "older" ? "newest" : "oldest",
          type,
        });
      }),

    messagesAfter: (app, id, after, limit) =>
      groups.read(() => {
        const found = conversations.find(app, id);
        if (!found) return [];
        const { seq } = found.conversation;
        return messages.between(found, { first: bounded(after, seq) + 1, last: seq }, {
          limit: bounded(limit, HISTORY_LIMIT),
          end: "oldest",
        });
      }),

    seqAt: (app, id, timestamp) =>
      groups.read(() => {
        const found = conversations.find(app, id);
        return found ? timeToPlace(found, timestamp) : 0;
      }),

    grownSince: (timestamp) => groups.read(() => conversations.grown(timestamp)),

    unread: (app, client, since) =>
      groups.read(() =>
        marks.withUnread(app, client, clock.now(), since).map(({ id, read }) => {
          const found = conversations.need(app, id);
          const { unread, mentioned } = marks.unread(found.number, client, read);
          const last = messages.last(found);
          const { conversation } = found;
          return { conversation, count: unread, mentioned, ...(last ? { last } : {}) };
        })
      ),

    markRead: (app, client, id, upTo, tell) =>
      groups.write(() => {
        const found = present(conversations.part(app, id, client), id);
        const { conversation, number } = found;
        mustBeMember(conversation, client);
        const before = marks.of(number, client)?.read ?? 0;
        const last = Math.max(before, placeOf(found, upTo) ?? before);
        const now = clock.now();
        const passed = { first: before + 1, last };
        const [read] = messages.ofOthers(found, client, passed, 1);
        const change = {
          conversation,
          ...marks.unread(number, client, last),
          upTo: last,
          at: now,
          ...(read ? { read: asRead(read, now) } : {}),
        };
        const news = tell?.(change) ?? [];
        if (last > before) {
          marks.read(number, client, last, now);
          messages.noteRead(number, client, passed, now);
          const moved = { app, client, conversation: conversation.id, upTo: last };
          const name = JSON.stringify([app, conversation.id, client]);
          journal.note({ keep: () => reads.note(name, now, moved) });
        }
        return { ...change, told: notices.keep(found, news, now) };
      }),

    readSince: (timestamp) => groups.read(() => reads.since(timestamp)),

    markDelivered: (app, client, id, upTo, tell) =>
      groups.write(() => {
        const found = conversations.part(app, id, client);
        const mark = found && marks.of(found.number, client);
        const last = found && placeOf(found, upTo);
        if (!found || !mark || last === undefined) return { receipts: [], told: [] };
        const from = "from" in upTo ? upTo.from : undefined;
        const older = from === undefined ? 0 : timeToPlace(found, from - 1);
        const first = Math.max(mark.delivered, older) + 1;
        // What lies between the mark and `first` was never acknowledged: it must not be passed.
        const passes = first === mark.delivered + 1 ||
          !waitingFor(found, client, mark.delivered).some(({ seq }) => seq < first);
        const range = { first, last };
        const at = clock.now();
        const due = found.conversation.members.size > 2 ? [] : messages.due(found, client, range);
        const receipts = due.map((message) => ({ message: { ...message, deliveredAt: at }, at }));
        const news = tell?.(receipts) ?? [];
        if (passes && last > mark.delivered) marks.delivered(found.number, client, last);
        messages.noteDelivered(found.number, client, range, at);
        return { receipts, told: notices.keep(found, news, at) };
      }),

    progress: (app, id) => groups.read(() => marks.progress(conversations.need(app, id).number)),

    undelivered: (app, client, limit) =>
      groups.read(() => {
        const most = bounded(limit, HISTORY_LIMIT);
        const all: StoredMessage[] = [];
        for (const { id, delivered } of marks.withUndelivered(app, client, clock.now())) {
          const found = conversations.need(app, id);
          all.push(...waitingFor(found, client, delivered));
          if (all.length > most) break;
        }
        return { messages: all.slice(0, most), more: all.length > most };
      }),

    toldAfter: (app, audience, after, limit) =>
      groups.read(() => {
        const most = bounded(limit, HISTORY_LIMIT);
        if (audience.client !== undefined) return notices.of(app, audience.client, after, most);
        const found = conversations.find(app, audience.conversation);
        return found ? notices.inside(found.number, after, most) : [];
      }),

    toldSince: (timestamp) => groups.read(() => notices.since(timestamp)),

    lastTold: () => groups.readKept(() => notices.last),

    notices: (app, client, since, limit) =>
      groups.read(() => {
        const now = clock.now();
        const from = Math.max(since, now - NOTICES_KEPT_FOR);
        return notices.for(app, client, from, bounded(limit, HISTORY_LIMIT), now);
      }),

    claimNonce: (app, nonce, holder, until) =>
      groups.write(() => {
        const now = clock.now();
        const claimed = getNonce.get(app, nonce, now)?.holder;
        if (claimed !== undefined) return claimed === holder;
        dropNonces.run(now);
        putNonce.run(app, nonce, holder, until);
        return true;
      }),

    ...sqlKicks(driver, groups, clock),
    ...sqlSubscriptions(driver, { groups, journal, conversations, notices, clock }),

    close: () => groups.close(),
  };
}
