/** A conversation that anybody may enter. @module */
import type { Unstated } from "../unstated.ts";
import { PersistentConversation } from "./persistent_conversation.ts";

/** A conversation that anybody may enter, of any size; it counts nothing as unread. */
export class ChatRoom<A extends object = Unstated> extends PersistentConversation<A> {}
