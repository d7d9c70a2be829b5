/**
 * What happened last to each of many, in memory: a node asks for it every few seconds, and an index
 * on the times would cost each write a page. The lock is exclusive, so nobody else can have written.
 *
 * @module
 */

/** How many are remembered at least, once there are as many. */
const REMEMBERED = 20_000;

/** The last thing that happened to each, the one that happened last at the end. */
export class Lately<T> {
  #latest = new Map<string, { readonly at: number; readonly value: T }>();
  #since: number;

  /** Knows what happens after a time. */
  constructor(since: number) {
    this.#since = since;
  }

  /** Notes what happened to the one of that name. */
  note(name: string, at: number, value: T): void {
    this.#latest.delete(name);
    this.#latest.set(name, { at, value });
    if (this.#latest.size > 2 * REMEMBERED) this.#halve();
  }

  /** Whether all is remembered that happened at or after a time. */
  knows(timestamp: number): boolean {
    return timestamp > this.#since;
  }

  /** What is remembered of those to whom something happened at or after a time. */
  since(timestamp: number): readonly T[] {
    return [...this.#latest.values()].filter(({ at }) => at >= timestamp)
      .map(({ value }) => value);
  }

  #halve(): void {
    const all = [...this.#latest];
    for (const [, { at }] of all.slice(0, -REMEMBERED)) this.#since = Math.max(this.#since, at);
    this.#latest = new Map(all.slice(-REMEMBERED));
  }
}
