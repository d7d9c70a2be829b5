/**
 * What a server keeps. `Store` speaks the domain, not rows: every method is async and takes the
 * app first, so that apps can't meet. What it resolved is durable. What an operation depends on
 * (is the sender a member? is there room?) is checked inside it, in the transaction that writes.
 *
 * A refusal is a `RealtimeError` with the protocol's code, thrown before anything is written (4103
 * for a client id with a NUL character, everywhere); anything else that a method rejects
 * with is a failure of the storage itself, and then nothing of the operation was kept.
 *
 * What changes a conversation takes a `tell`, which makes of the change what is told of it, for 7 days; and so do marks. That is
 * kept in the same transaction, so what happened and what was told of it can't differ; and where it
 * throws, nothing happened.
 *
 * @module
 */
import type {
  Appended,
  Audience,
  Changed,
  Conversation,
  ConversationQuery,
  ConversationStart,
  Grown,
  HistoryRange,
  Json,
  KeptNotice,
  Kick,
  ManagerChange,
  Mark,
  MemberChange,
  NewMessage,
  Patch,
  Patched,
  Progress,
  ReadChange,
  ReadLately,
  Receipt,
  Standing,
  StandingChange,
  Started,
  StoredMessage,
  Subscription,
  SubscriptionAction,
  SubscriptionChange,
  Tell,
  ToldLately,
  Unread,
  UnreadSince,
  WithTold,
} from "./model.ts";

