/** Something to cancel by, where the platform may lack `AbortController`. @module */
import type { Cancel } from "../protocol/transport.ts";

/** A `Cancel` and the way to set it off. */
export class Cancellation implements Cancel {
  #listeners = new Set<() => void>();
  aborted = false;

  readonly addEventListener = (_: "abort", listener: () => void): void => {
    if (!this.aborted) this.#listeners.add(listener);
  };

  readonly removeEventListener = (_: "abort", listener: () => void): void => {
    this.#listeners.delete(listener);
  };

  /** Cancels; again, and nothing happens. */
  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
  }
}
