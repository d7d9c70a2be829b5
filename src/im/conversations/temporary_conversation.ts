/** A conversation that ends by itself. @module */
import { ConversationBase, type ConversationFields } from "./conversation_base.ts";

/** What the server says about a temporary conversation. */
export interface TemporaryFields extends ConversationFields {
  /** When it ends. */
  readonly expiredAt?: Date | undefined;
}

/** A conversation that ends by itself after a time. */
export class TemporaryConversation extends ConversationBase {
  /** When it ends. */
  expiredAt?: Date;

  /** @internal */
  override assign(fields: TemporaryFields): void {
    super.assign(fields);
    if (fields.expiredAt) this.expiredAt = fields.expiredAt;
  }
}
