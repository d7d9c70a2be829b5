/**
 * The history of a conversation: one page of it, and a walk through all of it.
 *
 * @module
 */
import type { Message } from "../messages/message.ts";
import type { ConversationHost } from "./host.ts";
import type { CallOptions } from "../call_options.ts";

/** How many messages the server gives at most: a page of so many may not be the last. */
const MOST = 100;

/** Which way a history query goes. */
export type MessageQueryDirection = 1 | 2;

/** Which way a history query goes. */
export const MessageQueryDirection = { NEW_TO_OLD: 1, OLD_TO_NEW: 2 } as const;

/** A time: a `Date`, or ms since the epoch. */
export type Time = Date | number;

/** Which messages of the history are wanted. */
export interface MessagesQuery {
  /** Where to start; without it at the newest message, or at the oldest for `OLD_TO_NEW`. */
  readonly startTime?: Time | undefined;
  /** Tells messages of the same `startTime` apart. */
  readonly startMessageId?: string | undefined;
  /** Whether the start is itself wanted. */
  readonly startClosed?: boolean | undefined;
  /** Where to end. */
  readonly endTime?: Time | undefined;
  /** Tells messages of the same `endTime` apart. */
  readonly endMessageId?: string | undefined;
  /** Whether the end is itself wanted. */
  readonly endClosed?: boolean | undefined;
  /** The older name of `startTime`. */
  readonly beforeTime?: Time | undefined;
  /** The older name of `startMessageId`. */
  readonly beforeMessageId?: string | undefined;
  /** The older name of `endTime`. */
  readonly afterTime?: Time | undefined;
  /** The older name of `endMessageId`. */
  readonly afterMessageId?: string | undefined;
  /** How many at most; the server gives 20 without it, and 100 at most. */
  readonly limit?: number | undefined;
  /** Only messages of this type. */
  readonly type?: number | undefined;
  /** Which way to go; without it `OLD_TO_NEW` where the end is later than the start. */
  readonly direction?: MessageQueryDirection | undefined;
}

/** Messages from the history, oldest first, whichever way the query goes. */
export async function queryMessages(
  host: ConversationHost,
  cid: string,
  query: MessagesQuery & CallOptions,
): Promise<Message[]> {
  const { startClosed, endClosed } = query;
  // Programs in JavaScript pass null for what they don't want.
  const limit = query.limit ?? undefined;
  const t = time("startTime", query.startTime ?? query.beforeTime ?? undefined);
  const tt = time("endTime", query.endTime ?? query.afterTime ?? undefined);
  const mid = query.startMessageId ?? query.beforeMessageId ?? undefined;
  const tmid = query.endMessageId ?? query.afterMessageId ?? undefined;
  needs("start", mid, t);
  needs("end", tmid, tt);
  if (limit !== undefined && !(Number.isInteger(limit) && limit >= 0)) {
    throw new TypeError(`Option limit must be a whole number, not ${limit}`);
  }
  const newer = query.direction
    ? query.direction === MessageQueryDirection.OLD_TO_NEW
    : (tt ?? 0) > (t ?? Infinity);
  const { logsMessage } = await host.request({
    cmd: "logs",
    logsMessage: {
      cid,
      t,
      mid,
      tIncluded: startClosed,
      tt,
      tmid,
      ttIncluded: endClosed,
      l: limit,
      lctype: query.type ?? undefined,
      direction: newer ? "NEW" : "OLD",
    },
  }, query);
  return await Promise.all((logsMessage?.logs ?? []).map((item) => host.receive({ ...item, cid })));
}

function needs(which: string, id: string | undefined, at: number | undefined): void {
  if (id !== undefined && at === undefined) {
    throw new TypeError(`Option ${which}MessageId needs ${which}Time`);
  }
}

function time(name: string, value: Time | undefined): number | undefined {
  if (value === undefined) return undefined;
  const ms = Number(value);
  if (Number.isNaN(ms)) throw new TypeError(`Option ${name} must be a Date or ms, not ${value}`);
  return ms;
}

/** Where a walk through the history starts, and how. */
export interface HistoryOptions {
  /** How many messages a page has at most, 100 at most; 20 without it. */
  readonly limit?: number | undefined;
  /** Only messages that are older than this. */
  readonly beforeTime?: Time | undefined;
  /** Tells messages of the same `beforeTime` apart. */
  readonly beforeMessageId?: string | undefined;
}

/** One page of the history; `done` says that it was the last. */
export interface MessagesPage {
  /** The messages of the page, oldest first. */
  readonly value: Message[];
  /** Whether nothing older is left. */
  readonly done: boolean;
}

/**
 * Walks through the history from the newest message back. `next()` answers as LeanCloud's does, with
 * the last page's messages beside `done: true`; `for await` gives every page and then ends.
 */
export class MessagesIterator {
  readonly #query: (query: MessagesQuery) => Promise<Message[]>;
  readonly #limit: number;
  #start: MessagesQuery & CallOptions;
  #last: Promise<MessagesPage> = Promise.resolve({ value: [], done: false });

  /** @internal */
  constructor(
    query: (query: MessagesQuery) => Promise<Message[]>,
    { limit, ...start }: HistoryOptions & CallOptions,
  ) {
    this.#query = query;
    this.#limit = Math.min(limit ?? 20, MOST);
    this.#start = start;
  }

  /** The next older page. Calls are answered in their order, also when they are made at once. */
  next(): Promise<MessagesPage> {
    return this.#last = this.#last.then(({ done }) => done, () => false)
      .then((done) => done ? { value: [], done } : this.#page());
  }

  async #page(): Promise<MessagesPage> {
    const value = await this.#query({ ...this.#start, limit: this.#limit });
    const oldest = value[0];
    if (oldest) {
      this.#start = {
        ...this.#start,
        beforeTime: oldest.timestamp,
        beforeMessageId: oldest.id,
      };
    }
    return { value, done: !oldest || value.length < this.#limit };
  }

  /** Every page, the newest first. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Message[], void, void> {
    for (let done = false; !done;) {
      const page = await this.next();
      if (page.value.length) yield page.value;
      done = page.done;
    }
  }
}
