/** A conversation that anybody may enter. @module */
import { PersistentConversation } from "./persistent_conversation.ts";

/** A conversation that anybody may enter, of any size; it counts nothing as unread. */
export class ChatRoom extends PersistentConversation {}
