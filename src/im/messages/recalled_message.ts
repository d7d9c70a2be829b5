/** What is left of a message that its sender took back. @module */
import { brand } from "./brand.ts";
import { TypedMessage } from "./typed_message.ts";

/** What is left of a message that its sender took back. */
export class RecalledMessage extends TypedMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -127;

  /** A line that stands for the message in a list. */
  override get summary(): string {
    return "[该消息已被撤回]";
  }
}

brand(RecalledMessage, "RecalledMessage");
