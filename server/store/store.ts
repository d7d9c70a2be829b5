/**
 * What a server keeps. `Store` speaks the domain, not rows: every method is async and takes the
 * app first, so that apps can't meet. What it resolved is durable. What an operation depends on
 * (is the sender a member? is there room?) is checked inside it, in the transaction that writes.
 *
 * A refusal is a `RealtimeError` with the protocol's code, thrown before anything is written (4103
 * for a client id with a NUL character, everywhere); anything else that a method rejects
 * with is a failure of the storage itself, and then nothing of the operation was kept.
 *
 * @module
 */

/** What a conversation is. */
export type ConversationKind = "normal" | "room" | "service" | "temporary";

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** A conversation as it is kept. Times are in ms since the epoch. */
export interface Conversation {
  /** 24 hex digits, or `_tmp:` and more for a temporary one. */
  readonly id: string;
  /** What it is. */
  readonly kind: ConversationKind;
  /** The client that created it. */
  readonly creator: string;
  /** Its members in the order in which they came; empty for a room and a service conversation. */
  readonly members: ReadonlySet<string>;
  /** The members who want no offline push. */
  readonly muted: ReadonlySet<string>;
  /** Whether its member set is its identity. */
  readonly unique: boolean;
  /** 32 hex digits, of a unique conversation alone. */
  readonly uniqueId?: string;
  /** Every top-level key that its creator gave: `name`, `attr` and others. */
  readonly attributes: { readonly [key: string]: Json };
  /** When it was created. */
  readonly createdAt: number;
  /** When its attributes or members changed last. */
  readonly updatedAt: number;
  /** When its newest message was stored. */
  readonly lastMessageAt?: number;
  /** The place of its newest message; 0 where there is none. */
  readonly seq: number;
  /** When a temporary one ends. */
  readonly expiresAt?: number;
}

/** What starts a conversation. */
export interface ConversationStart {
  /** What it is to be; a client can't start a service conversation. */
  readonly kind: Exclude<ConversationKind, "service">;
  /** Who starts it; always a member. */
  readonly creator: string;
  /** Its members, with or without the creator, in any order, repeated or not. */
  readonly members: readonly string[];
  /** Whether one with exactly these members is to be found rather than made. */
  readonly unique: boolean;
  /** Its attributes. An existing one keeps its own. */
  readonly attributes: { readonly [key: string]: Json };
  /** How long a temporary one lives, in ms. */
  readonly ttl?: number;
}

/** A change of members. */
export interface MemberChange {
  /** The conversation after it. */
  readonly conversation: Conversation;
  /** Those whose membership changed, in the order asked. */
  readonly changed: readonly string[];
  /** Those for whom what was asked is so now, changed or not. */
  readonly allowed: readonly string[];
  /** Those for whom it was refused, and why, by the protocol's code. */
  readonly refused: readonly { readonly code: number; readonly clients: readonly string[] }[];
}

/** What a message says: text, or bytes. */
export type Content =
  | { readonly text: string; readonly binary?: undefined }
  | { readonly binary: Uint8Array; readonly text?: undefined };

/** A message to be kept. */
export interface NewMessage {
  /** The conversation's id. */
  readonly conversation: string;
  /** Who sends it. */
  readonly from: string;
  /** What it says. */
  readonly content: Content;
  /** The sender's own id of it: the same again within 7 days returns the first one's place. */
  readonly dt?: string;
  /** Who is mentioned. */
  readonly mentioned: readonly string[];
  /** Whether everybody is. */
  readonly mentionedAll: boolean;
  /** Whether the sender wants to know of its delivery. */
  readonly receipt: boolean;
}

/** A message as it is kept. Times are in ms since the epoch. */
export interface StoredMessage extends Omit<NewMessage, "dt"> {
  /** Its id: 22 characters of base64url. */
  readonly id: string;
  /** Its place in its conversation: 1, 2, 3 … without a gap. */
  readonly seq: number;
  /** When it was stored: strictly increasing within its conversation, whatever the clocks say. */
  readonly timestamp: number;
  /** When it was changed last, if ever. */
  readonly patchedAt?: number;
  /** Whether it was recalled. */
  readonly recalled: boolean;
  /** When another member acknowledged it first; noted of the newest 1000 that one mark passes. */
  readonly deliveredAt?: number;
  /** When another member's read mark passed it first; noted of the newest 1000 likewise. */
  readonly readAt?: number;
}

/** What an append gave. */
export interface Appended {
  /** The message with its place, or the one that was there under the same `dt`. */
  readonly message: StoredMessage;
  /** The conversation after it. */
  readonly conversation: Conversation;
  /** Whether it was there already, so that nothing is to be published. */
  readonly repeated: boolean;
}

