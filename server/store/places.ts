/**
 * Where things stand in a conversation. A message's place and its timestamp rise together, so a
 * place is found from a time by halving: no index on time has to be written with each message.
 *
 * @module
 */
import type { Content, HistoryBound, HistoryRange, StoredMessage } from "./store.ts";

/** How far an unread count goes, and how many undelivered messages of a conversation are kept. */
export const UNREAD_LIMIT = 100;

/** How many conversations with unread messages are told of. */
export const UNREAD_CONVERSATIONS = 50;

/** How many messages, the newest ones, a mark notes as delivered or read when it passes more. */
export const NOTED_LIMIT = 1000;

/** A message that was read, as it is then: what was read first counts, and it reached somebody. */
export function asRead(message: StoredMessage, at: number): StoredMessage {
  if (message.readAt !== undefined) return message;
  return { ...message, readAt: at, deliveredAt: message.deliveredAt ?? at };
}

/** How long what was told is kept, in ms: 7 days. */
export const NOTICES_KEPT_FOR = 7 * 86_400_000;

/** How long a forced logout is known, in ms: 7 days, when no token or signature is as old. */
export const KICKS_KEPT_FOR = 7 * 86_400_000;

/** How many messages one answer holds. */
export const HISTORY_LIMIT = 1000;

/** What is known of the message at a place. */
export interface Placed {
  /** When it was stored. */
  readonly timestamp: number;
  /** Its id. */
  readonly id: string;
}

/** Finds the message at a place; every place from 1 to a conversation's `seq` has one. */
export type PlaceReader = (seq: number) => Placed | undefined;

/** The last place for which `before` holds: it holds up to some place and never after. */
function lastPlace(seq: number, before: (place: number) => boolean): number {
  let low = seq;
  let high = seq + 1;
  // What is asked for is mostly near the end, so the steps grow from there.
  for (let step = 1; low > 0 && !before(low); step *= 2) {
    high = low;
    low = Math.max(0, low - step);
  }
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (before(middle)) low = middle;
    else high = middle;
  }
  return low;
}

/** The place of the newest message that is not newer than `timestamp`; 0 where there is none. */
export function placeAt(seq: number, at: PlaceReader, timestamp: number): number {
  return lastPlace(seq, (place) => (at(place)?.timestamp ?? -Infinity) <= timestamp);
}

/** The last place on the near side of a bound; what stands exactly at it counts where `exact`. */
function placeBefore(seq: number, at: PlaceReader, bound: HistoryBound, exact: boolean): number {
  const place = placeAt(seq, at, bound.timestamp);
  const message = at(place);
  if (message?.timestamp !== bound.timestamp) return place;
  const { id } = bound;
  const counts = id === undefined || message.id === id ? exact : message.id < id;
  return counts ? place : place - 1;
}

/** The first and last place of a range of history, both belonging to it. */
export function placesOf(
  range: HistoryRange,
  seq: number,
  at: PlaceReader,
): { readonly first: number; readonly last: number } {
  const older = range.direction === "older";
  const [start, end] = older ? [range.to, range.from] : [range.from, range.to];
  return {
    first: start ? placeBefore(seq, at, start, !start.included) + 1 : 1,
    last: end ? placeBefore(seq, at, end, end.included) : seq,
  };
}

/** A limit as a whole number from 0 to `most`. */
export function bounded(limit: number, most: number): number {
  return Math.min(Math.max(Math.floor(limit) || 0, 0), most);
}

/** The `_lctype` of a message whose text is a JSON object with one. */
export function typeOf({ text }: Content): number | undefined {
  if (!text?.includes('"_lctype"')) return undefined;
  try {
    const type: unknown = JSON.parse(text)?._lctype;
    return Number.isSafeInteger(type) ? type as number : undefined;
  } catch {
    return undefined;
  }
}
