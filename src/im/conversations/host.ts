/**
 * What a conversation needs from the client that it belongs to.
 *
 * @module
 */
import type { Cancel, Command } from "../../protocol/mod.ts";
import type { Message } from "../messages/message.ts";
import type { ConversationBase } from "./conversation_base.ts";

/** How a request is made. */
export interface RequestOptions {
  /** Whether it may go out again on the next link when this one dies before the reply. */
  readonly repeat?: boolean | undefined;
  /** Ends the wait. */
  readonly signal?: Cancel | undefined;
}

/** What a signature factory answers with, as it goes on the wire. */
export interface WireSignature {
  /** The signature. */
  readonly s: string;
  /** Its time, in ms since the epoch. */
  readonly t: number;
  /** Its nonce. */
  readonly n: string;
}

/** What a signed operation on a conversation does to its targets. */
export type ConversationAction = "create" | "invite" | "kick";

/** What is known about a received message beside its content. */
export interface Envelope {
  /** The conversation. */
  readonly cid: string;
  /** The message's id. */
  readonly id: string;
  /** The sender. */
  readonly from: string;
  /** When the server received it, in ms since the epoch. */
  readonly timestamp: number;
  /** When it was changed, in ms since the epoch. */
  readonly patchTimestamp?: number | undefined;
  /** When it was delivered, in ms since the epoch. */
  readonly ackAt?: number | undefined;
  /** When it was read, in ms since the epoch. */
  readonly readAt?: number | undefined;
  /** Whom it mentions. */
  readonly mentionPids?: readonly string[] | undefined;
  /** Whether it mentions everybody. */
  readonly mentionAll?: boolean | undefined;
}

/** What a conversation needs from the client that it belongs to. */
export interface ConversationHost {
  /** The client's id. */
  readonly clientId: string;
  /** Sends a request once the client is logged in, and answers with the reply. */
  readonly request: (command: Command, options?: RequestOptions) => Promise<Command>;
  /** The signature of an operation, where the app signs them. */
  readonly sign: (
    cid: string | null,
    targets: readonly string[],
    action: ConversationAction,
  ) => Promise<WireSignature | undefined>;
  /** A received message; `base64` says that the text is bytes. */
  readonly receive: (
    content: string | Uint8Array,
    envelope: Envelope,
    base64?: boolean,
  ) => Promise<Message>;
  /** Tells the server that the client read this far. */
  readonly read: (conversation: ConversationBase) => void;
  /** Tells the app that the number of unread messages changed. */
  readonly unreadChanged: (conversation: ConversationBase) => void;
  /** An id that nobody can guess. */
  readonly secretId: () => string;
}
