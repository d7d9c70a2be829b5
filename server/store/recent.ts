/** What was used last, up to a weight in all; the longest unused goes first. @module */

interface Entry<V> {
  readonly value: V;
  readonly weight: number;
}

/** A cache that never holds more than it may. */
export class Recent<V> {
  readonly #entries = new Map<string, Entry<V>>();
  readonly #most: number;
  #weight = 0;

  /** A cache that holds values of `most` weight in all. */
  constructor(most: number) {
    this.#most = most;
  }

  /** The value, which is now the one used last. */
  get(key: string): V | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    return entry.value;
  }

  /** Keeps a value as the one used last, and lets go of others where it has to. */
  set(key: string, value: V, weight = 1): void {
    this.delete(key);
    this.#entries.set(key, { value, weight });
    this.#weight += weight;
    for (const oldest of this.#entries.keys()) {
      if (this.#weight <= this.#most) break;
      this.delete(oldest);
    }
  }

  /** Forgets a value. */
  delete(key: string): void {
    const entry = this.#entries.get(key);
    if (!entry) return;
    this.#weight -= entry.weight;
    this.#entries.delete(key);
  }
}
