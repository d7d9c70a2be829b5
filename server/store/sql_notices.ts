/**
 * What was told: to whoever is a member when it is asked for, once a conversation; to single clients,
 * once each.
 *
 * @module
 */
import { audiencesOf } from "./audience.ts";
import type { SqlDriver, SqlRow, SqlStatement } from "./driver.ts";
import type { Journal } from "./journal.ts";
import { Lately } from "./lately.ts";
import { NOTICES_KEPT_FOR } from "./places.ts";
import type { Numbered } from "./sql_conversations.ts";
import { prepareAll } from "./sql_statements.ts";
import type { KeptNotice, NewNotice, Told, ToldLately } from "./store.ts";

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
  lastInside: "SELECT max(at) AS at FROM member_notices WHERE conversation = ?",
  lastOf: "SELECT max(at) AS at FROM client_notices WHERE app = ? AND client = ?",
  insideAfter: `SELECT at, command FROM member_notices
    WHERE conversation = ? AND at > ? ORDER BY at LIMIT ?`,
  ofAfter: `SELECT at, command FROM client_notices
    WHERE app = ? AND client = ? AND at > ? ORDER BY at LIMIT ?`,
  insideSince: `SELECT c.app, c.id AS conversation, n.at FROM
    (SELECT conversation, max(at) AS at FROM member_notices INDEXED BY member_notices_by_time
      WHERE at >= ? GROUP BY conversation) n
    JOIN conversations c ON c.number = n.conversation`,
  ofSince: `SELECT app, client, max(at) AS at FROM client_notices INDEXED BY client_notices_by_time
    WHERE at >= ? GROUP BY app, client`,
  dropMembers: dropped("member_notices"),
  dropClients: dropped("client_notices"),
  for: `SELECT n.at, n.command FROM members m
      CROSS JOIN member_notices n ON n.conversation = m.conversation AND n.at > ?3
      CROSS JOIN conversations c ON c.number = n.conversation
      WHERE m.app = ?1 AND m.client = ?2 AND (c.expires_at IS NULL OR c.expires_at > ?5)
    UNION ALL SELECT at, command FROM client_notices WHERE app = ?1 AND client = ?2 AND at > ?3
    ORDER BY at LIMIT ?4`,
} as const;

function keptOf({ at, command }: SqlRow): KeptNotice {
  return { at: at as number, command: JSON.parse(command as string) };
}

/** The notices in a database. Everything runs inside a group's transaction. */
export class Notices {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };
  readonly #journal: Journal;
  readonly #lately: Lately<ToldLately>;

  /** The notices in a database. */
  constructor(driver: SqlDriver, journal: Journal) {
    this.#sql = prepareAll(driver, sql);
    this.#journal = journal;
    this.#lately = new Lately(this.last);
  }

  /** When the last one was told, in whatever app. */
  get last(): number {
    return (this.#sql.last.get()?.at ?? 0) as number;
  }

  /** Keeps notices, and forgets some of those that are too old. */
  keep(
    { app, number, conversation }: Numbered,
    notices: readonly NewNotice[],
    now: number,
  ): readonly Told[] {
    if (notices.length === 0) return [];
    let { last } = this;
    const rows = notices.reduce((sum, { to }) => sum + (to === "members" ? 1 : to.length), 0);
    // More than are written, or those of many clients would pile up.
    for (const drop of [this.#sql.dropMembers, this.#sql.dropClients]) {
      drop.run(now - NOTICES_KEPT_FOR, rows + DROPPED);
    }
    const told = notices.map(({ to, command }) => {
      last = Math.max(now, last + 1);
      const text = JSON.stringify(command);
      const after = to === "members"
        ? [this.#sql.lastInside.get(number)]
        : to.map((client) => this.#sql.lastOf.get(app, client));
      if (to === "members") this.#sql.toMembers.run(number, last, text);
      else for (const client of to) this.#sql.toClient.run(app, client, last, text);
      return { at: last, to, after: after.map((row) => Number(row?.at ?? 0)), command };
    });
    this.#journal.note({ keep: () => this.#note(app, conversation.id, told) });
    return told;
  }

  #note(app: string, conversation: string, told: readonly Told[]): void {
    for (const { at, to } of told) {
      for (const audience of audiencesOf(conversation, to)) {
        this.#lately.note(JSON.stringify([app, audience]), at, { app, ...audience, at });
      }
    }
  }

  /** Those for a client. */
  for(
    app: string,
    client: string,
    since: number,
    limit: number,
    now: number,
  ): readonly KeptNotice[] {
    return this.#sql.for.all(app, client, since, limit, now).map(keptOf);
  }

  /** Those to the members of a conversation, by its number, after a time. */
  inside(number: number, after: number, limit: number): readonly KeptNotice[] {
    return this.#sql.insideAfter.all(number, after, limit).map(keptOf);
  }

  /** Those to a client alone, after a time. */
  of(app: string, client: string, after: number, limit: number): readonly KeptNotice[] {
    return this.#sql.ofAfter.all(app, client, after, limit).map(keptOf);
  }

  /** Who was told something at or after a time, and when the last thing. */
  since(timestamp: number): readonly ToldLately[] {
    if (this.#lately.knows(timestamp)) return this.#lately.since(timestamp);
    const { insideSince, ofSince } = this.#sql;
    return [...insideSince.all(timestamp), ...ofSince.all(timestamp)] as unknown as ToldLately[];
  }
}
