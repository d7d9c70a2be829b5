import { setImmediate } from "node:timers";
/**
 * Time under a test's control: nothing happens until the test says that time passes.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";

interface Entry {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that stands still until `advance` moves it. */
export class FakeClock implements Clock {
  #now: number;
  #order = 0;
  #entries: Entry[] = [];

  constructor(start = 1_700_000_000_000) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  readonly after = (ms: number, run: () => void): { cancel: () => void } => {
    const entry: Entry = { at: this.#now + Math.max(0, ms), order: this.#order++, run };
    this.#entries.push(entry);
    return {
      cancel: () => void (this.#entries = this.#entries.filter((other) => other !== entry)),
    };
  };

  readonly turnEnd = (run: () => void): void => queueMicrotask(run);

  /** How many timers wait: 0 at the end of a test that leaks none. */
  get waiting(): number {
    return this.#entries.length;
  }

  /** How long until the next timer is due, in ms; `undefined` where none waits. */
  get next(): number | undefined {
    const first = this.#first();
    return first && first.at - this.#now;
  }

  #first(): Entry | undefined {
    return this.#entries.toSorted((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  /** Lets `ms` pass: runs what falls due, in order, with the promises it settles in between. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let entry = this.#first(); entry && entry.at <= end; entry = this.#first()) {
      this.#now = Math.max(this.#now, entry.at);
      this.#entries = this.#entries.filter((other) => other !== entry);
      entry.run();
      await settle();
    }
    this.#now = end;
  }

  /** Lets `ms` pass in which nothing runs, as a machine that sleeps; what is due is then late. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  /** Sets the clock, forwards or back, as an operator or a leap would; runs no timer. */
  jump(now: number): void {
    const delta = now - this.#now;
    this.#entries = this.#entries.map((entry) => ({ ...entry, at: entry.at + delta }));
    this.#now = now;
  }
}

/** Lets every promise that can settle do so. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 50; i++) await Promise.resolve();
  await new Promise<void>((done) => setImmediate(done));
  for (let i = 0; i < 50; i++) await Promise.resolve();
}
