/**
 * Grouped transactions: what arrived in the same turn is one transaction, so that a hundred acks
 * cost one write to the disk. While it runs, what arrives is the next group; no timer is involved.
 *
 * Each operation is kept or undone by itself. A savepoint for each would cost a fifth of the speed,
 * and failures half-way are rare; so a group in which one happens is undone as a whole and run again
 * with savepoints.
 *
 * Reads go through the group as well. They see what came before them in it, and resolve when that
 * is durable; so nobody is ever told of something that may still be undone. Where it is undone, they
 * are run again.
 *
 * @module
 */
import { RealtimeError } from "@curlew/realtime/protocol";
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

/** Runs an operation; returns what tells who asked for it. */
type Attempt = (operation: Operation) => (() => void) | undefined;

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

  /** Whether nothing waits: what is remembered now is what is written. */
  get idle(): boolean {
    return this.#waiting.length === 0 && !this.#closed;
  }

  /** Runs what changes nothing. */
  read<T>(run: () => T): Promise<T> {
    return this.#add(false, run);
  }

  /**
   * Runs at once what changes nothing and may miss what nobody was told of yet. Groups run in one go,
   * so between them there is only what is durable.
   */
  // deno-lint-ignore require-await -- what goes wrong is a rejection, as with the others
  async readKept<T>(run: () => T): Promise<T> {
    if (this.#closed) throw new Error("The store is closed");
    return run();
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
    let settle: readonly (() => void)[];
    try {
      settle = this.#transaction(group, this.#attempt) ?? this.#transaction(group, this.#guarded)!;
    } catch (cause) {
      this.#abandon();
      this.#fail(group, cause);
      return;
    }
    this.#journal.keep();
    for (const run of settle) run();
  }

  /** Runs a group in one transaction; `undefined` where it was undone, to be run with more care. */
  #transaction(group: readonly Operation[], attempt: Attempt): readonly (() => void)[] | undefined {
    this.#sql.begin.run();
    const settle: (() => void)[] = [];
    for (const operation of group) {
      const outcome = attempt(operation);
      if (!outcome) {
        this.#abandon();
        return undefined;
      }
      settle.push(outcome);
    }
    this.#sql.commit.run();
    return settle;
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

  /**
   * Runs one operation; returns what to tell who asked for it, once the group is durable. A refusal
   * comes before anything is written; `undefined` where something else went wrong half-way.
   */
  readonly #attempt: Attempt = ({ writes, run, resolve, reject }) => {
    const mark = this.#journal.mark;
    try {
      const value = run();
      return () => resolve(value);
    } catch (error) {
      if (!(error instanceof RealtimeError)) {
        if (writes) return undefined;
        this.#stillInside();
      }
      this.#journal.undo(mark);
      return () => reject(error);
    }
  };

  /** The same with a savepoint of its own, so that what is half done can be undone alone. */
  readonly #guarded: Attempt = (operation) => {
    const { run, resolve, reject } = operation;
    if (!operation.writes) return this.#attempt(operation);
    const mark = this.#journal.mark;
    this.#sql.savepoint.run();
    try {
      const value = run();
      this.#sql.release.run();
      return () => resolve(value);
    } catch (error) {
      this.#journal.undo(mark);
      // Throws where SQLite has undone the whole transaction by itself, as it may on a full disk.
      this.#sql.undo.run();
      this.#sql.release.run();
      return () => reject(error);
    }
  };

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
