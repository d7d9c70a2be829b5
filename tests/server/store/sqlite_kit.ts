/** What the tests of the SQLite store share. @module */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach } from "node:test";
import type { SqlDriver, SqlStatement } from "../../../server/store/driver.ts";
import { openNodeSqlite } from "../../../server/store/node_sqlite.ts";

/** Bytes for ids. */
export function secret(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}

/** Bytes that are the same in each run. */
export function counting(): (bytes: number) => Uint8Array {
  let next = 0;
  return (bytes) => Uint8Array.from({ length: bytes }, () => next++);
}

/** A folder for each test, removed after it; returns the path of a database in it. */
export function databasePath(): () => string {
  let folder = "";
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), "curlew-test-"))));
  afterEach(() => rmSync(folder, { recursive: true }));
  return () => join(folder, "curlew.db");
}

/** `node:sqlite` that fails when told to. */
export class FailingSqlite {
  /** Which calls of the driver fail: by statement, how many calls came before, and what is bound. */
  fails: (sql: string, call: number, values: readonly unknown[]) => boolean = () => false;
  /** How many calls came. */
  calls = 0;
  /** The driver underneath. */
  driver: SqlDriver | undefined;

  /** Opens a database. */
  readonly open = (path: string): SqlDriver => {
    const driver = this.driver = openNodeSqlite(path);
    return { ...driver, prepare: (sql) => this.#wrap(sql, driver.prepare(sql)) };
  };

  #wrap(sql: string, statement: SqlStatement): SqlStatement {
    const call =
      <A extends readonly unknown[], T>(run: (...values: A) => T) => (...values: A): T => {
        if (this.fails(sql, this.calls++, values)) throw new Error(`disk I/O error at ${sql}`);
        return run(...values);
      };
    return { run: call(statement.run), get: call(statement.get), all: call(statement.all) };
  }
}
