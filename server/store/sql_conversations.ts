/**
 * The tables of conversations and members, with the ones used last in memory: the lock is
 * exclusive, so what is remembered is what is written.
 *
 * @module
 */
import { memberKey, type Secret } from "./conversation_id.ts";
import type { SqlDriver, SqlRow, SqlStatement } from "./driver.ts";
import { hasEnded, newConversation, present } from "./member_rules.ts";
import { Recent } from "./recent.ts";
import type { Memory } from "./sql_group.ts";
import type {
  Conversation,
  ConversationKind,
  ConversationStart,
  Grown,
  MemberChange,
} from "./store.ts";

/** How many conversations and members are remembered in all. */
const REMEMBERED = 200_000;

/** How many temporary conversations that have ended are removed with each that starts. */
const REMOVED_AT_ONCE = 10;

const sql = {
  find: "SELECT * FROM conversations WHERE app = ? AND id = ?",
  members: `SELECT client, muted FROM members
    WHERE app = ? AND conversation = ? ORDER BY place`,
  unique: `SELECT conversation FROM unique_conversations
    WHERE app = ? AND kind = ? AND members = ?`,
  insert: `INSERT INTO conversations
    (app, id, kind, creator, unique_id, attributes, created_at, updated_at, expires_at, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0)`,
  insertUnique: `INSERT INTO unique_conversations (app, kind, members, conversation)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (app, kind, members) DO UPDATE SET conversation = excluded.conversation`,
  addMember: `INSERT INTO members
    (app, conversation, client, place, joined_seq, read_seq, read_at, delivered_seq, muted)
    VALUES (?1, ?2, ?3,
      (SELECT coalesce(max(place), 0) + 1 FROM members WHERE app = ?1 AND conversation = ?2),
      ?4, ?4, 0, ?4, 0)`,
  removeMember: "DELETE FROM members WHERE app = ? AND conversation = ? AND client = ?",
  touch: "UPDATE conversations SET updated_at = ? WHERE app = ? AND id = ?",
  grow: "UPDATE conversations SET seq = ?, last_message_at = ? WHERE app = ? AND id = ?",
  grown: `SELECT app, id, seq FROM conversations
    WHERE last_message_at IS NOT NULL AND last_message_at >= ?`,
  removeEnded: `DELETE FROM conversations WHERE (app, id) IN
    (SELECT app, id FROM conversations WHERE expires_at IS NOT NULL AND expires_at <= ?
      ORDER BY expires_at LIMIT ${REMOVED_AT_ONCE})
    RETURNING app, id`,
} as const;

/** A name for a conversation of an app that no other pair can have, whatever a client asks for. */
function keyOf(app: string, id: string): string {
  return `${app.length}:${app}${id}`;
}

function conversationOf(row: SqlRow, members: readonly SqlRow[]): Conversation {
  return {
    id: row.id as string,
    kind: row.kind as ConversationKind,
    creator: row.creator as string,
    members: new Set(members.map(({ client }) => client as string)),
    muted: new Set(members.filter(({ muted }) => muted).map(({ client }) => client as string)),
    unique: row.unique_id !== null,
    ...(row.unique_id === null ? {} : { uniqueId: row.unique_id as string }),
    attributes: JSON.parse(row.attributes as string),
    createdAt: row.created_at as number,
    updatedAt: row.updated_at as number,
    ...(row.last_message_at === null ? {} : { lastMessageAt: row.last_message_at as number }),
    seq: row.seq as number,
    ...(row.expires_at === null ? {} : { expiresAt: row.expires_at as number }),
  };
}

