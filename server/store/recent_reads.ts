/**
 * Which read marks have moved lately, in memory, as growth.ts has it for conversations: an index on
 * their times would cost each read a page.
 *
 * @module
 */
import type { ReadLately } from "./store.ts";

/** How many are remembered at most. */
const REMEMBERED = 20_000;

/** The last move of each mark, the one that moved last at the end. */
export class RecentReads {
  readonly #latest = new Map<string, ReadLately & { readonly at: number }>();

  /** Notes a mark that moved. */
  note(at: number, read: ReadLately): void {
    const { app, client, conversation } = read;
    const key = `${app.length}:${app}${conversation.length}:${conversation}${client}`;
    this.#latest.delete(key);
    this.#latest.set(key, { ...read, at });
    if (this.#latest.size <= REMEMBERED) return;
    for (const oldest of this.#latest.keys()) {
      this.#latest.delete(oldest);
      break;
    }
  }

  /** Those that moved at or after a time. */
  since(timestamp: number): readonly ReadLately[] {
    return [...this.#latest.values()].filter(({ at }) => at >= timestamp)
      .map(({ at: _, ...read }) => read);
  }
}
