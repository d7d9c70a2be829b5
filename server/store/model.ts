/**
 * What a store keeps and what it is asked for, as plain values.
 *
 * @module
 */

/**
 * What a conversation is. An exchange is what one client and a service conversation say to each
 * other: clients know it as the service conversation.
 */
export type ConversationKind = "normal" | "room" | "service" | "temporary" | "exchange";

/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | {
  readonly [key: string]: Json;
};

/** A conversation as it is kept. Times are in ms since the epoch. */
export interface Conversation {
  /** 24 hex digits; `_tmp:` before them for a temporary one, a colon and more after an exchange's. */
  readonly id: string;
  /** What it is. */
  readonly kind: ConversationKind;
  /** The client that created it; empty for a service conversation, which the operator created. */
  readonly creator: string;
  /** Its members in the order in which they came; empty for a room and a service conversation. */
  readonly members: ReadonlySet<string>;
  /** The members who want no offline push. */
  readonly muted: ReadonlySet<string>;
  /** The members whose role is Manager. Its creator is its owner, without being here. */
  readonly managers: ReadonlySet<string>;
  /** Those who may not send to it, members or not, the longest silenced first. */
  readonly silenced: ReadonlySet<string>;
  /** Those who can't be in it, the longest blocked first. */
  readonly blocked: ReadonlySet<string>;
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
  /** What it is to be; an exchange begins with its first message. */
  readonly kind: Exclude<ConversationKind, "exchange">;
  /** Who starts it; always a member. Empty where it is the operator, of a service conversation. */
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
export interface MemberChange extends Changed {
  /** Those whose membership changed, in the order asked. */
  readonly changed: readonly string[];
  /** Those for whom what was asked is so now, changed or not. */
  readonly allowed: readonly string[];
  /** Those for whom it was refused, and why, by the protocol's code. */
  readonly refused: readonly { readonly code: number; readonly clients: readonly string[] }[];
}

/** A change of a conversation. */
export interface Changed {
  /** The conversation after it. */
  readonly conversation: Conversation;
}

/** A conversation that was asked for. */
export interface Started extends Changed {
  /** Whether it was there already. */
  readonly existing: boolean;
}

/** A change of who is a manager. */
export interface ManagerChange extends Changed {
  /** Whether that is new. */
  readonly changed: boolean;
}

/** A client's subscription to a service conversation. */
export interface Subscription {
  /** When it began, in ms since the epoch. */
  readonly since: number;
  /** Whether the client wants no offline push. */
  readonly muted: boolean;
}

/** What a client does about its subscription. */
export type SubscriptionAction = "subscribe" | "unsubscribe" | "mute" | "unmute";

/** A change of a subscription. */
export interface SubscriptionChange extends Changed {
  /** Whether that is new. */
  readonly changed: boolean;
}

/** What may be held against a client in a conversation: it may not send, or can't be in it. */
export type Standing = "silenced" | "blocked";

/** A change of who may not send, or who can't be in a conversation. */
export interface StandingChange extends MemberChange {
  /** The members that it removed. */
  readonly left: readonly string[];
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
  /** Who asks: must be a member of a normal or temporary one, not blocked from a room (4312). */
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

/** Which conversations with unread messages are asked for. */
export interface UnreadSince {
  /** Those with an unread message from after this time, in ms; with any, where it is absent. */
  readonly sent?: number | undefined;
  /** Those as well where the client read on after this time, in ms, also to the end. */
  readonly read?: number | undefined;
}

/** What is told of a conversation, to be heard later by those who are away. */
export interface NewNotice {
  /** Who is told: all who are members when they ask, or these clients, members or not. */
  readonly to: "members" | readonly string[];
  /** What they are told. */
  readonly command: Json;
}

/** What was told. */
export interface KeptNotice {
  /** When, in ms since the epoch: strictly increasing within an app. */
  readonly at: number;
  /** What. */
  readonly command: Json;
}

/** What was just told, and where it stands among what else was told to the same. */
export interface Told extends KeptNotice {
  /** Who is told. */
  readonly to: NewNotice["to"];
  /**
   * When the last thing before it was told: to the members, or to each of the clients, in their
   * order. 0 where nothing is known of.
   */
  readonly after: readonly number[];
}

/** Whom things are told to in an order of their own: a conversation's members, or one client. */
export type Audience =
  | { readonly conversation: string; readonly client?: undefined }
  | { readonly client: string; readonly conversation?: undefined };

/** Something that was told lately, the last thing to its audience. */
export type ToldLately = Audience & {
  /** The app. */
  readonly app: string;
  /** When, in ms since the epoch. */
  readonly at: number;
};

/** What is told of a change: made of it where it is made, and kept with it or not at all. */
export type Tell<C> = (change: C) => readonly NewNotice[];

/** What was told of a change. */
export interface WithTold {
  /** Each notice, in order. */
  readonly told: readonly Told[];
}

/** A read mark that moved lately. */
export interface ReadLately {
  /** The app. */
  readonly app: string;
  /** Who has read. */
  readonly client: string;
  /** The conversation's id. */
  readonly conversation: string;
  /** The place of the mark. */
  readonly upTo: number;
}

/** A message whose sender asked for a receipt that is now due. */
export interface Receipt {
  /** The message. */
  readonly message: StoredMessage;
  /** When, in ms since the epoch. */
  readonly at: number;
}

/** How far a member has got. */
export interface Progress {
  /** The member. */
  readonly client: string;
  /** When the newest message that it has read was sent, in ms since the epoch. */
  readonly read?: number;
  /** When the newest message that reached it was sent, in ms since the epoch. */
  readonly delivered?: number;
}

/** Up to where something is acknowledged or read: everything not newer than this. */
export type Mark =
  | { readonly timestamp: number; readonly from?: number }
  | { readonly id: string }
  | { readonly newest: true };

/** What a read mark changed. */
export interface ReadChange {
  /** The place up to which everything is read. */
  readonly upTo: number;
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

/** A client that was forced to log out. */
export interface Kick {
  /** The app. */
  readonly app: string;
  /** The client. */
  readonly client: string;
  /** As of when, in ms since the epoch: what it was let in by before is void. */
  readonly at: number;
  /** Why. */
  readonly reason?: string;
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
