/** Attributes as properties. @module */
import { Conversation } from "./conversation.ts";

/**
 * Makes an attribute a property of every {@link Conversation}; like any attribute it is kept by
 * `save()`. A `descriptor` may say otherwise what the property gives and takes.
 *
 * @example
 * ```ts
 * import { defineConversationProperty } from "@curlew/realtime";
 *
 * declare module "@curlew/realtime" {
 *   interface ConversationProperties {
 *     color: string;
 *   }
 * }
 *
 * defineConversationProperty("color");
 * conversation.color = "red";
 * await conversation.save();
 * ```
 */
export function defineConversationProperty(
  name: string,
  descriptor: PropertyDescriptor & ThisType<Conversation> = {
    get() {
      return this.get(name);
    },
    set(value) {
      this.set(name, value);
    },
  },
): void {
  Object.defineProperty(Conversation.prototype, name, descriptor);
}