/** What an author changes about a message. */
export interface Patch {
  /** The conversation's id. */
  readonly conversation: string;
  /** The message's id. */
  readonly id: string;
  /** Who changes it. */
  readonly from: string;
  /** What it says and whom it mentions from now on; absent where it is recalled. */
  readonly edit?: Pick<NewMessage, "content" | "mentioned" | "mentionedAll">;
}

/** A message that was changed. */
export interface Patched {
  /** The app. */
  readonly app: string;
  /** The message after it, with the time of the change. */
  readonly message: StoredMessage;
  /** Its conversation. */
  readonly conversation: Conversation;
}

/** An end of a range of history. With an id, messages of the same time are told apart by it. */
export interface HistoryBound {
  /** In ms since the epoch. */
  readonly timestamp: number;
  /** The message at this end. */
  readonly id?: string;
  /** Whether what stands exactly here belongs to the range. */
  readonly included: boolean;
}

/** Which messages of a conversation are asked for. */
export interface HistoryRange {
  /** The conversation's id. */
  readonly conversation: string;
  /** Who asks: must be a member of a normal or temporary one (4312). */
  readonly reader: string;
  /** From the newest back, or from the oldest on; decides which end `limit` keeps. */
  readonly direction: "older" | "newer";
  /** Where to begin; by default now for `older`, the beginning for `newer`. */
  readonly from?: HistoryBound;
  /** Where to stop; by default the beginning for `older`, now for `newer`. */
  readonly to?: HistoryBound;
  /** How many at most: 0 to 1000. */
  readonly limit: number;
  /** Only messages whose text is JSON with this `_lctype`. */
  readonly type?: number;
}

/** A conversation in which a client has unread messages, or whose count changed. */
export interface Unread {
  /** The conversation. */
  readonly conversation: Conversation;
  /** How many messages of others came after the client's read mark; 100 at most. */
  readonly count: number;
  /** Whether one of them mentions the client, or everybody. */
  readonly mentioned: boolean;
  /** The newest message, where there is one. */
  readonly last?: StoredMessage;
}

/** A message whose sender asked for a receipt that is now due. */
export interface Receipt {
  /** The message. */
  readonly message: StoredMessage;
  /** When, in ms since the epoch. */
  readonly at: number;
}

/** Up to where something is acknowledged or read: everything not newer than this. */
export type Mark =
  | { readonly timestamp: number; readonly from?: number }
  | { readonly id: string }
  | { readonly newest: true };

/** What a read mark changed. */
export interface ReadChange {
  /** The conversation. */
  readonly conversation: Conversation;
  /** How many messages of others are still unread after it; 100 at most. */
  readonly unread: number;
  /** Whether one of those mentions the reader. */
  readonly mentioned: boolean;
  /** The newest message of another that the mark passed now; absent when it passed none. */
  readonly read?: StoredMessage;
  /** When, in ms since the epoch. */
  readonly at: number;
}

/** One condition of a `where`: LeanCloud's subset of MongoDB's query language, already parsed JSON. */
export type Where = { readonly [key: string]: Json };

/** Which conversations are asked for. */
export interface ConversationQuery {
  /** The conditions; an operator that the store doesn't know is a refusal with 4310. */
  readonly where: Where;
  /** Keys, the first one first; `-` before one sorts it downwards. */
  readonly sort: readonly string[];
  /** How many to skip. */
  readonly skip: number;
  /** How many at most. */
  readonly limit: number;
}

/** A conversation that has grown. */
export interface Grown {
  /** The app. */
  readonly app: string;
  /** The conversation's id. */
  readonly conversation: string;
  /** The place of its newest message. */
  readonly seq: number;
}

/** What a server keeps. */
export interface Store {
  /**
   * The value kept under a name for the server itself (a signing key, the development app's master
   * key): the one that `make` gives at the very first call, ever after the same.
   */
  readonly setting: (
    name: string,
    make: () => string,
  ) => Promise<{ readonly value: string; readonly made: boolean }>;

  /**
   * Starts a conversation, or finds the unique one with exactly these members. A unique one keeps
   * its identity when members come and go. More than 500 members are refused (4304), more than 10
   * in a temporary one (4304).
   */
  readonly startConversation: (
    app: string,
    start: ConversationStart,
  ) => Promise<{ readonly conversation: Conversation; readonly existing: boolean }>;

  /** The conversation with this id; a temporary one that has ended is not there. */
  readonly conversation: (app: string, id: string) => Promise<Conversation | undefined>;

