/**
 * The table of messages: append, history, and what is noted on them later.
 *
 * @module
 */
import { messageId, type Secret } from "./conversation_id.ts";
import type { SqlDriver, SqlRow, SqlStatement } from "./driver.ts";
import { NOTED_LIMIT, type Placed, type PlaceReader, typeOf } from "./places.ts";
import { prepareAll } from "./sql_conversations.ts";
import type { Conversation, NewMessage, StoredMessage } from "./store.ts";

const HERE = "app = ? AND conversation = ?";

const sql = {
  append: `INSERT INTO messages (app, conversation, seq, id, sender, timestamp, text, bytes, type,
      mentions, mentions_all, receipt, dt, recalled)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)
    ON CONFLICT (app, conversation, sender, dt) WHERE dt IS NOT NULL DO NOTHING`,
  byDt: `SELECT * FROM messages WHERE ${HERE} AND sender = ? AND dt = ?`,
  byPlace: `SELECT * FROM messages WHERE ${HERE} AND seq = ?`,
  placed: `SELECT timestamp, id FROM messages WHERE ${HERE} AND seq = ?`,
  byId: "SELECT seq FROM messages WHERE app = ? AND id = ? AND conversation = ?",
  oldest: `SELECT * FROM messages WHERE ${HERE} AND seq BETWEEN ? AND ?
      AND (?5 IS NULL OR type = ?5) ORDER BY seq LIMIT ?6`,
  newest: `SELECT * FROM messages WHERE ${HERE} AND seq BETWEEN ? AND ?
      AND (?5 IS NULL OR type = ?5) ORDER BY seq DESC LIMIT ?6`,
  lastOfOthers: `SELECT * FROM messages
    WHERE ${HERE} AND seq > ? AND seq <= ? AND sender <> ? ORDER BY seq DESC LIMIT 1`,
  newestOfOthers: `SELECT * FROM messages
    WHERE ${HERE} AND seq > ? AND sender <> ? ORDER BY seq DESC LIMIT ?`,
  delivered: `UPDATE messages SET delivered_at = ?
    WHERE ${HERE} AND seq BETWEEN ? AND ? AND sender <> ? AND delivered_at IS NULL RETURNING *`,
  read: `UPDATE messages SET read_at = ?1, delivered_at = coalesce(delivered_at, ?1)
    WHERE app = ?2 AND conversation = ?3 AND seq BETWEEN ?4 AND ?5 AND sender <> ?6
      AND read_at IS NULL`,
} as const;

/** A message from its row. */
function messageOf(row: SqlRow): StoredMessage {
  const { mentions, patched_at, delivered_at, read_at } = row;
  return {
    conversation: row.conversation as string,
    from: row.sender as string,
    content: row.bytes === null
      ? { text: row.text as string }
      : { binary: row.bytes as Uint8Array },
    mentioned: mentions === null ? [] : JSON.parse(mentions as string),
    mentionedAll: row.mentions_all === 1,
    receipt: row.receipt === 1,
    id: row.id as string,
    seq: row.seq as number,
    timestamp: row.timestamp as number,
    recalled: row.recalled === 1,
    ...(patched_at === null ? {} : { patchedAt: patched_at as number }),
    ...(delivered_at === null ? {} : { deliveredAt: delivered_at as number }),
    ...(read_at === null ? {} : { readAt: read_at as number }),
  };
}

/** Places from `first` to `last`, both included. */
export interface Places {
  /** The first one. */
  readonly first: number;
  /** The last one. */
  readonly last: number;
}

