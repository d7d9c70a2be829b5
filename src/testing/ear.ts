/**
 * One end of a link, kept for a test to look at.
 *
 * @module
 */
import type { Accept, Closed, Frame, Link, Receiver } from "../protocol/mod.ts";
import { PATIENCE, within } from "./wait.ts";

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

  constructor(readonly link: Link, readonly patience: number = PATIENCE) {}

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
    await this.#until(
      () => `frame ${this.frames.length + 1} of ${count}`,
      () => this.frames.length >= count,
    );
    return this.frames;
  }

  /** Resolves with why the link ended, once it has. */
  async ended(): Promise<Closed> {
    await this.#until(() => "the end of a link (`closed`)", () => this.ends.length > 0);
    return this.ends[0]!;
  }

  async #until(what: () => string, holds: () => boolean): Promise<void> {
    if (holds()) return;
    let look = () => {};
    const held = new Promise<void>((resolve) => look = () => void (holds() && resolve()));
    this.#waiting.add(look);
    try {
      await within(this.patience, what, held);
    } finally {
      this.#waiting.delete(look);
    }
  }
}

/** An `accept` that keeps the ends of the links. */
export function ears(patience?: number): Accept & { readonly all: Ear[] } {
  const all: Ear[] = [];
  return Object.assign((link: Link) => {
    const ear = new Ear(link, patience);
    all.push(ear);
    return ear;
  }, { all });
}
