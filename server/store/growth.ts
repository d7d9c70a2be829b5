/**
 * Which conversations have grown lately, in memory: a node asks for it every few seconds, and the
 * lock is exclusive, so nobody else can have written.
 *
 * @module
 */
import type { Conversation, Grown } from "./store.ts";

/** How many are remembered at least. */
const REMEMBERED = 10_000;

/** The last growth of each conversation, the one that grew last at the end. */
export class Growth {
  #latest = new Map<string, Grown & { readonly at: number }>();
  #complete: number;

  /** Knows what happens from now on. */
  constructor(now: number) {
    this.#complete = now;
  }

  /** Notes a conversation that may have grown. */
  note(app: string, { id, seq, lastMessageAt }: Conversation): void {
    if (lastMessageAt === undefined) return;
    const key = `${app.length}:${app}${id}`;
    if (this.#latest.get(key)?.seq === seq) return;
    this.#latest.delete(key);
    this.#latest.set(key, { app, conversation: id, seq, at: lastMessageAt });
    if (this.#latest.size > 2 * REMEMBERED) this.#halve();
  }

  /** Those with a message at or after a time; `undefined` where that is longer ago than is known. */
  since(timestamp: number): Grown[] | undefined {
    if (timestamp <= this.#complete) return undefined;
    return [...this.#latest.values()].filter(({ at }) => at >= timestamp)
      .map(({ app, conversation, seq }) => ({ app, conversation, seq }));
  }

  #halve(): void {
    const all = [...this.#latest];
    for (const [, { at }] of all.slice(0, REMEMBERED)) {
      this.#complete = Math.max(this.#complete, at);
    }
    this.#latest = new Map(all.slice(REMEMBERED));
  }
}
