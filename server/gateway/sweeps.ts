/**
 * Sweeps: every few seconds a node looks in the store for what no event brought. They are counted,
 * which makes an age that no clock can set back.
 *
 * @module
 */
import type { Clock, Log, Timer } from "@curlew/realtime/environment";

/** How long it is from one sweep to the next, in ms. */
const SWEEP = 10_000;

/** What sweeps work with. */
export interface SweepsOptions {
  /** Tells the time. */
  readonly clock: Clock;
  /** Where log lines go. */
  readonly log: Log;
  /** What one does, step by step, for what was stored at or after a time in ms. */
  readonly steps: (since: number) => readonly (() => Promise<void> | void)[];
}

/** The sweeps of a node, one at a time: two at once would tell everything twice. */
export class Sweeps {
  readonly #options: SweepsOptions;
  #timer: Timer | undefined;
  #closed = false;
  #count = 0;
  /** When the last one began that came to its end. */
  #swept: number;

  /** The first one is due in a while. */
  constructor(options: SweepsOptions) {
    this.#options = options;
    this.#swept = options.clock.now();
    this.#plan();
  }

  /** How many came to their end. */
  get count(): number {
    return this.#count;
  }

  /** Whether there are no more. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Says what failed, but not at the end: then the store may be closed under what still runs. */
  readonly failed: Log["error"] = (event, fields) => {
    if (!this.#closed) this.#options.log.error(event, fields);
  };

  /** Asks nothing more. */
  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
  }

  #plan(): void {
    this.#timer = this.#options.clock.after(SWEEP, async () => {
      try {
        await this.#sweep();
      } catch (error) {
        this.failed("A sweep failed", { error });
      }
      if (!this.#closed) this.#plan();
    });
  }

  async #sweep(): Promise<void> {
    const now = this.#options.clock.now();
    // What was stored while the last one ran is seen by this one.
    for (const step of this.#options.steps(Math.min(now, this.#swept) - SWEEP)) {
      if (this.#closed) return;
      await step();
    }
    this.#swept = now;
    this.#count++;
  }
}
