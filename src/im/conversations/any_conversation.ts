/** A conversation of which the compiler does not know the kind. @module */
import type { Unstated } from "../unstated.ts";
import type { Conversation } from "./conversation.ts";
import type { PersistentConversation } from "./persistent_conversation.ts";
import type { ServiceConversation } from "./service_conversation.ts";

/**
 * An ordinary conversation, as it mostly is, or a chat room, or a service conversation: the program
 * knows which, and the compiler leaves it to it, as it does by LeanCloud's declarations. `instanceof`
 * tells.
 */
export type AnyConversation<A extends object = Unstated> =
  & PersistentConversation<A>
  & Omit<Conversation, keyof PersistentConversation>
  & Partial<Omit<ServiceConversation, keyof PersistentConversation>>;
