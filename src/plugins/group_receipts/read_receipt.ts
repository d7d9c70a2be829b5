/** What a member of a group tells the others when it has read. @module */
import { brand } from "../../im/messages/brand.ts";
import type { Message, SendOptions } from "../../im/messages/message.ts";
import { TypedMessage } from "../../im/messages/typed_message.ts";

/** The time that a content says it is about, in ms since the epoch; `NaN` where it is none. */
function timeOf(content: unknown): number {
  const { timestamp } = content as { readonly timestamp?: unknown };
  return typeof timestamp === "string" || typeof timestamp === "number"
    ? new Date(timestamp).getTime()
    : NaN;
}

/** What a member of a group tells the others when it has read. It reaches who is online alone. */
export class ReadReceipt extends TypedMessage {
  /** The number of the type, as on the wire. */
  static override TYPE: number = -101;
  /** How it is sent. */
  static readonly sendOptions: SendOptions = { transient: true };
  /** When the newest message that was read was sent. Its own `timestamp` says when it was sent. */
  readonly upTo: Date;

  /** Tells that everything up to that time was read. */
  constructor(upTo: Date) {
    super();
    this.upTo = upTo;
  }

  /** Whether the content is JSON of this type with a time: some calls by video have this type too. */
  static override validate(content: unknown): boolean {
    return super.validate(content) && !Number.isNaN(timeOf(content));
  }

  /** Reads received JSON. */
  static override parse(content: unknown, message?: Message): Message {
    return super.parse(content, message ?? new this(new Date(timeOf(content))));
  }

  /** What goes out on the wire. */
  override getPayload(): Record<string, unknown> {
    return { ...super.getPayload(), timestamp: this.upTo };
  }
}

brand(ReadReceipt, "ReadReceipt");
