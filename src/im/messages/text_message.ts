/** A text. @module */
import { brand } from "./brand.ts";
import { TypedMessage } from "./typed_message.ts";

/** A text. */
export class TextMessage extends TypedMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -1;

  /** A message that says `text`. */
  constructor(text = "") {
    super();
    this.text = text;
  }
}

brand(TextMessage, "TextMessage");