export type * from "./model.ts";

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
   * its identity when members come and go; but where those who are in it now are not those asked
   * for, another one takes its place. More than 500 members are refused (4304), more than 10
   * in a temporary one (4304).
   */
  readonly startConversation: (
    app: string,
    start: ConversationStart,
    tell?: Tell<Started>,
  ) => Promise<Started & WithTold>;

  /** The conversation with this id; a temporary one that has ended, or an exchange, is not there. */
  readonly conversation: (app: string, id: string) => Promise<Conversation | undefined>;

  /**
   * The conversations that match, in the order asked, then the oldest first; never a temporary one
   * or an exchange. 1000 at most.
   */
  readonly findConversations: (
    app: string,
    query: ConversationQuery,
  ) => Promise<readonly Conversation[]>;

  /**
   * Adds members on behalf of `actor`. Refused as a whole: no such conversation (4303), the actor
   * is no member and adds others than itself (4317), a temporary one (4308), a room or service
   * conversation, which keeps no members (4314). Refused one by one: beyond 500 (4304), who is
   * blocked (4548). Whoever is a member already is allowed and unchanged. Messages from before are read and delivered to them.
   */
  readonly addMembers: (
    app: string,
    conversation: string,
    actor: string,
    clients: readonly string[],
    tell?: Tell<MemberChange>,
  ) => Promise<MemberChange & WithTold>;

  /**
   * Removes members on behalf of `actor`, itself or others. Refused as a whole: no such
   * conversation (4303), the actor is no member (4317), a temporary one (4308), a room or service
   * conversation (4314). Whoever is no member is allowed and unchanged. Where roles count, refused
   * one by one: the owner (4324), and others than the actor whose role is not below the actor's, or
   * all of them where the actor is a mere member (4320).
   */
  readonly removeMembers: (
    app: string,
    conversation: string,
    actor: string,
    clients: readonly string[],
    options?: { readonly rolesCount: boolean },
    tell?: Tell<MemberChange>,
  ) => Promise<MemberChange & WithTold>;

  /**
   * Silences clients, so that they may not send, or blocks them, so that they can't be in the
   * conversation and are removed from it; or takes that back. Refused as a whole: no such
   * conversation (4303), a temporary or service one (4308), the actor is no member (4317), or
   * neither owner nor manager (4320). Refused one by one: whose role is not below the actor's
   * (4320), and beyond 500, or 10,000 in a room (4561, 4543).
   */
  readonly setStanding: (
    app: string,
    conversation: string,
    actor: string,
    clients: readonly string[],
    standing: Standing,
    on: boolean,
    tell?: Tell<StandingChange>,
  ) => Promise<StandingChange & WithTold>;

  /**
   * Makes a member a manager, or a mere member again. Refused: no such conversation (4303), one
   * without lasting members (4308, 4314), one of the two is no member (4317), the actor is neither
   * owner nor manager, or its role is not above the other's (4320), the other is the owner (4324).
   */
  readonly setManager: (
    app: string,
    conversation: string,
    actor: string,
    client: string,
    manager: boolean,
    tell?: Tell<ManagerChange>,
  ) => Promise<ManagerChange & WithTold>;

  /**
   * Changes attributes on behalf of `actor`: each key of `changes` is a path such as `attr.color`,
   * each value what is to be there or one of LeanCloud's operators. Refused: no such conversation
   * (4303), the actor is no member, or in a room not its creator (4309), a temporary or service
   * conversation (4308), a path or an operator that can't be, or too much in all (4306).
   */
  readonly updateConversation: (
    app: string,
    conversation: string,
    actor: string,
    changes: { readonly [path: string]: Json },
    tell?: Tell<Changed>,
  ) => Promise<Changed & WithTold>;

  /**
   * Notes whether a member wants no offline push; in a room, of which there is none, nothing has to
   * be noted. Refused: no such conversation (4303), no member (4317), a temporary one (4308), a
   * service conversation (4314).
   */
  readonly setMuted: (
    app: string,
    conversation: string,
    client: string,
    muted: boolean,
  ) => Promise<Conversation>;

  /**
   * Changes a client's subscription to a service conversation, where that is new. Refused: no such
   * conversation (4303), one that is no service conversation (4308), muting or not what the client
   * is not subscribed to (4317).
   */
  readonly changeSubscription: (
    app: string,
    conversation: string,
    client: string,
    action: SubscriptionAction,
    tell?: Tell<SubscriptionChange>,
  ) => Promise<SubscriptionChange & WithTold>;

  /** A client's subscription to a service conversation. */
  readonly subscription: (
    app: string,
    conversation: string,
    client: string,
  ) => Promise<Subscription | undefined>;

  /** How many clients are subscribed to a service conversation. */
  readonly subscriberCount: (app: string, conversation: string) => Promise<number>;

  /**
   * Keeps a message and gives it its place. Refused: no such conversation, or the sender is no
   * member of a normal or temporary one (4401), or is silenced (4563) or blocked (4548); a temporary
   * one that has ended is not found (4303). A `dt` is the sender's within this conversation: the
   * same one of another client, or in another conversation, is another message.
   *
   * To a service conversation everybody may send. What one client sends is kept in an exchange of
   * its own, which is the message's conversation from then on: with the id of the service
   * conversation a client reads, marks and changes what is in its own exchange, and nothing else.
   */
  readonly appendMessage: (app: string, message: NewMessage) => Promise<Appended>;

  /**
   * Changes or recalls a message. A recalled one says `{"_lctype":-127}` and mentions nobody. Times
   * of changes are strictly increasing, whatever the clocks say. Refused: the conversation is not
   * there or `from` can't send to it (4401, or 4303 as above), no such message in it or an edit of a
   * recalled one (4404), somebody else's message (4403). Recalling again changes nothing.
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
   * The conversations with unread messages of a client, the most recent first, 50 at most; with
   * `since`, those whose count changed lately.
   */
  readonly unread: (app: string, client: string, since?: UnreadSince) => Promise<readonly Unread[]>;

  /** Moves a client's read mark, never back; read implies delivered. Refused: 4303, 4317. */
  readonly markRead: (
    app: string,
    client: string,
    conversation: string,
    upTo: Mark,
    tell?: Tell<ReadChange>,
  ) => Promise<ReadChange & WithTold>;

  /**
   * The read marks that moved at or after `timestamp` (ms), of all apps: as many of the last ones
   * as a store remembers, but for those from before it was opened. They may be of clients that left
   * the conversation meanwhile.
   */
  readonly readSince: (timestamp: number) => Promise<readonly ReadLately[]>;

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
    tell?: Tell<readonly Receipt[]>,
  ) => Promise<{ readonly receipts: readonly Receipt[] } & WithTold>;

  /** How far each member has read and received; who has neither got anything is told too. */
  readonly progress: (app: string, conversation: string) => Promise<readonly Progress[]>;

  /**
   * The messages of others that no session of a client has acknowledged, oldest first within a
   * conversation, at most the newest 100 of each, at most `limit` in all.
   */
  readonly undelivered: (
    app: string,
    client: string,
    limit: number,
  ) => Promise<{ readonly messages: readonly StoredMessage[]; readonly more: boolean }>;

  /**
   * What was told to the members of a conversation, or to a client alone, after a time in ms; of one
   * that is not there, or has ended, nothing.
   */
  readonly toldAfter: (
    app: string,
    audience: Audience,
    after: number,
    limit: number,
  ) => Promise<readonly KeptNotice[]>;

  /** Who was told something at or after `timestamp` (ms), in all apps. */
  readonly toldSince: (timestamp: number) => Promise<readonly ToldLately[]>;

  /**
   * A time (ms) that nothing told in an app until now is later than, and all that is told from now
   * on. It may miss what nobody was told of yet; a login waits for it, so it is had at once.
   */
  readonly lastTold: (app: string) => Promise<number>;

  /** What a client was told after `since` (ms), of its conversations or itself; the first `limit`. */
  readonly notices: (
    app: string,
    client: string,
    since: number,
    limit: number,
  ) => Promise<readonly KeptNotice[]>;

  /**
   * Notes who used a nonce, until a time in ms: `true` for the first holder and whenever it comes
   * again, `false` for others.
   */
  readonly claimNonce: (
    app: string,
    nonce: string,
    holder: string,
    until: number,
  ) => Promise<boolean>;

  /**
   * Notes that a client is forced to log out, and says as of when: later than each time of this client
   * before. It is known for 7 days.
   */
  readonly kick: (app: string, client: string, reason?: string) => Promise<Kick>;

  /** When a client was last forced to log out, in ms. */
  readonly lastKick: (app: string, client: string) => Promise<number | undefined>;

  /**
   * Who was forced to log out at or after `timestamp` (ms), of all apps: the last time of each, in
   * the order of these times.
   */
  readonly kickedSince: (timestamp: number) => Promise<readonly Kick[]>;

  /** Finishes what was asked, and lets go of what it holds. Calls after it reject. */
  readonly close: () => Promise<void>;
}
