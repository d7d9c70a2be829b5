/**
 * The events of a client.
 *
 * @module
 */
import type { Command } from "../protocol/mod.ts";
import type { ConversationBase } from "./conversations/conversation_base.ts";
import type { ConversationEvents, SharedEvents } from "./conversations/conversation_events.ts";
import type { RealtimeEvents } from "./events.ts";

/** An event of a conversation as the client emits it: with the conversation as second argument. */
export type WithConversation<Args extends readonly unknown[]> = Args extends
  readonly [infer Payload, ...infer Rest]
  ? [payload: Payload, conversation: ConversationBase, ...rest: Rest]
  : [conversation: ConversationBase];

/** The events of a client: the connection's, its own, and those of all its conversations. */
export type IMClientEvents =
  & RealtimeEvents
  & { [K in keyof SharedEvents]: WithConversation<SharedEvents[K]> }
  & {
    /** The connection is back, but the client could not log in again. */
    reconnecterror: [error: Error];
    /** Attributes of a conversation changed. */
    conversationinfoupdated: WithConversation<ConversationEvents["infoupdated"]>;
    /** The numbers of unread messages of these conversations changed. */
    unreadmessagescountupdate: [conversations: ConversationBase[]];
    /** The session ended: by the server, or with code 0 by `close()`. */
    close: [payload: { code: number; reason?: string }];
    /** The same client logged in with the same tag elsewhere; this one is logged out. */
    conflict: [payload: { reason: string }];
    /** The server pushed something that this version has no use for. */
    unhandledmessage: [command: Command];
  };
