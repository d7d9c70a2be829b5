/**
 * The tables of conversations and members, with the ones used last in memory: the lock is
 * exclusive, so what is remembered is what is written.
 *
 * @module
 */
import { memberKey } from "./conversation_id.ts";
import type { SqlDriver, SqlRow, SqlStatement } from "./driver.ts";
import { exchangeId, newExchange } from "./exchange.ts";
import type { Journal } from "./journal.ts";
import { Lately } from "./lately.ts";
import { hasEnded, present } from "./member_rules.ts";
import { Recent } from "./recent.ts";
import type { Places } from "./sql_places.ts";
import { prepareAll } from "./sql_statements.ts";
import type { Conversation, ConversationKind, Grown } from "./store.ts";

/** How many conversations and members are remembered in all. */
const REMEMBERED = 200_000;

/** The number of no conversation. */
const NOT_KEPT = 0;

/** How many temporary conversations that have ended are removed with each that starts. */
const REMOVED_AT_ONCE = 10;

const sql = {
  find: "SELECT * FROM conversations WHERE app = ? AND id = ?",
  members: "SELECT client, muted FROM members WHERE conversation = ? ORDER BY place",
  unique: `SELECT c.id FROM unique_conversations u JOIN conversations c ON c.number = u.conversation
    WHERE u.app = ? AND u.kind = ? AND u.members = ?`,
  insert: `INSERT INTO conversations
    (app, id, kind, creator, unique_id, attributes, created_at, updated_at, expires_at, seq)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0) RETURNING number`,
  insertUnique: `INSERT INTO unique_conversations (app, kind, members, conversation)
    VALUES (?, ?, ?, ?)
    ON CONFLICT (app, kind, members) DO UPDATE SET conversation = excluded.conversation`,
  addMember: `INSERT INTO members
    (conversation, client, app, place, joined_seq, read_seq, read_at, delivered_seq, muted)
    VALUES (?1, ?2, ?3,
      (SELECT coalesce(max(place), 0) + 1 FROM members WHERE conversation = ?1), ?4, ?4, 0, ?4, 0)`,
  removeMember: "DELETE FROM members WHERE conversation = ? AND client = ?",
  touch: "UPDATE conversations SET updated_at = ? WHERE number = ?",
  setAttributes: "UPDATE conversations SET attributes = ? WHERE number = ?",
  standings: "SELECT kind, client FROM standings WHERE conversation = ? ORDER BY place",
  lastStanding: "SELECT coalesce(max(place), 0) AS place FROM standings WHERE conversation = ?",
  addStanding: "INSERT INTO standings (conversation, kind, client, place) VALUES (?, ?, ?, ?)",
  removeStanding: "DELETE FROM standings WHERE conversation = ? AND kind = ? AND client = ?",
  setMuted: "UPDATE members SET muted = ? WHERE conversation = ? AND client = ?",
  grow: "UPDATE conversations SET seq = ?, last_message_at = ? WHERE number = ?",
  grown: "SELECT app, id, seq FROM conversations WHERE last_message_at >= ?",
  ended: `SELECT app, id, number FROM conversations
    WHERE expires_at IS NOT NULL AND expires_at <= ? ORDER BY expires_at LIMIT ${REMOVED_AT_ONCE}`,
  removeMessages: `DELETE FROM messages
    WHERE number IN (SELECT number FROM places WHERE conversation = ?)`,
  remove: "DELETE FROM conversations WHERE number = ?",
} as const;

/** A name for a conversation of an app that no other pair can have, whatever a client asks for. */
function keyOf(app: string, id: string): string {
  return `${app.length}:${app}${id}`;
}

/** The sets of clients that stand in one table, by their names in a conversation. */
const standings = ["managers", "silenced", "blocked"] as const;

