/**
 * What was told, in order: to the members of a conversation, or to one client alone. Each such
 * thread is known by the time of the last thing in it. Whatever comes names the one before it, so
 * what was told already is dropped, and a hole is read from the store, since a late "left" after a
 * "joined" would mean the opposite.
 *
 * All times are the store's, which rise whatever the clocks say: those of nodes differ, and are set
 * back.
 *
 * @module
 */
import type { Log } from "@curlew/realtime/environment";
import type { ToldEvent } from "../service/events.ts";
import type { Audience, KeptNotice, Store } from "../store/store.ts";
import type { Presence } from "./presence.ts";

/** How much is read from the store at once. */
const PAGE = 100;

/** One thread. */
interface Thread {
  /** Whose it is. */
  readonly app: string;
  /** Up to when it was told. */
  at: number;
  /** The latest time that is known of. */
  wanted: number;
  /** Whether it is being read from the store. */
  filling: boolean;
  /** How many sweeps there had been when it was used last. */
  used: number;
}

/** What threads work with. */
export interface ThreadsOptions {
  /** What is kept. */
  readonly store: Store;
  /** How many sweeps there were. */
  readonly sweeps: () => number;
  /** Hears of what failed. */
  readonly failed: Log["error"];
  /** Who is here. */
  readonly presence: (app: string) => Presence;
  /** Tells these clients, but for the sessions that came later. */
  readonly tell: (app: string, to: Iterable<string>, notice: KeptNotice) => void;
}

/** The threads of a node. */
export class Threads {
  readonly #options: ThreadsOptions;
  readonly #threads = new Map<string, Thread>();
  /** By app, up to when any thread was told that is forgotten. */
  readonly #forgotten = new Map<string, number>();

  /** None yet. */
  constructor(options: ThreadsOptions) {
    this.#options = options;
  }

  /** Tells what is next in its thread, and reads what should have come before it. */
  receive(app: string, event: ToldEvent): void {
    const { conversation, to, after, at } = event;
    if (conversation !== undefined) {
      if (this.#isNext(app, { conversation }, after[0] ?? 0, at)) {
        this.#options.tell(app, to, event);
      }
      return;
    }
    const due = to.filter((client, i) => this.#isNext(app, { client }, after[i] ?? 0, at));
    if (due.length > 0) this.#options.tell(app, due, event);
  }

  /** Something was told to an audience at that time: unless it came, it is read from the store. */
  expect(app: string, audience: Audience, at: number): void {
    const thread = this.#threadOf(app, audience);
    if (!thread || at <= thread.at) return;
    thread.wanted = Math.max(thread.wanted, at);
    this.#fill(app, audience, thread);
  }

  /** Forgets threads that were not used since that many sweeps. */
  forget(before: number): void {
    for (const [key, { app, at, filling, used }] of this.#threads) {
      if (filling || used >= before) continue;
      this.#threads.delete(key);
      this.#forgotten.set(app, Math.max(this.#forgotten.get(app) ?? 0, at));
    }
  }

  #isNext(app: string, audience: Audience, after: number, at: number): boolean {
    const thread = this.#threadOf(app, audience);
    if (!thread || at <= thread.at) return false;
    if (thread.filling || after > thread.at) {
      thread.wanted = Math.max(thread.wanted, at);
      this.#fill(app, audience, thread);
      return false;
    }
    thread.at = at;
    return true;
  }

  /** The thread of an audience; `undefined` where none of it is here. */
  #threadOf(app: string, audience: Audience): Thread | undefined {
    // What was told before a client came is not for this node to tell.
    const before = this.#options.presence(app).toldBefore(audience.client);
    if (before === undefined) return undefined;
    const key = JSON.stringify([app, audience.conversation, audience.client]);
    let thread = this.#threads.get(key);
    if (!thread) {
      const at = this.#forgotten.get(app) ?? 0;
      this.#threads.set(key, thread = { app, at, wanted: 0, filling: false, used: 0 });
    }
    thread.at = Math.max(thread.at, before);
    thread.used = this.#options.sweeps();
    return thread;
  }

  #fill(app: string, audience: Audience, thread: Thread): void {
    if (thread.filling) return;
    thread.filling = true;
    this.#readOn(app, audience, thread).catch((error) => {
      // What is told next, or the next sweep, tries again.
      this.#options.failed("What was told could not be read to be passed on", {
        app,
        ...audience,
        error,
      });
    });
  }

  async #readOn(app: string, audience: Audience, thread: Thread): Promise<void> {
    const { store, tell } = this.#options;
    try {
      while (thread.at < thread.wanted) {
        const [notices, members] = await Promise.all([
          store.toldAfter(app, audience, thread.at, PAGE),
          this.#who(app, audience),
        ]);
        if (notices.length === 0) return;
        for (const notice of notices) {
          if (notice.at <= thread.at) continue;
          thread.at = notice.at;
          tell(app, members, notice);
        }
      }
    } finally {
      // At once, since what came in between would wait for the next sweep.
      thread.filling = false;
    }
  }

  async #who(app: string, { conversation, client }: Audience): Promise<Iterable<string>> {
    if (client !== undefined) return [client];
    return (await this.#options.store.conversation(app, conversation))?.members ?? [];
  }
}
