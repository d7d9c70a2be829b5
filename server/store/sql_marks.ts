/**
 * How far members have read and received. Unread counts are arithmetic on places: a send writes
 * nothing here.
 *
 * @module
 */
import type { SqlDriver, SqlStatement } from "./driver.ts";
import type { Progress, UnreadSince } from "./model.ts";
import { UNREAD_CONVERSATIONS, UNREAD_LIMIT } from "./places.ts";
import type { Places } from "./sql_places.ts";
import { prepareAll } from "./sql_statements.ts";

const MINE = `FROM members m JOIN conversations c ON c.number = m.conversation
    WHERE m.app = ?1 AND m.client = ?2 AND (c.expires_at IS NULL OR c.expires_at > ?3)`;

/** When the message at a place of conversation ?1 was sent. */
const sentAt = (place: string) =>
  `(SELECT x.timestamp FROM places p CROSS JOIN messages x ON x.number = p.number
    WHERE p.conversation = ?1 AND p.seq = ${place})`;

const sql = {
  marks: "SELECT read_seq, delivered_seq FROM members WHERE conversation = ? AND client = ?",
  read: `UPDATE members SET read_seq = ?1, read_at = ?2, delivered_seq = max(delivered_seq, ?1)
    WHERE conversation = ?3 AND client = ?4`,
  delivered: "UPDATE members SET delivered_seq = ? WHERE conversation = ? AND client = ?",
  progress: `SELECT m.client, ${sentAt("m.read_seq")} AS read,
      ${sentAt("m.delivered_seq")} AS delivered
    FROM members m WHERE m.conversation = ?1 ORDER BY m.client`,
  conversations: "SELECT conversation FROM members WHERE app = ? AND client = ?",
  unread: `SELECT count(*) AS count FROM (SELECT 1 FROM places
    WHERE conversation = ? AND seq > ? AND sender <> ? LIMIT ${UNREAD_LIMIT})`,
  mentioned: `SELECT EXISTS (SELECT 1 FROM messages
    WHERE conversation = ?1 AND seq > ?2 AND sender <> ?3 AND mentions IS NOT NULL
      AND (mentions_all = 1 OR EXISTS (SELECT 1 FROM json_each(mentions) WHERE value = ?3))
  ) AS mentioned`,
  withUnread: `SELECT c.id, m.read_seq ${MINE} AND (m.read_at > ?4 OR (c.last_message_at > ?5
      AND c.seq > m.read_seq AND (SELECT x.timestamp
        FROM places p CROSS JOIN messages x ON x.number = p.number
        WHERE p.conversation = c.number AND p.seq > m.read_seq AND p.sender <> m.client
        ORDER BY p.seq DESC LIMIT 1) > ?5))
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

  readonly #places: Places;

  /** The marks in a database. */
  constructor(driver: SqlDriver, places: Places) {
    this.#sql = prepareAll(driver, sql);
    this.#places = places;
  }

  /** How far a member has got; `undefined` of one who is none. */
  of(conversation: number, client: string): Marks | undefined {
    const row = this.#sql.marks.get(conversation, client);
    return row && { read: row.read_seq as number, delivered: row.delivered_seq as number };
  }

  /** Moves a read mark. */
  read(conversation: number, client: string, place: number, at: number): void {
    this.#sql.read.run(place, at, conversation, client);
  }

  /** Moves a delivered mark. */
  delivered(conversation: number, client: string, place: number): void {
    this.#sql.delivered.run(place, conversation, client);
  }

  /** How far each member has got. */
  progress(conversation: number): readonly Progress[] {
    this.#places.enter(conversation);
    return this.#sql.progress.all(conversation).map(({ client, read, delivered }) => ({
      client: client as string,
      ...(read !== null && { read: read as number }),
      ...(delivered !== null && { delivered: delivered as number }),
    }));
  }

  /** What is unread after a place. */
  unread(
    conversation: number,
    client: string,
    read: number,
  ): { readonly unread: number; readonly mentioned: boolean } {
    this.#places.enter(conversation);
    const unread = this.#sql.unread.get(conversation, read, client)?.count as number;
    if (unread === 0) return { unread, mentioned: false };
    const found = this.#sql.mentioned.get(conversation, read, client)?.mentioned;
    return { unread, mentioned: found === 1 };
  }

  /** Conversations with unread messages, or that were read; the most recent first. */
  withUnread(
    app: string,
    client: string,
    now: number,
    { sent = -1, read = Number.MAX_SAFE_INTEGER }: UnreadSince = {},
  ): readonly { readonly id: string; readonly read: number }[] {
    for (const { conversation } of this.#sql.conversations.all(app, client)) {
      this.#places.enter(conversation as number);
    }
    return this.#sql.withUnread.all(app, client, now, read, sent)
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
