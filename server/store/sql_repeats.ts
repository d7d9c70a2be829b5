/**
 * Which messages came already. A sender's own ids (`dt`) are remembered with their conversation and
 * read back from its messages of the last days, because an index of them would cost each send a
 * page of its own.
 *
 * @module
 */
import type { SqlDriver, SqlStatement } from "./driver.ts";
import type { Journal } from "./journal.ts";
import { Recent } from "./recent.ts";

/** How long a `dt` is remembered at least, in ms: 7 days. */
export const REMEMBERED_FOR = 7 * 86_400_000;

/** How many are in memory in all. */
const REMEMBERED = 500_000;

/** A conversation's keys are read anew when they have become so many more than were read. */
const SLACK = 10_000;

/** A `dt` of a sender as a number of 52 bits, short enough for every entry of an index. */
export function repeatKey(sender: string, dt: string): number {
  let low = 0x811c9dc5;
  let high = 0x1234567;
  const text = `${sender.length}:${sender}${dt}`;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    low = Math.imul(low ^ code, 0x01000193);
    high = Math.imul(high ^ code, 0x85ebca6b) + (low >>> 15);
  }
  high = Math.imul(high ^ (high >>> 13), 0xc2b2ae35);
  return ((high ^ (high >>> 16)) >>> 12) * 2 ** 32 + ((low ^ (low >>> 15)) >>> 0);
}

interface Keys {
  readonly places: Map<number, number>;
  readonly most: number;
}

/** The keys of what came. Everything runs inside a group's transaction. */
export class Repeats {
  readonly #recent = new Recent<Keys>(REMEMBERED);
  readonly #load: SqlStatement;
  readonly #journal: Journal;

  /** The keys in a database. */
  constructor(driver: SqlDriver, journal: Journal) {
    this.#journal = journal;
    this.#load = driver.prepare(
      `SELECT dt_key, seq FROM places
        WHERE conversation = ? AND seq > ? AND dt_key IS NOT NULL ORDER BY seq`,
    );
  }

  /** The place where this key came last; `after` gives the place from which on they are kept. */
  placeOf(conversation: number, key: number, after: () => number): number | undefined {
    return this.#keysOf(conversation, after).places.get(key);
  }

  /** Remembers the place of a key. */
  note(conversation: number, key: number, place: number): void {
    const keys = this.#recent.get(String(conversation));
    if (!keys) return;
    keys.places.set(key, place);
    this.#journal.note({ undo: () => this.#forget(conversation) });
    const { size } = keys.places;
    if (size > keys.most) this.#forget(conversation);
    else this.#recent.set(String(conversation), keys, 1 + size);
  }

  /** Forgets a conversation's, to be read again. */
  #forget(conversation: number): void {
    this.#recent.delete(String(conversation));
  }

  #keysOf(conversation: number, after: () => number): Keys {
    const name = String(conversation);
    const found = this.#recent.get(name);
    if (found) return found;
    const rows = this.#load.all(conversation, after());
    const places = new Map(rows.map(({ dt_key, seq }) => [dt_key as number, seq as number]));
    const keys = { places, most: 2 * places.size + SLACK };
    this.#recent.set(name, keys, 1 + places.size);
    return keys;
  }
}
