/**
 * A conversation in memory, with its messages and how far its members have got.
 *
 * @module
 */
import { hasEnded } from "./member_rules.ts";
import { NOTED_LIMIT, placeAt, UNREAD_LIMIT } from "./places.ts";
import type { Conversation, Mark, Patched, ReadLately, StoredMessage } from "./store.ts";

/** How far a member has got. */
export interface Marks {
  /** The place up to which it has read. */
  read: number;
  /** When it did, in ms since the epoch. */
  readAt: number;
  /** The place up to which everything reached it. */
  delivered: number;
}

/** A conversation with all that belongs to it. */
export interface Entry {
  /** As it is now. */
  conversation: Conversation;
  /** By member. */
  readonly marks: Map<string, Marks>;
  /** The message of place n at n - 1. */
  readonly messages: StoredMessage[];
  /** Where messages are, by id and by what their senders call them. */
  readonly places: { readonly byId: Map<string, number>; readonly byDt: Map<string, number> };
}

/** A conversation that starts. */
export function entryOf(conversation: Conversation): Entry {
  const marks = [...conversation.members].map((client) =>
    [client, { read: 0, readAt: 0, delivered: 0 }] as const
  );
  return {
    conversation,
    marks: new Map(marks),
    messages: [],
    places: { byId: new Map(), byDt: new Map() },
  };
}

/** Reads the message of a place. */
export function at({ messages }: Entry): (place: number) => StoredMessage | undefined {
  return (place) => messages[place - 1];
}

/** The place that a mark names; `undefined` for a message that is not there. */
export function placeOf(entry: Entry, mark: Mark): number | undefined {
  if ("newest" in mark) return entry.messages.length;
  if ("id" in mark) return entry.places.byId.get(mark.id);
  return placeAt(entry.messages.length, at(entry), mark.timestamp);
}

/** What others sent after a client's read mark. */
export function unreadOf(
  { messages, conversation }: Entry,
  client: string,
  read: number,
): { readonly conversation: Conversation; readonly unread: number; readonly mentioned: boolean } {
  const others = messages.slice(read).filter(({ from }) => from !== client);
  return {
    conversation,
    unread: Math.min(others.length, UNREAD_LIMIT),
    mentioned: others.some(({ mentioned, mentionedAll }) =>
      mentionedAll || mentioned.includes(client)
    ),
  };
}

/** The marks that moved at or after a time. */
export function readsSince(
  app: string,
  { conversation: { id }, marks }: Entry,
  timestamp: number,
): readonly ReadLately[] {
  return [...marks].filter(([, { readAt }]) => readAt > 0 && readAt >= timestamp)
    .map(([client, { read }]) => ({ app, client, conversation: id, upTo: read }));
}

/** The messages of others from `first` to `last` that are different after a change. */
export function changed(
  { messages }: Entry,
  client: string,
  { first, last }: { readonly first: number; readonly last: number },
  change: (message: StoredMessage) => StoredMessage,
): StoredMessage[] {
  const noted: StoredMessage[] = [];
  for (let place = Math.max(first, last - NOTED_LIMIT + 1); place <= last; place++) {
    const message = messages[place - 1]!;
    const changed = message.from === client ? message : change(message);
    if (changed !== message) noted.push(changed);
  }
  return noted;
}

/** Writes messages in their places. */
export function put({ messages }: Entry, changed: readonly StoredMessage[]): void {
  for (const message of changed) messages[message.seq - 1] = message;
}

/** Carries a change of a conversation out. */
export function become(entry: Entry, conversation: Conversation): void {
  const { members: before } = entry.conversation;
  const { members, seq } = entry.conversation = conversation;
  for (const client of before.difference(members)) entry.marks.delete(client);
  for (const client of members.difference(before)) {
    entry.marks.set(client, { read: seq, readAt: 0, delivered: seq });
  }
}

/** The messages of others after a delivered mark: the newest 100. */
export function undeliveredOf(
  { messages }: Entry,
  client: string,
  delivered: number,
): StoredMessage[] {
  return messages.slice(delivered).filter(({ from }) => from !== client).slice(-UNREAD_LIMIT);
}

/** The messages of some conversations that were changed after a time, the first change first. */
export function changedAfter(
  app: string,
  entries: Iterable<Entry>,
  since: number,
  now: number,
): Patched[] {
  return [...entries].flatMap(({ messages, conversation }) =>
    hasEnded(conversation, now) ? [] : messages.filter(({ patchedAt = 0 }) => patchedAt > since)
      .map((message) => ({ app, message, conversation }))
  ).sort((a, b) => a.message.patchedAt! - b.message.patchedAt!);
}
