/** An ordinary conversation. @module */
import { PersistentConversation } from "./persistent_conversation.ts";

/** An ordinary conversation: of two, or of a group. */
export class Conversation extends PersistentConversation {}
