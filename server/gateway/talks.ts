/**
 * Messages, in the order of their places: a node knows the place of the last one that it dispatched
 * in each conversation, and a message names its own. What was dispatched already is dropped, and a
 * hole is read from the store.
 *
 * @module
 */
import type { Clock, Log } from "@curlew/realtime/environment";
import type { MessageEvent } from "../service/events.ts";
import { directOf } from "../service/message_fields.ts";
import { NORMAL } from "../service/messages.ts";
import { exchangeOf } from "../store/exchange.ts";
import type { ConversationKind, Store, StoredMessage } from "../store/store.ts";
import type { Presence } from "./presence.ts";

/** How many messages are read from the store at once. */
const PAGE = 100;

/** How far a conversation was dispatched. */
interface Progress {
  /** The place of the last message dispatched; `undefined` until the store was asked. */
  seq: number | undefined;
  /** The lowest place that an event named until the store was asked. */
  first: number;
  /** The highest place that is known of. */
  wanted: number;
  /** Whether messages are being read from the store. */
  filling: boolean;
  /** Which session sent which message: it has its own reply. */
  readonly except: Map<number, string>;
  /** When the last message dispatched was stored, by the store's time; 0 where none was. */
  at: number;
  /** How many sweeps there had been when it was used last. */
  used: number;
}

/** What talks work with. */
export interface TalksOptions {
  /** What is kept. */
  readonly store: Store;
  /** Tells the time. */
  readonly clock: Clock;
  /** Hears of what failed. */
  readonly failed: Log["error"];
  /** Who is here. */
  readonly presence: (app: string) => Presence;
  /** How many sweeps there were. */
  readonly sweeps: () => number;
}

/** The conversations of a node. */
export class Talks {
  readonly #options: TalksOptions;
  readonly #progress = new Map<string, Progress>();
  #horizon: number;

  /** What is said in them from now on. */
  constructor(options: TalksOptions) {
    this.#options = options;
    this.#horizon = options.clock.now();
  }

  /** A session of this node sent a message: it is not to get it back. */
  sent(app: string, { message: { conversation, seq }, except }: MessageEvent): void {
    this.#progressOf(app, conversation).except.set(seq, except);
  }

  /** Dispatches what is next in its conversation, and reads what should have come before it. */
  receive(app: string, event: MessageEvent): void {
    const { message, to, conversationKind, priority } = event;
    const progress = this.#progressOf(app, message.conversation);
    progress.wanted = Math.max(progress.wanted, message.seq);
    // Nothing can have come before the first message.
    if (message.seq === 1 && !progress.filling) progress.seq ??= 0;
    if (progress.filling || progress.seq !== message.seq - 1) {
      progress.first = Math.min(progress.first, message.seq);
      return this.#fill(app, message.conversation, progress);
    }
    progress.except.set(message.seq, event.except);
    this.#dispatch(app, progress, message, to, conversationKind, priority);
  }

  /** A conversation has grown to that place: what did not come is read from the store. */
  expect(app: string, conversation: string, seq: number): void {
    const progress = this.#progressOf(app, conversation);
    progress.wanted = Math.max(progress.wanted, seq);
    this.#fill(app, conversation, progress);
  }

  /** Forgets conversations in which nothing was said since that many sweeps. */
  forget(before: number): void {
    for (const [key, { filling, at, used }] of this.#progress) {
      if (filling || used >= before) continue;
      this.#progress.delete(key);
      this.#horizon = Math.max(this.#horizon, at + 1);
    }
  }

  #progressOf(app: string, conversation: string): Progress {
    const key = `${app}/${conversation}`;
    let progress = this.#progress.get(key);
    if (!progress) {
      progress = {
        seq: undefined,
        first: Infinity,
        wanted: 0,
        filling: false,
        except: new Map(),
        at: 0,
        used: 0,
      };
      this.#progress.set(key, progress);
    }
    progress.used = this.#options.sweeps();
    return progress;
  }

  #dispatch(
    app: string,
    progress: Progress,
    message: StoredMessage,
    to: Iterable<string>,
    kind: ConversationKind,
    priority?: number,
  ): void {
    const { seq, conversation, timestamp } = message;
    const except = progress.except.get(seq);
    progress.except.delete(seq);
    progress.seq = seq;
    progress.at = timestamp;
    const push = { command: directOf(message, kind), except, place: { conversation, seq } };
    const presence = this.#options.presence(app);
    if (kind !== "room") presence.deliver(push, { clients: to });
    else presence.deliver({ ...push, priority: priority ?? NORMAL }, { room: conversation });
  }

  /** Reads from the store what no event brought, and dispatches it in order. */
  #fill(app: string, conversation: string, progress: Progress): void {
    if (progress.filling || progress.seq !== undefined && progress.wanted <= progress.seq) return;
    progress.filling = true;
    this.#readOn(app, conversation, progress).catch((error) => {
      // The next event of the conversation, or the next sweep, tries again.
      this.#options.failed("Messages could not be read to be passed on", {
        app,
        conversation,
        error,
      });
    });
  }

  async #readOn(app: string, conversation: string, progress: Progress): Promise<void> {
    const { store, clock } = this.#options;
    try {
      // What was stored in the very moment of the horizon may have come after it; and so did what an
      // event tells of, though the clock was ahead then.
      progress.seq ??= Math.min(
        await store.seqAt(app, conversation, this.#horizon - 1),
        progress.first - 1,
      );
      while (progress.seq < progress.wanted) {
        const [messages, found] = await Promise.all([
          store.messagesAfter(app, conversation, progress.seq, PAGE),
          exchangeOf(conversation) ?? store.conversation(app, conversation),
        ]);
        if (!found || messages.length === 0) return;
        // Whoever sent one of these, in the same moment, notes it first.
        await new Promise<void>((noted) => clock.turnEnd(noted));
        for (const message of messages) {
          if (message.seq > progress.seq) {
            this.#dispatch(app, progress, message, found.members, found.kind);
          }
        }
      }
    } finally {
      // At once, since an event that came in between would wait for the next sweep.
      progress.filling = false;
    }
  }
}
