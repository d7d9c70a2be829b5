/**
 * How far members have read and received. Unread counts are arithmetic on places: a send writes
 * nothing here.
 *
 * @module
 */
import type { SqlDriver, SqlStatement } from "./driver.ts";
import { UNREAD_CONVERSATIONS, UNREAD_LIMIT } from "./places.ts";
import { prepareAll } from "./sql_conversations.ts";

const ALIVE = "(c.expires_at IS NULL OR c.expires_at > ?3)";
const MINE = `FROM members m JOIN conversations c ON c.app = m.app AND c.id = m.conversation
    WHERE m.app = ?1 AND m.client = ?2 AND ${ALIVE}`;

const sql = {
  marks: `SELECT read_seq, delivered_seq FROM members
    WHERE app = ? AND conversation = ? AND client = ?`,
  read: `UPDATE members SET read_seq = ?1, read_at = ?2, delivered_seq = max(delivered_seq, ?1)
    WHERE app = ?3 AND conversation = ?4 AND client = ?5`,
  delivered: `UPDATE members SET delivered_seq = ?
    WHERE app = ? AND conversation = ? AND client = ?`,
  unread: `SELECT count(*) AS count FROM (SELECT 1 FROM messages
    WHERE app = ? AND conversation = ? AND seq > ? AND sender <> ? LIMIT ${UNREAD_LIMIT})`,
  mentioned: `SELECT EXISTS (SELECT 1 FROM messages
    WHERE app = ?1 AND conversation = ?2 AND seq > ?3 AND sender <> ?4 AND mentions IS NOT NULL
      AND (mentions_all = 1 OR EXISTS (SELECT 1 FROM json_each(mentions) WHERE value = ?4))
  ) AS mentioned`,
  withUnread: `SELECT c.id, m.read_seq ${MINE} AND (m.read_at > ?4 OR (c.last_message_at > ?5
      AND c.seq > m.read_seq AND (SELECT x.timestamp FROM messages x
        WHERE x.app = c.app AND x.conversation = c.id AND x.seq > m.read_seq
          AND x.sender <> m.client ORDER BY x.seq DESC LIMIT 1) > ?5))
    ORDER BY c.last_message_at DESC, c.id LIMIT ${UNREAD_CONVERSATIONS}`,
  withUndelivered: `SELECT c.id, m.delivered_seq ${MINE} AND c.seq > m.delivered_seq
    ORDER BY c.last_message_at DESC, c.id`,
} as const;

/** How far a member has got. */
export interface Marks {
  /** The place up to which it has read. */
  readonly read: number;
  /** The place up to which everything reached it. */
  readonly delivered: number;
}

/** The marks of members. Everything runs inside a group's transaction. */
export class MemberMarks {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };

  /** The marks in a database. */
  constructor(driver: SqlDriver) {
    this.#sql = prepareAll(driver, sql);
  }

  /** How far a member has got; `undefined` of one who is none. */
  of(app: string, conversation: string, client: string): Marks | undefined {
    const row = this.#sql.marks.get(app, conversation, client);
    return row && { read: row.read_seq as number, delivered: row.delivered_seq as number };
  }

  /** Moves a read mark. */
  read(app: string, conversation: string, client: string, place: number, at: number): void {
    this.#sql.read.run(place, at, app, conversation, client);
  }

  /** Moves a delivered mark. */
  delivered(app: string, conversation: string, client: string, place: number): void {
    this.#sql.delivered.run(place, app, conversation, client);
  }

  /** What is unread after a place. */
  unread(
    app: string,
    conversation: string,
    client: string,
    read: number,
  ): { readonly unread: number; readonly mentioned: boolean } {
    const unread = this.#sql.unread.get(app, conversation, read, client)?.count as number;
    if (unread === 0) return { unread, mentioned: false };
    const found = this.#sql.mentioned.get(app, conversation, read, client)?.mentioned;
    return { unread, mentioned: found === 1 };
  }

  /** Conversations with unread messages, or whose count changed since; the most recent first. */
  withUnread(
    app: string,
    client: string,
    now: number,
    since: number | undefined,
  ): readonly { readonly id: string; readonly read: number }[] {
    const bounds = since === undefined ? [Number.MAX_SAFE_INTEGER, -1] : [since, since];
    return this.#sql.withUnread.all(app, client, now, ...bounds)
      .map((row) => ({ id: row.id as string, read: row.read_seq as number }));
  }

  /** Conversations with messages that may not have reached a client, the most recent first. */
  withUndelivered(
    app: string,
    client: string,
    now: number,
  ): readonly { readonly id: string; readonly delivered: number }[] {
    return this.#sql.withUndelivered.all(app, client, now)
      .map((row) => ({ id: row.id as string, delivered: row.delivered_seq as number }));
  }
}
