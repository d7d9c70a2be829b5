/**
 * `node:sqlite` as a driver, under Node and Deno.
 *
 * @module
 */
import { existsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { type SqlDriver, type SqlRow, type SqlValue, StoreOpenError } from "./driver.ts";

/** What SQLite says, and what that means for who starts a server. */
const reasons: readonly (readonly [says: RegExp, means: string])[] = [
  [/not a database/i, "is no database"],
  [/locked|busy/i, "is open in another process"],
  [
    /readonly|read-only|unable to open|permission|denied|requires .*access/i,
    "cannot be written",
  ],
  [/malformed|corrupt/i, "is damaged"],
  [/full/i, "does not fit on the disk"],
];

function explain(path: string, error: unknown): StoreOpenError {
  if (error instanceof StoreOpenError) return error;
  const text = String((error as Error)?.message ?? error);
  const means = reasons.find(([says]) => says.test(text))?.[1] ?? `cannot be opened: ${text}`;
  return new StoreOpenError(path, means, error);
}

function checkPlace(path: string): void {
  const folder = dirname(path);
  if (!existsSync(folder)) {
    throw new StoreOpenError(path, `needs the folder ${folder}, which is not there`);
  }
  if (existsSync(path) && statSync(path).isDirectory()) {
    throw new StoreOpenError(path, "is a folder");
  }
}

/**
 * Opens a database for this process alone, and keeps the lock until it is closed; a second process
 * gets a {@link StoreOpenError}. `:memory:` is one that is forgotten.
 */
export function openNodeSqlite(path: string): SqlDriver {
  let database: DatabaseSync | undefined;
  try {
    if (path !== ":memory:") checkPlace(path);
    const opened = database = new DatabaseSync(path);
    // Exclusive before anything else touches the file: then the write-ahead log needs no shared
    // memory, and the first write keeps the lock for good.
    opened.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL");
    opened.exec("PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON");
    // 32 MB of pages in memory, a log of 16 MB before it is copied into the file, and no files for
    // what a savepoint may have to undo.
    opened.exec("PRAGMA cache_size = -32768; PRAGMA wal_autocheckpoint = 4000");
    opened.exec("PRAGMA temp_store = MEMORY");
    opened.exec("BEGIN IMMEDIATE; COMMIT");
    return {
      prepare: (sql) => {
        const statement = opened.prepare(sql);
        return {
          run: (...values) => Number(statement.run(...values).changes),
          get: (...values) => statement.get(...values) as SqlRow | undefined,
          all: (...values) => statement.all(...values) as SqlRow[],
        };
      },
      define: (name, call) =>
        opened.function(
          name,
          { deterministic: true, varargs: true },
          (...values) => call(...values as SqlValue[]),
        ),
      exec: (sql) => opened.exec(sql),
      close: () => opened.close(),
    };
  } catch (error) {
    database?.close();
    throw explain(path, error);
  }
}
