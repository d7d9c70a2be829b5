/** What new conversations are like. @module */
import type { Unstated } from "../unstated.ts";

/** What a new conversation is like; what is not named here becomes an attribute. */
export interface ConversationOptions {
  /** Its name. */
  readonly name?: string | undefined;
  /** Anything else. */
  readonly [attribute: string]: Unstated;
}

/** What a new conversation is like, and who is in it. */
export interface CreateConversationOptions extends ConversationOptions {
  /** The client ids of its members; the creator is always one. Only a chat room needs none. */
  readonly members?: readonly string[] | undefined;
  /** Whether it is a chat room. */
  readonly transient?: boolean | undefined;
  /** Whether the same members get the same conversation again; true unless said otherwise. */
  readonly unique?: boolean | undefined;
}

/** What a new temporary conversation is like. */
export interface TemporaryConversationOptions {
  /** The client ids of its members; the creator is always one. */
  readonly members?: readonly string[] | undefined;
  /** After how many s it ends. */
  readonly ttl?: number | undefined;
}