/** Conversations and their members. Everything runs inside a group's transaction. */
export class Conversations implements Memory {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };
  readonly #now: () => number;
  readonly #secret: Secret;
  readonly #recent = new Recent<Conversation>(REMEMBERED, ({ members }) => 1 + members.size);
  #changed: string[] = [];

  /** The conversations in a database. */
  constructor(driver: SqlDriver, now: () => number, secret: Secret) {
    this.#sql = prepareAll(driver, sql);
    this.#now = now;
    this.#secret = secret;
  }

  readonly mark = (): number => this.#changed.length;

  readonly undo = (mark: number): void => {
    // What was changed since is read again when it is needed; what was changed before is not final
    // either, and stays in the list.
    for (const key of this.#changed.slice(mark)) this.#recent.delete(key);
    if (mark === 0) this.#changed = [];
  };

  readonly keep = (): void => {
    this.#changed = [];
  };

  /** The conversation, unless it has ended. */
  find(app: string, id: string): Conversation | undefined {
    const key = keyOf(app, id);
    let found = this.#recent.get(key);
    if (!found) {
      const row = this.#sql.find.get(app, id);
      if (!row) return undefined;
      found = conversationOf(row, this.#sql.members.all(app, id));
      this.#recent.set(key, found);
    }
    return hasEnded(found, this.#now()) ? undefined : found;
  }

  /** The conversation, or a refusal. */
  need(app: string, id: string): Conversation {
    return present(this.find(app, id), id);
  }

  /** Starts a conversation, or finds the unique one. */
  start(
    app: string,
    start: ConversationStart,
    members: ReadonlySet<string>,
  ): { readonly conversation: Conversation; readonly existing: boolean } {
    const now = this.#now();
    const made = newConversation(start, members, now, this.#secret);
    const key = made.unique ? memberKey(members) : "";
    if (made.unique) {
      const id = this.#sql.unique.get(app, start.kind, key)?.conversation as string | undefined;
      const existing = id === undefined ? undefined : this.find(app, id);
      if (existing) return { conversation: existing, existing: true };
    }
    const { id, uniqueId = null, expiresAt = null } = made;
    const attributes = JSON.stringify(made.attributes);
    this.#sql.insert.run(
      app,
      id,
      made.kind,
      made.creator,
      uniqueId,
      attributes,
      now,
      now,
      expiresAt,
    );
    if (made.unique) this.#sql.insertUnique.run(app, start.kind, key, id);
    for (const client of members) this.#sql.addMember.run(app, id, client, 0);
    if (start.kind === "temporary") this.#removeEnded(now);
    return {
      conversation: this.#put(app, { ...made, attributes: JSON.parse(attributes) }),
      existing: false,
    };
  }

  /** Carries a change of members out. */
  change(app: string, change: MemberChange): MemberChange {
    const { conversation, changed } = change;
    if (changed.length === 0) return change;
    const { id, members, seq, updatedAt } = conversation;
    for (const client of changed) {
      if (members.has(client)) this.#sql.addMember.run(app, id, client, seq);
      else this.#sql.removeMember.run(app, id, client);
    }
    this.#sql.touch.run(updatedAt, app, id);
    this.#put(app, conversation);
    return change;
  }

  /** Notes that a conversation has a new message. */
  grow(
    app: string,
    conversation: Conversation,
    seq: number,
    timestamp: number,
  ): Conversation {
    this.#sql.grow.run(seq, timestamp, app, conversation.id);
    return this.#put(app, { ...conversation, seq, lastMessageAt: timestamp });
  }

  /** Those with a message at or after a time. */
  grown(since: number): readonly Grown[] {
    return this.#sql.grown.all(since).map(({ app, id, seq }) => ({
      app: app as string,
      conversation: id as string,
      seq: seq as number,
    }));
  }

  #removeEnded(now: number): void {
    for (const { app, id } of this.#sql.removeEnded.all(now)) {
      this.#recent.delete(keyOf(app as string, id as string));
    }
  }

  #put(app: string, conversation: Conversation): Conversation {
    const key = keyOf(app, conversation.id);
    this.#changed.push(key);
    this.#recent.set(key, conversation);
    return conversation;
  }
}

/** Prepares each statement of a table of them. */
export function prepareAll<Name extends string>(
  driver: SqlDriver,
  texts: { readonly [name in Name]: string },
): { readonly [name in Name]: SqlStatement } {
  const entries = Object.entries<string>(texts);
  return Object.fromEntries(
    entries.map(([name, text]) => [name, driver.prepare(text)]),
  ) as { [name in Name]: SqlStatement };
}