function conversationOf(
  row: SqlRow,
  members: readonly SqlRow[],
  standing: readonly SqlRow[],
): Conversation {
  const those = (kind: typeof standings[number]) =>
    new Set(standing.filter((row) => row.kind === kind).map(({ client }) => client as string));
  return {
    id: row.id as string,
    kind: row.kind as ConversationKind,
    creator: row.creator as string,
    members: new Set(members.map(({ client }) => client as string)),
    muted: new Set(members.filter(({ muted }) => muted).map(({ client }) => client as string)),
    managers: those("managers"),
    silenced: those("silenced"),
    blocked: those("blocked"),
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

/** A conversation with the number that it has in the tables. */
export interface Numbered {
  /** The app. */
  readonly app: string;
  /** The number. */
  readonly number: number;
  /** The conversation. */
  readonly conversation: Conversation;
}

/** Conversations and their members. Everything runs inside a group's transaction. */
export class Conversations {
  readonly #sql: { readonly [name in keyof typeof sql]: SqlStatement };
  readonly #now: () => number;
  readonly #journal: Journal;
  readonly #places: Places;
  readonly #recent = new Recent<Numbered>(REMEMBERED);
  readonly #grown: Lately<Grown>;

  /** The conversations in a database. */
  constructor(
    driver: SqlDriver,
    { now, journal, places }: {
      readonly now: () => number;
      readonly journal: Journal;
      readonly places: Places;
    },
  ) {
    this.#sql = prepareAll(driver, sql);
    this.#now = now;
    this.#journal = journal;
    this.#places = places;
    this.#grown = new Lately(now());
  }

  /** The conversation, unless it has ended. */
  find(app: string, id: string): Numbered | undefined {
    const key = keyOf(app, id);
    let found = this.#recent.get(key);
    if (!found) {
      const row = this.#sql.find.get(app, id);
      if (!row) return undefined;
      const number = row.number as number;
      const [members, standing] = [this.#sql.members.all(number), this.#sql.standings.all(number)];
      found = { app, number, conversation: conversationOf(row, members, standing) };
      this.#remember(key, found);
    }
    return hasEnded(found.conversation, this.#now()) ? undefined : found;
  }

  /**
   * What of a conversation is this client's: of a service conversation its own exchange, which is
   * kept from its first message on.
   */
  part(app: string, id: string, client: string): Numbered | undefined {
    const found = this.find(app, id);
    if (found?.conversation.kind !== "service") return found;
    return this.find(app, exchangeId(id, client)) ??
      { app, number: NOT_KEPT, conversation: newExchange(id, client, this.#now()) };
  }

  /** What was found, kept where it was not. */
  kept(found: Numbered): Numbered {
    return found.number === NOT_KEPT ? this.keep(found.app, found.conversation) : found;
  }

  /** The conversation, where it is in memory. */
  recall(app: string, id: string): Numbered | undefined {
    const found = this.#recent.get(keyOf(app, id));
    return found && !hasEnded(found.conversation, this.#now()) ? found : undefined;
  }

  /** The conversation, or a refusal. */
  need(app: string, id: string): Numbered {
    return present(this.find(app, id), id);
  }

  /** The unique conversation of a kind that has exactly these members. */
  unique(
    app: string,
    kind: ConversationKind,
    members: ReadonlySet<string>,
  ): Conversation | undefined {
    const key = memberKey(members);
    const id = this.#sql.unique.get(app, kind, key)?.id as string | undefined;
    const conversation = id === undefined ? undefined : this.find(app, id)?.conversation;
    return conversation && memberKey(conversation.members) === key ? conversation : undefined;
  }

  /** Writes one that starts. */
  start(app: string, conversation: Conversation): Numbered {
    const { kind, members, unique } = conversation;
    if (kind === "temporary") this.#removeEnded(this.#now());
    const made = this.keep(app, conversation);
    if (unique) this.#sql.insertUnique.run(app, kind, memberKey(members), made.number);
    return made;
  }

  /** Writes a new conversation. */
  keep(app: string, conversation: Conversation): Numbered {
    const { id, kind, creator, uniqueId = null, createdAt, expiresAt = null } = conversation;
    const attributes = JSON.stringify(conversation.attributes);
    const row = this.#sql.insert
      .get(app, id, kind, creator, uniqueId, attributes, createdAt, createdAt, expiresAt);
    const made = { app, number: row!.number as number, conversation };
    for (const client of conversation.members) {
      this.#sql.addMember.run(made.number, client, app, 0);
    }
    this.#put(made);
    return made;
  }

  /** Writes what of a conversation is different now. */
  write({ app, number, conversation: before }: Numbered, after: Conversation): void {
    if (after === before) return;
    const { members, muted, attributes, updatedAt, seq } = after;
    for (const client of before.members.difference(members)) {
      this.#sql.removeMember.run(number, client);
    }
    for (const client of members.difference(before.members)) {
      this.#sql.addMember.run(number, client, app, seq);
    }
    for (const client of muted.symmetricDifference(before.muted)) {
      this.#sql.setMuted.run(muted.has(client) ? 1 : 0, number, client);
    }
    for (const kind of standings) this.#writeStanding(number, kind, before[kind], after[kind]);
    if (attributes !== before.attributes) {
      this.#sql.setAttributes.run(JSON.stringify(attributes), number);
    }
    if (updatedAt !== before.updatedAt) this.#sql.touch.run(updatedAt, number);
    this.#put({ app, number, conversation: after });
  }

  #writeStanding(
    number: number,
    kind: string,
    before: ReadonlySet<string>,
    after: ReadonlySet<string>,
  ): void {
    if (after === before) return;
    for (const client of before.difference(after)) {
      this.#sql.removeStanding.run(number, kind, client);
    }
    // Once, and not for each: looked for among 10,000 that are there, it takes its time.
    let place = this.#sql.lastStanding.get(number)!.place as number;
    for (const client of after.difference(before)) {
      this.#sql.addStanding.run(number, kind, client, ++place);
    }
  }

  /** Notes that a conversation has a new message. */
  grow({ app, number, conversation }: Numbered, seq: number, timestamp: number): Conversation {
    this.#sql.grow.run(seq, timestamp, number);
    const grown = { ...conversation, seq, lastMessageAt: timestamp };
    this.#put({ app, number, conversation: grown });
    const { id } = grown;
    this.#journal.note({
      keep: () => this.#grown.note(keyOf(app, id), timestamp, { app, conversation: id, seq }),
    });
    return grown;
  }

  /** Those with a message at or after a time. */
  grown(since: number): readonly Grown[] {
    if (this.#grown.knows(since)) return this.#grown.since(since);
    return this.#sql.grown.all(since).map(({ app, id, seq }) => ({
      app: app as string,
      conversation: id as string,
      seq: seq as number,
    }));
  }

  #removeEnded(now: number): void {
    for (const { app, id, number } of this.#sql.ended.all(now)) {
      this.#places.enter(number as number);
      this.#sql.removeMessages.run(number as number);
      this.#sql.remove.run(number as number);
      this.#recent.delete(keyOf(app as string, id as string));
    }
  }

  #put(changed: Numbered): void {
    const { app, conversation } = changed;
    const key = keyOf(app, conversation.id);
    this.#journal.note({ undo: () => this.#recent.delete(key) });
    this.#remember(key, changed);
  }

  #remember(key: string, found: Numbered): void {
    const { members, silenced, blocked } = found.conversation;
    this.#recent.set(key, found, 1 + members.size + silenced.size + blocked.size);
  }
}
