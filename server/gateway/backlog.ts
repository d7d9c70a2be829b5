/**
 * What was asked on one link and is not answered yet.
 *
 * @module
 */

/** What was asked on one link and is not answered yet. */
export class Backlog {
  readonly #failed: (error: unknown) => void;
  #count = 0;
  #size = 0;
  #whenIdle: (() => void) | undefined;
  #turns: Promise<void> | undefined;

  /** Empty; `failed` hears of work that rejects. */
  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** How many bytes it came in. */
  get size(): number {
    return this.#size;
  }

  /** Whether something is being done in turn. */
  get takesTurns(): boolean {
    return this.#turns !== undefined;
  }

  /** Counts work that came in so many bytes, until it is done. */
  add(work: Promise<void>, size: number): void {
    this.#count++;
    this.#size += size;
    const settled = () => {
      this.#size -= size;
      if (--this.#count === 0) this.#whenIdle?.();
    };
    work.then(settled, (error) => {
      this.#failed(error);
      settled();
    });
  }

  /** Begins work when all that is done in turn before it is through, well or not. */
  inTurn(begin: () => Promise<void> | void): Promise<void> {
    const turn = (this.#turns ?? Promise.resolve()).then(begin, begin);
    const over = () => {
      if (this.#turns === turn) this.#turns = undefined;
    };
    turn.then(over, over);
    return this.#turns = turn;
  }

  /** Resolves when it is empty. */
  idle(): Promise<void> {
    return new Promise((done) => {
      this.#whenIdle = done;
      if (this.#count === 0) done();
    });
  }
}
