/** A yes-or-no of the platform that a test changes. @module */
import type { Watch } from "@curlew/realtime/environment";

/** Whether there is a network, or a page is seen. */
export class Switch implements Watch {
  #now = true;
  readonly #watchers = new Set<(now: boolean) => void>();

  readonly current = (): boolean => this.#now;

  readonly watch = (changed: (now: boolean) => void): () => void => {
    this.#watchers.add(changed);
    return () => void this.#watchers.delete(changed);
  };

  /** How many watch it. */
  get watchers(): number {
    return this.#watchers.size;
  }

  /** Says what it is now, also when it was that before. */
  set(now: boolean): void {
    this.#now = now;
    for (const changed of [...this.#watchers]) changed(now);
  }
}
