/**
 * What is told to other sessions, over the bus: plain objects that can be written as JSON with
 * bytes.
 *
 * @module
 */
import type { Command } from "@curlew/realtime/protocol";
import type { ConversationKind, KeptNotice, StoredMessage } from "../store/store.ts";
import type { Will } from "./will.ts";

/**
 * A kept message, for the sessions of these clients, or for those inside where its conversation is
 * a room. Lost ones are read from the store.
 */
export interface MessageEvent {
  /** Which event it is. */
  readonly kind: "message";
  /** The clients. */
  readonly to: readonly string[];
  /** The session that sent it, which has its own reply. */
  readonly except: string;
  /** What its conversation is. */
  readonly conversationKind: ConversationKind;
  /** How much it matters in a room: 1 most, 3 least. */
  readonly priority?: number;
  /** The message. */
  readonly message: StoredMessage;
}

/**
 * What was told of a conversation and is kept, for the sessions of these clients: its members, or
 * some clients alone. What is lost is read from the store.
 */
export interface ToldEvent extends KeptNotice {
  /** Which event it is. */
  readonly kind: "told";
  /** The conversation whose members are told; absent where clients are told alone. */
  readonly conversation?: string;
  /** The clients. */
  readonly to: readonly string[];
  /** When the last thing before it was told: to the members, or to each of the clients. */
  readonly after: readonly number[];
}

/** What something is the newest state of. */
export interface Newest {
  /** What it is about. */
  readonly of: string;
  /** A number that rises with each change of it. */
  readonly version: number;
}

/** A push that is not kept, for the sessions of these clients. */
export interface NoticeEvent {
  /** Which event it is. */
  readonly kind: "notice";
  /** Its own id, by which a repeated one is known. */
  readonly id: string;
  /** The clients. */
  readonly to: readonly string[];
  /** The room for whose sessions it is, rather than for clients. */
  readonly room?: string;
  /** How much it matters there: 1 most, 3 least. */
  readonly priority?: number;
  /** What it says the newest of: where a newer one was told before, it is not told. */
  readonly newest?: readonly Newest[];
  /** A session that is not to get it. */
  readonly except?: string;
  /** Only sessions of this version get it, where one is named. */
  readonly version?: 3;
  /** The push, without `peerId`. */
  readonly command: Command;
}

/** A login under a tag, which ends the client's sessions of that tag on other devices. */
export interface TakeoverEvent {
  /** Which event it is. */
  readonly kind: "takeover";
  /** Its own id, by which a repeated one is known. */
  readonly id: string;
  /** The client. */
  readonly client: string;
  /** The tag. */
  readonly tag: string;
  /** The device of the new session. */
  readonly device?: string;
  /** The new session. */
  readonly session: string;
}

/** A client that was lost, and what it left, which goes on with it where it is back or comes soon. */
export interface LostEvent {
  /** Which event it is. */
  readonly kind: "lost";
  /** Its own id, by which a repeated one is known. */
  readonly id: string;
  /** The client. */
  readonly client: string;
  /** Its device. */
  readonly device?: string;
  /** The room that it was in. */
  readonly room?: string;
  /** What the others are to hear, unless it is back already; of who names its device alone. */
  readonly will?: Will;
}

/** A client that was lost is here: its will is taken over. */
export interface HeirEvent {
  /** Which event it is. */
  readonly kind: "heir";
  /** Its own id, by which a repeated one is known. */
  readonly id: string;
  /** The id of the event that told of the loss. */
  readonly of: string;
}

/** A last will was sent: where it was taken over, too late, it is let go of. */
export interface ExecutedEvent {
  /** Which event it is. */
  readonly kind: "executed";
  /** Its own id, by which a repeated one is known. */
  readonly id: string;
  /** The client. */
  readonly client: string;
  /** The will's id. */
  readonly will: string;
}

/** A forced logout, which ends the client's sessions from before it. */
export interface KickEvent {
  /** Which event it is. */
  readonly kind: "kick";
  /** The client. */
  readonly client: string;
  /** As of when, in ms since the epoch. */
  readonly at: number;
  /** Why. */
  readonly reason?: string;
}

/** What passes over the bus. The topic is the app's id. */
export type ServiceEvent =
  | MessageEvent
  | ToldEvent
  | NoticeEvent
  | TakeoverEvent
  | LostEvent
  | HeirEvent
  | ExecutedEvent
  | KickEvent;
