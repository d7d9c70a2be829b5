/**
 * The store in one SQLite file: what it resolved is on the disk.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { Secret } from "./conversation_id.ts";
import type { SqlDriver } from "./driver.ts";
import { openNodeSqlite } from "./node_sqlite.ts";
import { prepareTables } from "./sql_schema.ts";
import { createSqlStore } from "./sql_store.ts";
import type { Store } from "./store.ts";

export type { Secret } from "./conversation_id.ts";
export {
  type SqlDriver,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
  StoreOpenError,
} from "./driver.ts";
export type { Store } from "./store.ts";

/** What a SQLite store needs. */
export interface SqliteOptions {
  /** The file; `:memory:` for one that is forgotten. */
  readonly path: string;
  /** Tells the time. */
  readonly clock: Clock;
  /** Gives bytes that nobody can guess. */
  readonly secret: Secret;
  /**
   * Calls back at the end of the turn, when all that arrived with it has been asked for; by default
   * the clock's. What is asked for until then is one transaction.
   */
  readonly turnEnd?: (run: () => void) => void;
  /** Opens the file; by default with `node:sqlite`. */
  readonly open?: (path: string) => SqlDriver;
}

/**
 * Opens the store in a file, and makes it where it isn't there. The file is this process's alone
 * until the store is closed. Rejects with a {@link StoreOpenError} whose message says what is wrong.
 *
 * @example
 * ```ts ignore
 * const store = await openSqliteStore({ path: "./curlew.db", clock, secret });
 * ```
 */
// deno-lint-ignore require-await -- what goes wrong is a rejection, as with every other store
export async function openSqliteStore(options: SqliteOptions): Promise<Store> {
  const { path, clock, secret, turnEnd = clock.turnEnd, open = openNodeSqlite } = options;
  const driver = open(path);
  try {
    prepareTables(driver, path);
    return createSqlStore(driver, { clock, secret, turnEnd });
  } catch (error) {
    driver.close();
    throw error;
  }
}
