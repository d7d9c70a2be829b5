/**
 * What was told: to whoever is a member when it is asked for, once a conversation; to single clients,
 * once each.
 *
 * @module
 */
import type { SqlDriver, SqlStatement } from "./driver.ts";
import { NOTICES_KEPT_FOR } from "./places.ts";
import { prepareAll } from "./sql_statements.ts";
import type { KeptNotice, NewNotice } from "./store.ts";

/** How many rows that are too old are removed at least whenever some are written. */
const DROPPED = 10;

const dropped = (table: string) =>
  `DELETE FROM ${table} WHERE number IN
    (SELECT number FROM ${table} WHERE at <= ? ORDER BY at LIMIT ?)`;

const sql = {
  last: `SELECT max(
    (SELECT coalesce(max(at), 0) FROM member_notices),
    (SELECT coalesce(max(at), 0) FROM client_notices)) AS at`,
  toMembers: "INSERT INTO member_notices (conversation, at, command) VALUES (?, ?, ?)",
  toClient: "INSERT INTO client_notices (app, client, at, command) VALUES (?, ?, ?, ?)",
  dropMembers: dropped("member_notices"),
  dropClients: dropped("client_notices"),
  for: `SELECT n.at, n.command FROM members m
      CROSS JOIN member_notices n ON n.conversation = m.conversation AND n.at > ?3
      WHERE m.app = ?1 AND m.client = ?2
    UNION ALL SELECT at, command FROM client_notices WHERE app = ?1 AND client = ?2 AND at > ?3
    ORDER BY at LIMIT ?4`,
} as const;

/** The notices in a database. Everything runs inside a group's transaction. */
export class Notices {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };

  /** The notices in a database. */
  constructor(driver: SqlDriver) {
    this.#sql = prepareAll(driver, sql);
  }

  /** Keeps notices, and forgets some of those that are too old. */
  keep(
    { app, number }: { readonly app: string; readonly number: number },
    notices: readonly NewNotice[],
    now: number,
  ): readonly number[] {
    let last = (this.#sql.last.get()?.at ?? 0) as number;
    const rows = notices.reduce((sum, { to }) => sum + (to === "members" ? 1 : to.length), 0);
    // More than are written, or those of many clients would pile up.
    for (const drop of [this.#sql.dropMembers, this.#sql.dropClients]) {
      drop.run(now - NOTICES_KEPT_FOR, rows + DROPPED);
    }
    return notices.map(({ to, command }) => {
      last = Math.max(now, last + 1);
      const text = JSON.stringify(command);
      if (to === "members") this.#sql.toMembers.run(number, last, text);
      else for (const client of to) this.#sql.toClient.run(app, client, last, text);
      return last;
    });
  }

  /** Those for a client. */
  for(app: string, client: string, since: number, limit: number): readonly KeptNotice[] {
    return this.#sql.for.all(app, client, since, limit).map(({ at, command }) => ({
      at: at as number,
      command: JSON.parse(command as string),
    }));
  }
}
