/**
 * One end of a link, kept for a test to look at.
 *
 * @module
 */
import type { Accept, Closed, Frame, Link, Receiver } from "@curlew/realtime/protocol";

/** How long a test waits for what must come, in ms. */
const PATIENCE = 5_000;

/** What was heard on one end of a link. */
export class Ear implements Receiver {
  /** Copies of the frames, in order. */
  readonly frames: Frame[] = [];
  /** Every call of `closed`. */
  readonly ends: Closed[] = [];
  /** Frames that came after the end. */
  late = 0;
  /** Called with each frame, after it was kept. */
  onFrame: (frame: Frame) => void = () => {};
  readonly #waiting = new Set<() => void>();

  constructor(readonly link: Link) {}

  readonly frame = (frame: Frame): void => {
    if (this.ends.length) this.late++;
    this.frames.push(typeof frame === "string" ? frame : new Uint8Array(frame));
    this.onFrame(frame);
    this.#stir();
  };

  readonly closed = (why: Closed): void => {
    this.ends.push(why);
    this.#stir();
  };

  #stir(): void {
    for (const look of this.#waiting) look();
  }

  /** Resolves with the frames once there are that many. */
  async heard(count: number): Promise<readonly Frame[]> {
    await this.#until(`${count} frames`, () => this.frames.length >= count);
    return this.frames;
  }

  /** Resolves with why the link ended, once it has. */
  async ended(): Promise<Closed> {
    await this.#until("the end", () => this.ends.length > 0);
    return this.ends[0]!;
  }

  #until(what: string, holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const settle = (act: () => void) => {
        clearTimeout(timer);
        this.#waiting.delete(look);
        act();
      };
      const look = () => holds() && settle(resolve);
      const timer = setTimeout(
        () => settle(() => reject(new Error(`Waited for ${what} in vain`))),
        PATIENCE,
      );
      this.#waiting.add(look);
    });
  }
}

/** An `accept` that keeps the ends of the links. */
export function ears(): Accept & { readonly all: Ear[] } {
  const all: Ear[] = [];
  return Object.assign((link: Link) => {
    const ear = new Ear(link);
    all.push(ear);
    return ear;
  }, { all });
}
