/**
 * The tables, and how a database comes to have them.
 *
 * A conversation is known by its app and id to those who ask, and by its number to the tables below
 * it: whatever has a number was found through its app, so apps can't meet.
 *
 * A commit costs as many pages as it touches. So messages stand in the order in which they came, and
 * their ids begin with the time; the entries that find them by place are made later (sql_places.ts);
 * and two things have no index: `dt`s, which are remembered with their conversation
 * (sql_repeats.ts), and the times of growth (lately.ts).
 *
 * @module
 */
import { type SqlDriver, StoreOpenError } from "./driver.ts";

/** Marks a file as Curlew's: "Crlw". */
const APPLICATION = 0x43726c77;

/** What brings a database from version n to n + 1. What was released is never edited. */
const migrations: readonly string[] = [
  `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE conversations (
    number INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    id TEXT NOT NULL,
    kind TEXT NOT NULL,
    creator TEXT NOT NULL,
    unique_id TEXT,
    attributes TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    expires_at INTEGER,
    last_message_at INTEGER,
    seq INTEGER NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX conversations_by_id ON conversations (app, id);
  CREATE INDEX conversations_by_end ON conversations (expires_at) WHERE expires_at IS NOT NULL;

  CREATE TABLE unique_conversations (
    app TEXT NOT NULL,
    kind TEXT NOT NULL,
    members TEXT NOT NULL,
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    PRIMARY KEY (app, kind, members)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX unique_by_conversation ON unique_conversations (conversation);

  CREATE TABLE members (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    client TEXT NOT NULL,
    app TEXT NOT NULL,
    place INTEGER NOT NULL,
    joined_seq INTEGER NOT NULL,
    read_seq INTEGER NOT NULL,
    read_at INTEGER NOT NULL,
    delivered_seq INTEGER NOT NULL,
    muted INTEGER NOT NULL,
    PRIMARY KEY (conversation, client)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX members_by_client ON members (app, client);

  CREATE TABLE messages (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    dt_key INTEGER,
    id TEXT NOT NULL,
    sender TEXT NOT NULL,
    timestamp INTEGER NOT NULL,
    text TEXT,
    bytes BLOB,
    type INTEGER,
    mentions TEXT,
    mentions_all INTEGER NOT NULL,
    receipt INTEGER NOT NULL,
    dt TEXT,
    patched_at INTEGER,
    recalled INTEGER NOT NULL,
    delivered_at INTEGER,
    read_at INTEGER
  ) STRICT;
  CREATE UNIQUE INDEX messages_by_id ON messages (id);
  CREATE INDEX messages_with_mentions ON messages (conversation, seq) WHERE mentions IS NOT NULL;

  CREATE TABLE places (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    number INTEGER NOT NULL,
    sender TEXT NOT NULL,
    type INTEGER,
    dt_key INTEGER,
    PRIMARY KEY (conversation, seq)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE INDEX conversations_by_kind ON conversations (app, kind)
    WHERE kind IN ('room', 'service');

  CREATE INDEX messages_by_patch ON messages (patched_at) WHERE patched_at IS NOT NULL;
  CREATE INDEX patches_by_conversation ON messages (conversation, patched_at)
    WHERE patched_at IS NOT NULL;

  CREATE TABLE standings (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    kind TEXT NOT NULL,
    client TEXT NOT NULL,
    place INTEGER NOT NULL,
    PRIMARY KEY (conversation, kind, client)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE member_notices (
    number INTEGER PRIMARY KEY,
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    at INTEGER NOT NULL,
    command TEXT NOT NULL
  ) STRICT;
  CREATE INDEX member_notices_by_conversation ON member_notices (conversation, at);
  CREATE INDEX member_notices_by_time ON member_notices (at);

  CREATE TABLE client_notices (
    number INTEGER PRIMARY KEY,
    app TEXT NOT NULL,
    client TEXT NOT NULL,
    at INTEGER NOT NULL,
    command TEXT NOT NULL
  ) STRICT;
  CREATE INDEX client_notices_by_client ON client_notices (app, client, at);
  CREATE INDEX client_notices_by_time ON client_notices (at);

  CREATE TABLE nonces (
    app TEXT NOT NULL,
    nonce TEXT NOT NULL,
    holder TEXT NOT NULL,
    until INTEGER NOT NULL,
    PRIMARY KEY (app, nonce)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX nonces_by_end ON nonces (until);
  `,
  `
  CREATE TABLE kicks (
    app TEXT NOT NULL,
    client TEXT NOT NULL,
    at INTEGER NOT NULL,
    reason TEXT,
    PRIMARY KEY (app, client)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX kicks_by_time ON kicks (at);

  CREATE TABLE subscriptions (
    conversation INTEGER NOT NULL REFERENCES conversations ON DELETE CASCADE,
    client TEXT NOT NULL,
    since INTEGER NOT NULL,
    muted INTEGER NOT NULL,
    PRIMARY KEY (conversation, client)
  ) STRICT, WITHOUT ROWID;
  `,
];

function pragma(driver: SqlDriver, name: string): number {
  return Number(driver.prepare(`PRAGMA ${name}`).get()?.[name] ?? 0);
}

/** Brings a database to this version's tables, each step whole or not at all. */
export function prepareTables(driver: SqlDriver, path: string): void {
  const version = pragma(driver, "user_version");
  const application = pragma(driver, "application_id");
  const tables = driver.prepare("SELECT count(*) AS count FROM sqlite_schema").get()?.count;
  if (application !== APPLICATION && (application !== 0 || tables !== 0)) {
    throw new StoreOpenError(path, "belongs to another program");
  }
  if (version > migrations.length) {
    throw new StoreOpenError(
      path,
      `was written by a newer Curlew (its tables are version ${version}, this one knows ${migrations.length})`,
    );
  }
  for (const [step, sql] of migrations.entries()) {
    if (step < version) continue;
    driver.exec(`BEGIN IMMEDIATE; ${sql}
      PRAGMA application_id = ${APPLICATION}; PRAGMA user_version = ${step + 1}; COMMIT`);
  }
}
