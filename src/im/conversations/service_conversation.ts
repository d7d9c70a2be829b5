/** A conversation that an app's operator runs. @module */
import { PersistentConversation } from "./persistent_conversation.ts";

/** A conversation that an app's operator runs and clients subscribe to. */
export class ServiceConversation extends PersistentConversation {}
