/**
 * Grouped transactions: what arrived in the same turn is one transaction, so that a hundred acks
 * cost one write to the disk. While it runs, what arrives is the next group; no timer is involved.
 *
 * Reads go through the group as well. They see what came before them in it, and resolve when that
 * is durable; so nobody is ever told of something that may still be undone. Where it is undone, they
 * are run again.
 *
 * @module
 */
import type { SqlDriver, SqlStatement } from "./driver.ts";
import type { Journal } from "./journal.ts";
import { prepareAll } from "./sql_statements.ts";

const steps = {
  begin: "BEGIN IMMEDIATE",
  commit: "COMMIT",
  rollback: "ROLLBACK",
  savepoint: "SAVEPOINT operation",
  release: "RELEASE operation",
  undo: "ROLLBACK TO operation",
  probe: "BEGIN",
} as const;

interface Operation {
  readonly writes: boolean;
  readonly run: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** Collects operations and runs them in groups. */
export class Groups {
  readonly #driver: SqlDriver;
  readonly #journal: Journal;
  readonly #turnEnd: (run: () => void) => void;
  readonly #sql: { readonly [step in keyof typeof steps]: SqlStatement };
  #waiting: Operation[] = [];
  #closed: Promise<void> | undefined;

  /** Groups over a database that nobody else writes. */
  constructor(driver: SqlDriver, journal: Journal, turnEnd: (run: () => void) => void) {
    this.#driver = driver;
    this.#journal = journal;
    this.#turnEnd = turnEnd;
    this.#sql = prepareAll(driver, steps);
  }

  /** Runs what changes nothing. */
  read<T>(run: () => T): Promise<T> {
    return this.#add(false, run);
  }

  /** Runs what changes something: wholly, or not at all. */
  write<T>(run: () => T): Promise<T> {
    return this.#add(true, run);
  }

  /** Finishes what waits, and closes the database. */
  close(): Promise<void> {
    this.#closed ??= this.read(() => {}).catch(() => {}).then(() => this.#driver.close());
    return this.#closed;
  }

  #add<T>(writes: boolean, run: () => T): Promise<T> {
    if (this.#closed) return Promise.reject(new Error("The store is closed"));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ writes, run, resolve: resolve as (value: unknown) => void, reject });
      if (this.#waiting.length === 1) this.#turnEnd(() => this.#flush());
    });
  }

  #flush(): void {
    const group = this.#waiting;
    this.#waiting = [];
    let settle: (() => void)[];
    try {
      this.#sql.begin.run();
      settle = group.map((operation) => this.#attempt(operation));
      this.#sql.commit.run();
    } catch (cause) {
      this.#abandon();
      this.#fail(group, cause);
      return;
    }
    this.#journal.keep();
    for (const run of settle) run();
  }

  /** Rejects what wanted to write. What only reads is run again, without those. */
  #fail(group: readonly Operation[], cause: unknown): void {
    const error = new Error("The store could not write, and kept nothing of it", { cause });
    const writing = group.filter(({ writes }) => writes);
    for (const { reject } of writing.length ? writing : group) reject(error);
    if (writing.length === 0 || writing.length === group.length) return;
    this.#waiting = group.filter(({ writes }) => !writes);
    this.#turnEnd(() => this.#flush());
  }

  /** Runs one operation; returns what to tell who asked for it, once the group is durable. */
  #attempt({ writes, run, resolve, reject }: Operation): () => void {
    const mark = this.#journal.mark;
    if (writes) this.#sql.savepoint.run();
    try {
      const value = run();
      if (writes) this.#sql.release.run();
      return () => resolve(value);
    } catch (error) {
      this.#journal.undo(mark);
      if (writes) {
        // Throws where SQLite has undone the whole transaction by itself, as it may on a full disk.
        this.#sql.undo.run();
        this.#sql.release.run();
      } else {
        this.#stillInside();
      }
      return () => reject(error);
    }
  }

  /** Throws where the transaction is gone: then what follows in the group would stand alone. */
  #stillInside(): void {
    try {
      this.#sql.probe.run();
    } catch {
      return; // There is no transaction within a transaction.
    }
    throw new Error("The transaction was undone");
  }

  #abandon(): void {
    this.#journal.undo(0);
    try {
      this.#sql.rollback.run();
    } catch {
      // There is none left to undo. Were there one, the next begin would fail and come here again.
    }
  }
}
