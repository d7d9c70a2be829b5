/**
 * The small synchronous SQL that the SQLite store speaks: `node:sqlite` and a Durable Object's
 * SQLite can both be it.
 *
 * @module
 */

/** A value in a row, or bound to a statement. */
export type SqlValue = null | number | string | Uint8Array;

/** A row by the names of its columns. */
export type SqlRow = { readonly [column: string]: SqlValue };

/** A prepared statement. Values are bound in order, and never become part of the text. */
export interface SqlStatement {
  /** Runs it, and says how many rows it changed. */
  readonly run: (...values: readonly SqlValue[]) => number;
  /** Its first row. */
  readonly get: (...values: readonly SqlValue[]) => SqlRow | undefined;
  /** All its rows. */
  readonly all: (...values: readonly SqlValue[]) => readonly SqlRow[];
}

/** An open database that nobody else has open. Everything throws where SQLite fails. */
export interface SqlDriver {
  /** Prepares one statement. */
  readonly prepare: (sql: string) => SqlStatement;
  /** Makes a function that statements may call: the same values give the same result. */
  readonly define: (name: string, call: (...values: readonly SqlValue[]) => SqlValue) => void;
  /** Runs statements that bind nothing and give nothing. */
  readonly exec: (sql: string) => void;
  /** Lets go of the database. */
  readonly close: () => void;
}

/** A database that can't be opened; the message says why, and is meant for people. */
export class StoreOpenError extends Error {
  /** An error that names the database and what is wrong with it. */
  constructor(path: string, what: string, cause?: unknown) {
    super(`The database ${path} ${what}`, { cause });
    this.name = "StoreOpenError";
  }
}