  /**
   * The conversations that match, in the order asked, then the oldest first; never a temporary one.
   * 1000 at most.
   */
  readonly findConversations: (
    app: string,
    query: ConversationQuery,
  ) => Promise<readonly Conversation[]>;

  /**
   * Adds members on behalf of `actor`. Refused as a whole: no such conversation (4303), the actor
   * is no member and adds others than itself (4317), a temporary one (4308), a room or service
   * conversation, which keeps no members (4314). Refused one by one: beyond 500 (4304). Whoever is
   * a member already is allowed and unchanged. Messages from before are read and delivered to them.
   */
  readonly addMembers: (
    app: string,
    conversation: string,
    actor: string,
    clients: readonly string[],
  ) => Promise<MemberChange>;

  /**
   * Removes members on behalf of `actor`, itself or others. Refused as a whole: no such
   * conversation (4303), the actor is no member (4317), a temporary one (4308), a room or service
   * conversation (4314). Whoever is no member is allowed and unchanged.
   */
  readonly removeMembers: (
    app: string,
    conversation: string,
    actor: string,
    clients: readonly string[],
  ) => Promise<MemberChange>;

  /**
   * Keeps a message and gives it its place. Refused: no such conversation, or the sender is no
   * member of a normal or temporary one (4401). A `dt` is the sender's within this conversation: the
   * same one of another client, or in another conversation, is another message.
   */
  readonly appendMessage: (app: string, message: NewMessage) => Promise<Appended>;

  /**
   * Changes or recalls a message. A recalled one says `{"_lctype":-127}` and mentions nobody. Times
   * of changes are strictly increasing, whatever the clocks say. Refused: the conversation is not
   * there or `from` can't send to it (4401), no such message in it or an edit of a recalled one
   * (4404), somebody else's message (4403). Recalling again changes nothing.
   */
  readonly applyPatch: (app: string, patch: Patch) => Promise<Patched>;

  /**
   * The messages that were changed after `since` (ms) in the conversations of a client, the first
   * change first; of more than `limit` the last ones.
   */
  readonly patches: (
    app: string,
    client: string,
    since: number,
    limit: number,
  ) => Promise<readonly StoredMessage[]>;

  /** The messages that were changed after `since` (ms), of all apps, the first change first. */
  readonly patchedSince: (since: number, limit: number) => Promise<readonly Patched[]>;

  /** Messages of a conversation, always oldest first. Refused: 4303 and 4312. */
  readonly history: (app: string, range: HistoryRange) => Promise<readonly StoredMessage[]>;

  /** Messages by their places, from `after` (excluded) on, oldest first: what a lost event hid. */
  readonly messagesAfter: (
    app: string,
    conversation: string,
    after: number,
    limit: number,
  ) => Promise<readonly StoredMessage[]>;

  /** The place of the newest message that is not newer than `timestamp`; 0 where there is none. */
  readonly seqAt: (app: string, conversation: string, timestamp: number) => Promise<number>;

  /** The conversations that got a message at or after `timestamp`, of all apps. */
  readonly grownSince: (timestamp: number) => Promise<readonly Grown[]>;

  /**
   * The conversations with unread messages of a client, the most recent first, 50 at most. With
   * `since` (ms) only those whose count changed after it, also to 0.
   */
  readonly unread: (app: string, client: string, since?: number) => Promise<readonly Unread[]>;

  /** Moves a client's read mark, never back; read implies delivered. Refused: 4303, 4317. */
  readonly markRead: (
    app: string,
    client: string,
    conversation: string,
    upTo: Mark,
  ) => Promise<ReadChange>;

  /**
   * Notes that messages of others reached a client; resolves with the receipts that fall due with
   * it, in conversations of two: one for each message that wants one and was not delivered before.
   * `from` (ms) leaves older ones alone: they stay undelivered, and so does for the time being what
   * was acknowledged after them (rather twice than never). What is unknown is ignored.
   */
  readonly markDelivered: (
    app: string,
    client: string,
    conversation: string,
    upTo: Mark,
  ) => Promise<readonly Receipt[]>;

  /**
   * The messages of others that no session of a client has acknowledged, oldest first within a
   * conversation, at most the newest 100 of each, at most `limit` in all.
   */
  readonly undelivered: (
    app: string,
    client: string,
    limit: number,
  ) => Promise<{ readonly messages: readonly StoredMessage[]; readonly more: boolean }>;

  /** Finishes what was asked, and lets go of what it holds. Calls after it reject. */
  readonly close: () => Promise<void>;
}
