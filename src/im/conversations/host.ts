/**
 * What a conversation needs from the client that it belongs to.
 *
 * @module
 */
import type { Log } from "../../environment/mod.ts";
import type { Command } from "../../protocol/mod.ts";
import type { CallOptions } from "../call_options.ts";
import type { Receipts } from "../receipts.ts";
import type { MessageContent } from "../messages/decoders.ts";
import type { Message } from "../messages/message.ts";
import type { Arriving } from "../messages/receive.ts";

/** How a request is made. */
export interface RequestOptions extends CallOptions {
  /** Whether it must not go out again on the next link when this one dies before the reply. */
  readonly once?: boolean | undefined;
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
export type ConversationAction =
  | "create"
  | "invite"
  | "kick"
  | "conversation-block-clients"
  | "conversation-unblock-clients";

/** What a conversation needs from the client that it belongs to. */
export interface ConversationHost {
  /** Where failures go. */
  readonly log: Log;
  /** The client's id. */
  readonly clientId: string;
  /** Sends a request once the client is logged in, and answers with the reply. */
  readonly request: (command: Command, options?: RequestOptions) => Promise<Command>;
  /** The conversations of these ids, asked for where they are not known, or all with `noCache`. */
  readonly find: (
    cids: readonly string[],
    noCache?: boolean,
    options?: CallOptions,
  ) => Promise<readonly object[]>;
  /** The signature of an operation, where the app signs them. */
  readonly sign: (
    cid: string | null,
    targets: readonly string[],
    action: ConversationAction,
    options?: CallOptions,
  ) => Promise<WireSignature | undefined>;
  /** A message that arrived. */
  readonly receive: (arriving: Arriving) => Promise<Message>;
  /** A message from its `toFullJSON`. */
  readonly parse: (json: object) => Promise<Message>;
  /** What goes out in place of a content. */
  readonly encode: (content: MessageContent, cid: string) => Promise<MessageContent>;
  /** Whether that message was sent or dispatched before; from now on it was. */
  readonly seen: (id: string) => boolean;
  /** Tells the server how far the client has read, and what arrived. */
  readonly receipts: Receipts;
  /** Tells the app that a conversation's number of unread messages changed. */
  readonly unreadChanged: (cid: string) => void;
  /** What the REST interface answers to this client, by a path after `/1.1/` and a query. */
  readonly rest: (
    path: string,
    query: string,
    options?: CallOptions,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** The messages of all conversations as they arrive. */
  readonly messages: (
    options?: CallOptions,
  ) => AsyncIterable<readonly [message: Message, conversation: object]>;
  /** The time, in ms since the epoch. */
  readonly now: () => number;
  /** An id that nobody can guess. */
  readonly secretId: () => string;
}
