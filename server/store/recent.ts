/** What was used last, up to a weight in all; the longest unused goes first. @module */

/** A cache that never holds more than it may. */
export class Recent<V> {
  readonly #entries = new Map<string, V>();
  readonly #most: number;
  readonly #weigh: (value: V) => number;
  #weight = 0;

  /** A cache that holds values of `most` weight in all; each weighs one unless `weigh` says more. */
  constructor(most: number, weigh: (value: V) => number = () => 1) {
    this.#most = most;
    this.#weigh = weigh;
  }

  /** The value, which is now the one used last. */
  get(key: string): V | undefined {
    const value = this.#entries.get(key);
    if (value === undefined) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, value);
    return value;
  }

  /** Keeps a value, and lets go of others where it has to. */
  set(key: string, value: V): void {
    this.delete(key);
    this.#entries.set(key, value);
    this.#weight += this.#weigh(value);
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#most) break;
      this.delete(oldest);
    }
  }

  /** Forgets a value. */
  delete(key: string): void {
    const value = this.#entries.get(key);
    if (value === undefined) return;
    this.#weight -= this.#weigh(value);
    this.#entries.delete(key);
  }
}
