/**
 * A store over a SQL driver: each method is one operation of a group.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { Secret } from "./conversation_id.ts";
import type { SqlDriver, SqlStatement } from "./driver.ts";
import {
  adding,
  mustBeMember,
  refusal,
  removing,
  startingMembers,
  takesPart,
} from "./member_rules.ts";
import { bounded, HISTORY_LIMIT, placeAt, placesOf, UNREAD_LIMIT } from "./places.ts";
import { Recent } from "./recent.ts";
import { Conversations } from "./sql_conversations.ts";
import { Groups } from "./sql_group.ts";
import { MemberMarks } from "./sql_marks.ts";
import { Messages } from "./sql_messages.ts";
import type { Conversation, Mark, Receipt, Store, StoredMessage } from "./store.ts";
import { readSort, readWhere } from "./where.ts";
import { conditionSql, orderSql } from "./where_sql.ts";

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
  const conversations = new Conversations(driver, clock.now, secret);
  const messages = new Messages(driver, secret);
  const marks = new MemberMarks(driver);
  const groups = new Groups(driver, conversations, turnEnd);
  const statements = new Recent<SqlStatement>(KEPT_STATEMENTS);
  const getSetting = driver.prepare("SELECT value FROM settings WHERE name = ?");
  const putSetting = driver.prepare("INSERT INTO settings (name, value) VALUES (?, ?)");

  function statement(text: string): SqlStatement {
    const kept = statements.get(text);
    if (kept) return kept;
    const prepared = driver.prepare(text);
    statements.set(text, prepared);
    return prepared;
  }

  function timeToPlace(app: string, { id, seq }: Conversation, timestamp: number): number {
    return placeAt(seq, messages.placeReader(app, id), timestamp);
  }

  /** The place that a mark names; `undefined` for a message that is not there. */
  function placeOf(app: string, conversation: Conversation, mark: Mark): number | undefined {
    if ("newest" in mark) return conversation.seq;
    if ("id" in mark) return messages.placeOf(app, conversation.id, mark.id);
    return timeToPlace(app, conversation, mark.timestamp);
  }

  return {
    setting: (name, make) =>
      groups.write(() => {
        const kept = getSetting.get(name)?.value as string | undefined;
        const value = kept ?? make();
        if (kept === undefined) putSetting.run(name, value);
        return { value, made: kept === undefined };
      }),

    startConversation: (app, start) =>
      groups.write(() => conversations.start(app, start, startingMembers(start))),

    conversation: (app, id) => groups.read(() => conversations.find(app, id)),

    findConversations: (app, { where, sort, skip, limit }) =>
      groups.read(() => {
        const condition = conditionSql(app, readWhere(where));
        const order = orderSql(readSort(sort));
        const found = statement(
          `SELECT c.id FROM conversations c WHERE c.app = ? AND c.kind <> 'temporary'
            AND ${condition.text} ORDER BY ${order.text} LIMIT ? OFFSET ?`,
        ).all(
          app,
          ...condition.values,
          ...order.values,
          bounded(limit, HISTORY_LIMIT),
          bounded(skip, Number.MAX_SAFE_INTEGER),
        );
        return found.map(({ id }) => conversations.need(app, id as string));
      }),

    addMembers: (app, id, actor, clients) =>
      groups.write(() => {
        const conversation = conversations.need(app, id);
        return conversations.change(app, adding(conversation, actor, clients, clock.now()));
      }),

    removeMembers: (app, id, actor, clients) =>
      groups.write(() => {
        const conversation = conversations.need(app, id);
        return conversations.change(app, removing(conversation, actor, clients, clock.now()));
      }),

    appendMessage: (app, message) =>
      groups.write(() => {
        const conversation = conversations.find(app, message.conversation);
        if (!conversation || !takesPart(conversation, message.from)) {
          throw refusal(
            "INVALID_MESSAGING_TARGET",
            `${message.from} can't send to the conversation ${message.conversation}`,
          );
        }
        const seq = conversation.seq + 1;
        const timestamp = Math.max(clock.now(), (conversation.lastMessageAt ?? 0) + 1);
        const appended = messages.append(app, message, seq, timestamp);
        return {
          ...appended,
          conversation: appended.repeated
            ? conversation
            : conversations.grow(app, conversation, seq, timestamp),
        };
      }),

    history: (app, range) =>
      groups.read(() => {
        const { conversation: id, reader, direction, type } = range;
        const conversation = conversations.need(app, id);
        if (!takesPart(conversation, reader)) {
          throw refusal("CONVERSATION_LOG_REJECTED", `${reader} is no member`);
        }
        const places = placesOf(range, conversation.seq, messages.placeReader(app, id));
        return messages.between(app, id, places, {
          limit: bounded(range.limit, HISTORY_LIMIT),
          end: direction === "older" ? "newest" : "oldest",
          type,
        });
      }),

    messagesAfter: (app, id, after, limit) =>
      groups.read(() => {
        const conversation = conversations.find(app, id);
        if (!conversation) return [];
        const first = bounded(after, conversation.seq) + 1;
        return messages.between(app, id, { first, last: conversation.seq }, {
          limit: bounded(limit, HISTORY_LIMIT),
          end: "oldest",
        });
      }),

    seqAt: (app, id, timestamp) =>
      groups.read(() => {
        const conversation = conversations.find(app, id);
        return conversation ? timeToPlace(app, conversation, timestamp) : 0;
      }),

    grownSince: (timestamp) => groups.read(() => conversations.grown(timestamp)),

    unread: (app, client, since) =>
      groups.read(() =>
        marks.withUnread(app, client, clock.now(), since).map(({ id, read }) => {
          const conversation = conversations.need(app, id);
          const { unread, mentioned } = marks.unread(app, id, client, read);
          const last = messages.last(app, conversation);
          return { conversation, count: unread, mentioned, ...(last ? { last } : {}) };
        })
      ),

    markRead: (app, client, id, upTo) =>
      groups.write(() => {
        const conversation = conversations.need(app, id);
        mustBeMember(conversation, client);
        const before = marks.of(app, id, client)?.read ?? 0;
        const last = Math.max(before, placeOf(app, conversation, upTo) ?? before);
        const now = clock.now();
        const passed = { first: before + 1, last };
        if (last > before) {
          marks.read(app, id, client, last, now);
          messages.noteRead(app, id, client, passed, now);
        }
        const read = messages.lastOfOthers(app, id, client, passed);
        return {
          conversation,
          ...marks.unread(app, id, client, last),
          at: now,
          ...(read ? { read } : {}),
        };
      }),

    markDelivered: (app, client, id, upTo) =>
      groups.write((): Receipt[] => {
        const conversation = conversations.find(app, id);
        const mark = conversation?.members.has(client) && marks.of(app, id, client);
        const last = conversation && placeOf(app, conversation, upTo);
        if (!conversation || !mark || last === undefined) return [];
        const from = "from" in upTo ? upTo.from : undefined;
        const older = from === undefined ? 0 : timeToPlace(app, conversation, from - 1);
        const first = Math.max(mark.delivered, older) + 1;
        // What lies between the mark and `first` was never acknowledged: it must not be passed.
        const passes = first === mark.delivered + 1 ||
          !messages.newestOfOthers(app, id, client, mark.delivered, UNREAD_LIMIT)
            .some(({ seq }) => seq < first);
        if (passes && last > mark.delivered) marks.delivered(app, id, client, last);
        const at = clock.now();
        const noted = messages.noteDelivered(app, id, client, { first, last }, at);
        if (conversation.members.size > 2) return [];
        return noted.filter(({ receipt }) => receipt).map((message) => ({ message, at }));
      }),

    undelivered: (app, client, limit) =>
      groups.read(() => {
        const most = bounded(limit, HISTORY_LIMIT);
        const all: StoredMessage[] = [];
        for (const { id, delivered } of marks.withUndelivered(app, client, clock.now())) {
          all.push(...messages.newestOfOthers(app, id, client, delivered, UNREAD_LIMIT));
          if (all.length > most) break;
        }
        return { messages: all.slice(0, most), more: all.length > most };
      }),

    close: () => groups.close(),
  };
}
