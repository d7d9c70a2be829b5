/**
 * A store in memory: the readable reference of what a store promises, for tests and for servers
 * that are to forget everything.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { type Change, conversationChanges } from "./conversation_changes.ts";
import { memberKey, messageId, type Secret } from "./conversation_id.ts";
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
  at,
  become,
  changed,
  changedAfter,
  entryOf,
  placeOf,
  put,
  readsSince,
  undeliveredOf,
  unreadOf,
} from "./memory_entry.ts";
import {
  asRead,
  bounded,
  HISTORY_LIMIT,
  NOTICES_KEPT_FOR,
  placeAt,
  placesOf,
  typeOf,
  UNREAD_CONVERSATIONS,
} from "./places.ts";
import { MemoryConversations } from "./memory_conversations.ts";
import { memoryKicks } from "./memory_kicks.ts";
import { memoryNonces } from "./memory_nonces.ts";
import { memorySubscriptions } from "./memory_subscriptions.ts";
import { patched } from "./patch_rules.ts";
import type { Store, StoredMessage } from "./store.ts";
import { readSort, readWhere } from "./where.ts";
import { compareBy, matches } from "./where_match.ts";

export type { Secret } from "./conversation_id.ts";
export type { Store } from "./store.ts";

/** Makes an empty store. */
export function createMemoryStore(
  { clock, secret }: { readonly clock: Clock; readonly secret: Secret },
): Store {
  const settings = new Map<string, string>();
  const entries = new MemoryConversations(clock);
  const { apps } = entries;
  let lastPatch = 0;
  let open = true;

  /** Runs an operation as a store does: later, and not after the end. */
  async function run<T>(operation: () => T): Promise<T> {
    await Promise.resolve();
    if (!open) throw new Error("The store is closed");
    return operation();
  }

  /** Carries a change of a conversation out, as the rules give it. */
  const change: Change = (app, id, rule, tell) =>
    run(() => {
      const entry = present(shared(entries.find(app, id)), id);
      const changed = rule(entry.conversation);
      const news = tell?.(changed);
      become(entry, changed.conversation);
      return { ...changed, told: entries.tell(app, id, news) };
    });

  return {
    setting: (name, make) =>
      run(() => {
        const kept = settings.get(name);
        const value = kept ?? make();
        settings.set(name, value);
        return { value, made: kept === undefined };
      }),

    startConversation: (app, start, tell) =>
      run(() => {
        const members = startingMembers(start);
        const unique = start.unique && hasMembers(start);
        const { conversations, unique: ids } = entries.of(app);
        const key = start.kind + memberKey(members);
        const existing = unique ? entries.find(app, ids.get(key) ?? "")?.conversation : undefined;
        if (existing && memberKey(existing.members) === memberKey(members)) {
          return { conversation: existing, existing: true, told: [] };
        }
        const conversation = newConversation(start, members, clock.now(), secret);
        const { id } = conversation;
        const started = { conversation, existing: false };
        const news = tell?.(started);
        conversations.set(id, entryOf(conversation));
        if (unique) ids.set(key, id);
        return { ...started, told: entries.tell(app, id, news) };
      }),

    conversation: (app, id) => run(() => shared(entries.find(app, id))?.conversation),

    findConversations: (app, { where, sort, skip, limit }) =>
      run(() => {
        const condition = readWhere(where);
        const first = bounded(skip, Number.MAX_SAFE_INTEGER);
        return [...apps.get(app)?.conversations.values() ?? []]
          .map(({ conversation }) => conversation)
          .filter(({ kind }) => kind !== "temporary" && kind !== "exchange")
          .filter((found) => matches(found, condition))
          .sort(compareBy(readSort(sort)))
          .slice(first, first + bounded(limit, HISTORY_LIMIT));
      }),

    ...conversationChanges(change, clock),

    appendMessage: (app, { dt, ...message }) =>
      run(() => {
        const entry = forSender(entries.part(app, message.conversation, message.from), message);
        const { messages, places, conversation } = entry;
        const key = dt === undefined ? undefined : JSON.stringify([message.from, dt]);
        const first = key === undefined ? undefined : messages[(places.byDt.get(key) ?? 0) - 1];
        if (first) return { message: first, conversation, repeated: true };
        const now = clock.now();
        const timestamp = Math.max(now, (conversation.lastMessageAt ?? 0) + 1);
        const seq = conversation.seq + 1;
        const { binary } = message.content;
        const stored: StoredMessage = {
          ...message,
          conversation: conversation.id,
          content: binary ? { binary: binary.slice() } : message.content,
          mentioned: [...message.mentioned],
          id: messageId(timestamp, secret),
          seq,
          timestamp,
          recalled: false,
        };
        messages.push(stored);
        if (seq === 1) entries.of(app).conversations.set(conversation.id, entry);
        places.byId.set(stored.id, seq);
        if (key !== undefined) places.byDt.set(key, seq);
        entry.conversation = { ...conversation, seq, lastMessageAt: timestamp };
        return { message: stored, conversation: entry.conversation, repeated: false };
      }),

    applyPatch: (app, patch) =>
      run(() => {
        const entry = forAuthor(entries.part(app, patch.conversation, patch.from), patch);
        const { messages, places, conversation } = entry;
        const place = (places.byId.get(patch.id) ?? 0) - 1;
        const message = patched(messages[place], patch, Math.max(clock.now(), lastPatch + 1));
        if (message !== messages[place]) {
          messages[place] = message;
          lastPatch = message.patchedAt!;
        }
        return { app, message, conversation };
      }),

    patches: (app, client, since, limit) =>
      run(() => {
        const own = [...entries.with(app, client)].map(([entry]) => entry);
        const all = changedAfter(app, own, since, clock.now()).map(({ message }) => message);
        return all.slice(Math.max(0, all.length - bounded(limit, HISTORY_LIMIT)));
      }),

    patchedSince: (since, limit) =>
      run(() =>
        [...apps].flatMap(([app, { conversations }]) =>
          changedAfter(app, conversations.values(), since, clock.now())
        )
          .sort((a, b) => a.message.patchedAt! - b.message.patchedAt!)
          .slice(0, bounded(limit, HISTORY_LIMIT))
      ),

    history: (app, range) =>
      run(() => {
        const { conversation, reader } = range;
        const entry = present(entries.part(app, conversation, reader), conversation);
        mustBeReader(entry.conversation, reader);
        const { messages } = entry;
        const { first, last } = placesOf(range, messages.length, at(entry));
        const found = messages.slice(first - 1, Math.max(last, first - 1)).filter((message) =>
          range.type === undefined || typeOf(message.content) === range.type
        );
        const limit = bounded(range.limit, HISTORY_LIMIT);
        const skipped = range.direction === "older" ? Math.max(0, found.length - limit) : 0;
        return found.slice(skipped, skipped + limit);
      }),

    messagesAfter: (app, id, after, limit) =>
      run(() => {
        const messages = entries.find(app, id)?.messages ?? [];
        const first = bounded(after, messages.length);
        return messages.slice(first, first + bounded(limit, HISTORY_LIMIT));
      }),

    seqAt: (app, id, timestamp) =>
      run(() => {
        const entry = entries.find(app, id);
        return entry ? placeAt(entry.messages.length, at(entry), timestamp) : 0;
      }),

    grownSince: (timestamp) =>
      run(() =>
        [...apps].flatMap(([app, { conversations }]) =>
          [...conversations.values()].map(({ conversation }) => conversation)
            .filter(({ lastMessageAt }) =>
              lastMessageAt !== undefined && lastMessageAt >= timestamp
            )
            .map(({ id, seq }) => ({ app, conversation: id, seq }))
        )
      ),

    unread: (app, client, { sent = -1, read = Infinity } = {}) =>
      run(() => {
        const found = [];
        for (const [entry, marks] of entries.with(app, client)) {
          const { unread, mentioned, conversation } = unreadOf(entry, client, marks.read);
          const changed = marks.readAt > read || entry.messages.slice(marks.read)
            .some(({ from, timestamp }) => from !== client && timestamp > sent);
          if (!changed) continue;
          const last = entry.messages.at(-1);
          found.push({ conversation, count: unread, mentioned, ...(last ? { last } : {}) });
          if (found.length === UNREAD_CONVERSATIONS) break;
        }
        return found;
      }),

    markRead: (app, client, id, upTo, tell) =>
      run(() => {
        const entry = present(entries.part(app, id, client), id);
        mustBeMember(entry.conversation, client);
        const marks = entry.marks.get(client)!;
        const now = clock.now();
        const before = marks.read;
        const last = Math.max(before, placeOf(entry, upTo) ?? before);
        const read = entry.messages.slice(before, last).findLast(({ from }) => from !== client);
        const change = {
          ...unreadOf(entry, client, last),
          upTo: last,
          at: now,
          ...(read ? { read: asRead(read, now) } : {}),
        };
        const news = tell?.(change);
        if (last > before) {
          marks.read = last;
          marks.readAt = now;
          marks.delivered = Math.max(marks.delivered, last);
        }
        const passed = { first: before + 1, last };
        put(entry, changed(entry, client, passed, (message) => asRead(message, now)));
        return { ...change, told: entries.tell(app, id, news) };
      }),

    readSince: (timestamp) =>
      run(() =>
        [...apps].flatMap(([app, { conversations }]) =>
          [...conversations.values()].flatMap((entry) => readsSince(app, entry, timestamp))
        )
      ),

    markDelivered: (app, client, id, upTo, tell) =>
      run(() => {
        const entry = entries.part(app, id, client);
        const marks = entry?.marks.get(client);
        const last = entry && placeOf(entry, upTo);
        if (!entry || !marks || last === undefined) return { receipts: [], told: [] };
        const from = "from" in upTo ? upTo.from : undefined;
        const older = from === undefined ? 0 : placeAt(entry.messages.length, at(entry), from - 1);
        const first = Math.max(marks.delivered, older) + 1;
        const now = clock.now();
        const noted = changed(
          entry,
          client,
          { first, last },
          (message) =>
            message.deliveredAt === undefined ? { ...message, deliveredAt: now } : message,
        );
        const due = entry.conversation.members.size > 2
          ? []
          : noted.filter(({ receipt }) => receipt);
        const receipts = due.map((message) => ({ message, at: now }));
        const news = tell?.(receipts);
        // What lies between the mark and `first` was never acknowledged: it must not be passed.
        const waiting = undeliveredOf(entry, client, marks.delivered);
        if (!waiting.some(({ seq }) => seq < first)) {
          marks.delivered = Math.max(marks.delivered, last);
        }
        put(entry, noted);
        return { receipts, told: entries.tell(app, id, news) };
      }),

    progress: (app, id) =>
      run(() => {
        const { marks, messages } = entries.need(app, id);
        const sentAt = (place: number) => messages[place - 1]?.timestamp;
        return [...marks].sort(([a], [b]) => a < b ? -1 : 1).map(([client, mark]) => {
          const [read, delivered] = [sentAt(mark.read), sentAt(mark.delivered)];
          return {
            client,
            ...(read !== undefined && { read }),
            ...(delivered !== undefined && { delivered }),
          };
        });
      }),

    undelivered: (app, client, limit) =>
      run(() => {
        const most = bounded(limit, HISTORY_LIMIT);
        const all: StoredMessage[] = [];
        for (const [entry, { delivered }] of entries.with(app, client)) {
          all.push(...undeliveredOf(entry, client, delivered));
          if (all.length > most) break;
        }
        return { messages: all.slice(0, most), more: all.length > most };
      }),

    toldAfter: (app, audience, after, limit) =>
      run(() => {
        const { conversation } = audience;
        if (conversation !== undefined && !entries.find(app, conversation)) return [];
        return entries.of(app).notices.after(audience, after, bounded(limit, HISTORY_LIMIT));
      }),

    toldSince: (timestamp) =>
      run(() =>
        [...apps].flatMap(([app, { notices }]) =>
          notices.since(timestamp).map((lately) => ({ app, ...lately }))
        )
      ),

    lastTold: (app) => run(() => entries.of(app).notices.last),

    notices: (app, client, since, limit) =>
      run(() => {
        const isMember = (id: string) =>
          entries.find(app, id)?.conversation.members.has(client) ?? false;
        const from = Math.max(since, clock.now() - NOTICES_KEPT_FOR);
        return entries.of(app).notices.for(client, isMember, from, bounded(limit, HISTORY_LIMIT));
      }),

    ...memoryNonces(run, clock),
    ...memoryKicks(run, clock),
    ...memorySubscriptions(run, { entries, clock }),

    close: async () => {
      await Promise.resolve();
      open = false;
      apps.clear();
      settings.clear();
    },
  };
}
