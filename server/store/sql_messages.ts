/**
 * The table of messages: append, history, and what is noted on them later.
 *
 * @module
 */
import { messageId, type Secret } from "./conversation_id.ts";
import type { SqlDriver, SqlRow, SqlStatement } from "./driver.ts";
import { NOTED_LIMIT, placeAt, type Placed, type PlaceReader, typeOf } from "./places.ts";
import type { Numbered } from "./sql_conversations.ts";
import type { Places } from "./sql_places.ts";
import { REMEMBERED_FOR, repeatKey, type Repeats } from "./sql_repeats.ts";
import { prepareAll } from "./sql_statements.ts";
import { patched } from "./patch_rules.ts";
import type { Content, NewMessage, Patch, Patched, StoredMessage } from "./store.ts";

/** Messages by their places; CROSS JOIN keeps SQLite from beginning with the messages. */
const PLACED = `FROM places p CROSS JOIN messages m ON m.number = p.number
    WHERE p.conversation = ?1`;

const sql = {
  append: `INSERT INTO messages (number, conversation, seq, dt_key, id, sender, timestamp, text,
      bytes, type, mentions, mentions_all, receipt, dt, recalled)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
  byPlace: `SELECT m.* ${PLACED} AND p.seq = ?2`,
  repeated: `SELECT m.* ${PLACED} AND p.seq = ?2 AND m.sender = ?3 AND m.dt = ?4`,
  placed: `SELECT m.timestamp, m.id ${PLACED} AND p.seq = ?2`,
  byId: "SELECT seq FROM messages WHERE id = ? AND conversation = ?",
  whole: "SELECT * FROM messages WHERE id = ? AND conversation = ?",
  lastPatch: "SELECT max(patched_at) AS at FROM messages WHERE patched_at IS NOT NULL",
  patch: `UPDATE messages SET text = ?, bytes = ?, type = ?, mentions = ?, mentions_all = ?,
    recalled = ?, patched_at = ? WHERE id = ?`,
  retype: "UPDATE places SET type = ? WHERE conversation = ? AND seq = ?",
  patchesOf: `SELECT m.*, c.id AS cid FROM members k
    JOIN conversations c ON c.number = k.conversation
    CROSS JOIN messages m ON m.conversation = k.conversation AND m.patched_at > ?3
    WHERE k.app = ?1 AND k.client = ?2 AND (c.expires_at IS NULL OR c.expires_at > ?4)
    ORDER BY m.patched_at DESC LIMIT ?5`,
  patchedSince: `SELECT m.*, c.id AS cid, c.app FROM messages m
    CROSS JOIN conversations c ON c.number = m.conversation
    WHERE m.patched_at > ?1 AND (c.expires_at IS NULL OR c.expires_at > ?2)
    ORDER BY m.patched_at LIMIT ?3`,
  oldest: `SELECT m.* ${PLACED} AND p.seq BETWEEN ?2 AND ?3 AND (?4 IS NULL OR p.type = ?4)
    ORDER BY p.seq LIMIT ?5`,
  newest: `SELECT m.* ${PLACED} AND p.seq BETWEEN ?2 AND ?3 AND (?4 IS NULL OR p.type = ?4)
    ORDER BY p.seq DESC LIMIT ?5`,
  ofOthers: `SELECT m.* ${PLACED} AND p.seq BETWEEN ?2 AND ?3 AND p.sender <> ?4
    ORDER BY p.seq DESC LIMIT ?5`,
  due: `SELECT m.* ${PLACED} AND p.seq BETWEEN ?2 AND ?3 AND p.sender <> ?4 AND m.receipt = 1
    AND m.delivered_at IS NULL ORDER BY p.seq`,
  delivered: `UPDATE messages SET delivered_at = ?1 WHERE delivered_at IS NULL AND number IN
    (SELECT number FROM places WHERE conversation = ?2 AND seq BETWEEN ?3 AND ?4 AND sender <> ?5)`,
  read: `UPDATE messages SET read_at = ?1, delivered_at = coalesce(delivered_at, ?1)
    WHERE read_at IS NULL AND number IN
    (SELECT number FROM places WHERE conversation = ?2 AND seq BETWEEN ?3 AND ?4 AND sender <> ?5)`,
} as const;

/**
 * What a message says, as it is written. Drivers give a text back up to its first NUL alone, so one
 * with a NUL is kept as bytes beside an empty text.
 */
function columnsOf({ text, binary }: Content): [text: string | null, bytes: Uint8Array | null] {
  if (text === undefined) return [null, binary];
  return text.includes("\0") ? ["", new TextEncoder().encode(text)] : [text, null];
}

/** Who is mentioned, as it is written. */
function mentionsOf({ mentioned, mentionedAll }: Pick<NewMessage, "mentioned" | "mentionedAll">) {
  return mentionedAll || mentioned.length ? JSON.stringify(mentioned) : null;
}

function contentOf({ text, bytes }: SqlRow): Content {
  if (bytes === null) return { text: text as string };
  if (text === null) return { binary: bytes as Uint8Array };
  return { text: new TextDecoder().decode(bytes as Uint8Array) };
}

/** A message from its row. */
function messageOf(row: SqlRow, conversation: string): StoredMessage {
  const { mentions, patched_at, delivered_at, read_at } = row;
  return {
    conversation,
    from: row.sender as string,
    content: contentOf(row),
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

/** The places from `first` to `last`, both included. */
export interface Range {
  /** The first one. */
  readonly first: number;
  /** The last one. */
  readonly last: number;
}

/** Messages. Everything runs inside a group's transaction. */
export class Messages {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };
  readonly #places: Places;
  readonly #repeats: Repeats;
  readonly #secret: Secret;

  /** The messages in a database. */
  constructor(
    driver: SqlDriver,
    { places, repeats, secret }: {
      readonly places: Places;
      readonly repeats: Repeats;
      readonly secret: Secret;
    },
  ) {
    this.#sql = prepareAll(driver, sql);
    this.#places = places;
    this.#repeats = repeats;
    this.#secret = secret;
  }

  /** The message that its sender sent under this `dt` in the last 7 days at least. */
  repeated(
    { number, conversation }: Numbered,
    { from, dt }: NewMessage,
    now: number,
  ): StoredMessage | undefined {
    if (dt === undefined) return undefined;
    const place = this.#repeats.placeOf(number, repeatKey(from, dt), () => {
      const at = this.placeReader(number);
      return placeAt(conversation.seq, at, now - REMEMBERED_FOR);
    });
    if (place === undefined) return undefined;
    this.#places.enter(number);
    // Two may have the same key, however unlikely.
    const row = this.#sql.repeated.get(number, place, from, dt);
    return row && messageOf(row, conversation.id);
  }

  /** Writes a message at its place. */
  append(
    { number: conversation, conversation: { id: cid } }: Numbered,
    { dt, ...message }: NewMessage,
    seq: number,
    timestamp: number,
  ): StoredMessage {
    const number = this.#places.next();
    const { from, content, mentionedAll, receipt } = message;
    const id = messageId(timestamp, this.#secret);
    const key = dt === undefined ? null : repeatKey(from, dt);
    this.#sql.append.run(
      number,
      conversation,
      seq,
      key,
      id,
      from,
      timestamp,
      ...columnsOf(content),
      typeOf(content) ?? null,
      mentionsOf(message),
      mentionedAll ? 1 : 0,
      receipt ? 1 : 0,
      dt ?? null,
    );
    this.#places.add(conversation, number);
    if (key !== null) this.#repeats.note(conversation, key, seq);
    return { ...keptContent(message), conversation: cid, id, seq, timestamp, recalled: false };
  }

  /** Changes a message, or gives it back as it is where nothing changes. */
  patch({ number, conversation }: Numbered, patch: Patch, now: number): StoredMessage {
    const row = this.#sql.whole.get(patch.id, number);
    const before = row && messageOf(row, conversation.id);
    const last = (this.#sql.lastPatch.get()?.at ?? 0) as number;
    const message = patched(before, patch, Math.max(now, last + 1));
    if (message === before) return message;
    const { content, mentionedAll, recalled, patchedAt, seq } = message;
    const type = typeOf(content) ?? null;
    this.#sql.patch.run(
      ...columnsOf(content),
      type,
      mentionsOf(message),
      mentionedAll ? 1 : 0,
      recalled ? 1 : 0,
      patchedAt!,
      patch.id,
    );
    this.#places.enter(number);
    this.#sql.retype.run(type, number, seq);
    return message;
  }

  /** The last messages that were changed after a time where a client is a member, the first change first. */
  patchesOf(
    app: string,
    client: string,
    since: number,
    now: number,
    limit: number,
  ): readonly StoredMessage[] {
    return this.#sql.patchesOf.all(app, client, since, now, limit)
      .map((row) => messageOf(row, row.cid as string)).reverse();
  }

  /** The first messages that were changed after a time, each with its app. */
  patchedSince(
    since: number,
    now: number,
    limit: number,
  ): readonly Omit<Patched, "conversation">[] {
    return this.#sql.patchedSince.all(since, now, limit)
      .map((row) => ({ app: row.app as string, message: messageOf(row, row.cid as string) }));
  }

  /** Reads when and under which id the message of a place was stored. */
  placeReader(number: number): PlaceReader {
    this.#places.enter(number);
    return (seq) => seq < 1 ? undefined : this.#sql.placed.get(number, seq) as Placed | undefined;
  }

  /** The place of a message of this conversation. */
  placeOf(number: number, id: string): number | undefined {
    return this.#sql.byId.get(id, number)?.seq as number | undefined;
  }

  /** The newest message. */
  last({ number, conversation: { id, seq } }: Numbered): StoredMessage | undefined {
    this.#places.enter(number);
    const row = seq === 0 ? undefined : this.#sql.byPlace.get(number, seq);
    return row && messageOf(row, id);
  }

  /** Some messages between two places, from the oldest on or the newest back; oldest first. */
  between(
    { number, conversation }: Numbered,
    { first, last }: Range,
    pick: {
      readonly limit: number;
      readonly end: "oldest" | "newest";
      readonly type?: number | undefined;
    },
  ): readonly StoredMessage[] {
    const { limit, end, type = null } = pick;
    this.#places.enter(number);
    const rows = this.#sql[end].all(number, first, last, type, limit);
    const found = rows.map((row) => messageOf(row, conversation.id));
    return end === "oldest" ? found : found.reverse();
  }

  /** The newest messages of others between two places, oldest first. */
  ofOthers(
    { number, conversation }: Numbered,
    client: string,
    { first, last }: Range,
    limit: number,
  ): StoredMessage[] {
    this.#places.enter(number);
    return this.#sql.ofOthers.all(number, first, last, client, limit)
      .map((row) => messageOf(row, conversation.id)).reverse();
  }

  /** The messages of others that want a receipt and reached `client` not before. */
  due(
    { number, conversation }: Numbered,
    client: string,
    { first, last }: Range,
  ): readonly StoredMessage[] {
    const from = Math.max(first, last - NOTED_LIMIT + 1);
    this.#places.enter(number);
    return this.#sql.due.all(number, from, last, client)
      .map((row) => messageOf(row, conversation.id));
  }

  /** Notes that messages reached `client`, where they reached nobody else before. */
  noteDelivered(number: number, client: string, { first, last }: Range, at: number): void {
    const from = Math.max(first, last - NOTED_LIMIT + 1);
    this.#places.enter(number);
    this.#sql.delivered.run(at, number, from, last, client);
  }

  /** Notes that messages were read by `client`, where nobody else did before. */
  noteRead(number: number, client: string, { first, last }: Range, at: number): void {
    const from = Math.max(first, last - NOTED_LIMIT + 1);
    this.#places.enter(number);
    this.#sql.read.run(at, number, from, last, client);
  }
}

/** What is kept of a message: its owner may overwrite later what it lent. */
function keptContent(message: Omit<NewMessage, "dt">): Omit<NewMessage, "dt"> {
  const { content, mentioned } = message;
  return {
    ...message,
    content: content.binary ? { binary: content.binary.slice() } : content,
    mentioned: [...mentioned],
  };
}
