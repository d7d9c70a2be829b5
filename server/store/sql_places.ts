/**
 * The index that finds a message by its place. A message's entry stands with those of its
 * conversation, so a hundred sends in a hundred conversations would write a hundred pages; what
 * nobody has asked for yet is therefore entered later, many at once.
 *
 * Nothing depends on memory: a message without an entry is one of the last {@link SPAN}, and is
 * found among them when the database is opened.
 *
 * @module
 */
import type { SqlDriver, SqlStatement } from "./driver.ts";
import type { Journal } from "./journal.ts";
import { prepareAll } from "./sql_statements.ts";

/** How many messages wait for their entry at most. */
const WAITING = 2000;

/** How many of the newest messages may be without one: what opening a database looks through. */
const SPAN = 8_000;

const sql = {
  newest: "SELECT coalesce(max(number), 0) AS number FROM messages",
  waiting: `SELECT m.number, m.conversation FROM messages m WHERE m.number > ? AND NOT EXISTS
    (SELECT 1 FROM places p WHERE p.conversation = m.conversation AND p.seq = m.seq)
    ORDER BY m.number`,
  enter: `INSERT INTO places (conversation, seq, number, sender, type, dt_key)
    SELECT conversation, seq, number, sender, type, dt_key FROM messages
    WHERE number IN (SELECT value FROM json_each(?)) ORDER BY conversation, seq`,
} as const;

interface Waiting {
  /** The numbers of messages without an entry, by conversation; who has waited longest is first. */
  readonly of: Map<number, number[]>;
  count: number;
  /** The number of the next message. */
  next: number;
}

/** The entries of messages. Everything runs inside a group's transaction. */
export class Places {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };
  readonly #journal: Journal;
  #waiting: Waiting | undefined;

  /** The places in a database. */
  constructor(driver: SqlDriver, journal: Journal) {
    this.#sql = prepareAll(driver, sql);
    this.#journal = journal;
  }

  /** The number for the next message. */
  next(): number {
    return this.#known().next++;
  }

  /** Lets a message that was written wait for its entry. */
  add(conversation: number, message: number): void {
    const waiting = this.#known();
    const numbers = waiting.of.get(conversation);
    if (numbers) numbers.push(message);
    else waiting.of.set(conversation, [message]);
    waiting.count++;
    this.#journal.note(this.#change);
    const [first = message] = waiting.of.values().next().value ?? [];
    if (waiting.count > WAITING || first <= message - SPAN) this.#enterOldest(waiting);
  }

  /** Enters what waits of a conversation: before anything of it is found by place. */
  enter(conversation: number): void {
    const waiting = this.#known();
    if (waiting.of.has(conversation)) this.#enter(waiting, [conversation]);
  }

  /** Enters those that have waited longest, about half of all. */
  #enterOldest(waiting: Waiting): void {
    const oldest: number[] = [];
    let count = 0;
    for (const [conversation, numbers] of waiting.of) {
      if (count * 2 >= waiting.count) break;
      oldest.push(conversation);
      count += numbers.length;
    }
    this.#enter(waiting, oldest);
  }

  #enter(waiting: Waiting, conversations: readonly number[]): void {
    this.#journal.note(this.#change);
    const numbers = conversations.flatMap((conversation) => waiting.of.get(conversation) ?? []);
    this.#sql.enter.run(JSON.stringify(numbers));
    for (const conversation of conversations) waiting.of.delete(conversation);
    waiting.count -= numbers.length;
  }

  readonly #change = { undo: (): void => void (this.#waiting = undefined) };

  #known(): Waiting {
    return this.#waiting ??= this.#read();
  }

  #read(): Waiting {
    const newest = this.#sql.newest.get()?.number as number;
    const rows = this.#sql.waiting.all(newest - SPAN);
    const of = new Map<number, number[]>();
    for (const row of rows) {
      const conversation = row.conversation as number;
      const numbers = of.get(conversation) ?? [];
      of.set(conversation, numbers);
      numbers.push(row.number as number);
    }
    return { of, count: rows.length, next: newest + 1 };
  }
}
