/** What is remembered beside a database, and must be undone with it. @module */

/** One change of what is remembered. */
export interface Change {
  /** Undoes it, or forgets what it touched. */
  readonly undo?: () => void;
  /** Makes it known, now that it is durable. */
  readonly keep?: () => void;
}

/** The changes of the transaction that runs. */
export class Journal {
  #changes: Change[] = [];

  /** Where the changes stand now. */
  get mark(): number {
    return this.#changes.length;
  }

  /** Notes a change. */
  note(change: Change): void {
    this.#changes.push(change);
  }

  /** Undoes the changes since a mark. */
  undo(mark: number): void {
    for (const { undo } of this.#changes.splice(mark).reverse()) undo?.();
  }

  /** Makes all changes final. */
  keep(): void {
    const changes = this.#changes;
    this.#changes = [];
    for (const { keep } of changes) keep?.();
  }
}
