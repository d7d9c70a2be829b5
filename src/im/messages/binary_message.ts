/** A message of bytes. @module */
import { brand } from "./brand.ts";
import { Message } from "./message.ts";

/** A message of bytes. */
export class BinaryMessage extends Message {
  /** A message of these bytes. */
  constructor(buffer: ArrayBuffer) {
    if (!(buffer instanceof ArrayBuffer)) {
      throw new TypeError(`Argument buffer must be an ArrayBuffer, not ${buffer}`);
    }
    super(buffer);
  }

  /** The bytes. */
  get buffer(): ArrayBuffer {
    return this.content as ArrayBuffer;
  }

  /** The bytes. */
  set buffer(buffer: ArrayBuffer) {
    this.content = buffer;
  }

  /** Whether the content is bytes. */
  static override validate(content: unknown): boolean {
    return content instanceof ArrayBuffer;
  }

  /** Reads received bytes. */
  static override parse(content: unknown, message?: Message): Message {
    return super.parse(content, message ?? new this(content as ArrayBuffer));
  }
}

brand(BinaryMessage, "BinaryMessage");