/** Messages. Everything runs inside a group's transaction. */
export class Messages {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };
  readonly #secret: Secret;

  /** The messages in a database. */
  constructor(driver: SqlDriver, secret: Secret) {
    this.#sql = prepareAll(driver, sql);
    this.#secret = secret;
  }

  /** Writes a message at its place; the one that is there already under the same `dt` otherwise. */
  append(
    app: string,
    { dt, ...message }: NewMessage,
    seq: number,
    timestamp: number,
  ): { readonly message: StoredMessage; readonly repeated: boolean } {
    const { conversation, from, content, mentioned, mentionedAll, receipt } = message;
    const id = messageId(timestamp, this.#secret);
    const written = this.#sql.append.run(
      app,
      conversation,
      seq,
      id,
      from,
      timestamp,
      content.text ?? null,
      content.binary ?? null,
      typeOf(content) ?? null,
      mentionedAll || mentioned.length ? JSON.stringify(mentioned) : null,
      mentionedAll ? 1 : 0,
      receipt ? 1 : 0,
      dt ?? null,
    );
    if (written === 0) {
      const row = this.#sql.byDt.get(app, conversation, from, dt ?? null);
      if (!row) throw new Error(`The message of ${from} was neither written nor there`);
      return { message: messageOf(row), repeated: true };
    }
    return {
      message: {
        ...message,
        // What was lent is overwritten by its owner later.
        content: content.binary ? { binary: content.binary.slice() } : content,
        mentioned: [...mentioned],
        id,
        seq,
        timestamp,
        recalled: false,
      },
      repeated: false,
    };
  }

  /** Reads when and under which id the message of a place was stored. */
  placeReader(app: string, conversation: string): PlaceReader {
    return (seq) =>
      seq < 1 ? undefined : this.#sql.placed.get(app, conversation, seq) as Placed | undefined;
  }

  /** The place of a message of this conversation. */
  placeOf(app: string, conversation: string, id: string): number | undefined {
    return this.#sql.byId.get(app, id, conversation)?.seq as number | undefined;
  }

  /** The newest message. */
  last(app: string, { id, seq }: Conversation): StoredMessage | undefined {
    const row = seq === 0 ? undefined : this.#sql.byPlace.get(app, id, seq);
    return row && messageOf(row);
  }

  /** Some messages between two places, from the oldest on or the newest back; oldest first. */
  between(
    app: string,
    conversation: string,
    { first, last }: Places,
    pick: {
      readonly limit: number;
      readonly end: "oldest" | "newest";
      readonly type?: number | undefined;
    },
  ): readonly StoredMessage[] {
    const { limit, end, type = null } = pick;
    const rows = this.#sql[end].all(app, conversation, first, last, type, limit);
    const found = rows.map(messageOf);
    return end === "oldest" ? found : found.reverse();
  }

  /** The newest message of others between two places. */
  lastOfOthers(
    app: string,
    conversation: string,
    client: string,
    { first, last }: Places,
  ): StoredMessage | undefined {
    const row = this.#sql.lastOfOthers.get(app, conversation, first - 1, last, client);
    return row && messageOf(row);
  }

  /** The newest messages of others after a place, oldest first. */
  newestOfOthers(
    app: string,
    conversation: string,
    client: string,
    after: number,
    limit: number,
  ): StoredMessage[] {
    return this.#sql.newestOfOthers.all(app, conversation, after, client, limit)
      .map(messageOf).reverse();
  }

  /** Notes that messages reached `client`; returns those that had reached nobody before. */
  noteDelivered(
    app: string,
    conversation: string,
    client: string,
    { first, last }: Places,
    at: number,
  ): readonly StoredMessage[] {
    const from = Math.max(first, last - NOTED_LIMIT + 1);
    return this.#sql.delivered.all(at, app, conversation, from, last, client)
      .map(messageOf).sort((a, b) => a.seq - b.seq);
  }

  /** Notes that messages were read by `client`, where nobody else did before. */
  noteRead(
    app: string,
    conversation: string,
    client: string,
    { first, last }: Places,
    at: number,
  ): void {
    const from = Math.max(first, last - NOTED_LIMIT + 1);
    this.#sql.read.run(at, app, conversation, from, last, client);
  }
}
