/**
 * A message as it arrives: its content, and what is known about it.
 *
 * @module
 */
import { fromBase64 } from "../../codecs/base64_codec.ts";
import { dateOf } from "../date_of.ts";
import type { MessageContent } from "./decoders.ts";
import { type Message, MessageStatus } from "./message.ts";
import type { MessageParser } from "./message_parser.ts";

/** What is known about a received message beside its content. */
export interface Envelope {
  /** The conversation. */
  readonly cid?: string | undefined;
  /** The message's id. */
  readonly id?: string | undefined;
  /** The sender. */
  readonly from?: string | undefined;
  /** When the server received it, in ms since the epoch. */
  readonly timestamp?: number | undefined;
  /** When it was changed, in ms since the epoch. */
  readonly patchTimestamp?: number | undefined;
  /** When it was delivered, in ms since the epoch. */
  readonly ackAt?: number | undefined;
  /** When it was read, in ms since the epoch. */
  readonly readAt?: number | undefined;
  /** Whom it mentions. */
  readonly mentionPids?: readonly string[] | undefined;
  /** Whether it mentions everybody. */
  readonly mentionAll?: boolean | undefined;
}

/** A content as it came; `base64` says that the text is bytes. */
export function contentOf(content: string | Uint8Array, base64?: boolean): MessageContent {
  const bytes = typeof content === "string" ? base64 && fromBase64(content) : content;
  return bytes ? bytes.slice().buffer : content as string;
}

/** The message that arrived for `reader`. */
export async function receive(
  parser: MessageParser,
  reader: string,
  content: MessageContent,
  envelope: Envelope,
): Promise<Message> {
  const message = await parser.parse(content);
  const {
    cid = "",
    id = "",
    from = "",
    timestamp = 0,
    patchTimestamp,
    ackAt,
    readAt,
    mentionPids = [],
    mentionAll = false,
  } = envelope;
  return Object.assign(message, {
    cid,
    id,
    from,
    timestamp: new Date(timestamp),
    status: ackAt === undefined ? MessageStatus.SENT : MessageStatus.DELIVERED,
    mentionList: [...mentionPids],
    mentionedAll: mentionAll,
    mentioned: from !== reader && (mentionAll || mentionPids.includes(reader)),
    updatedAt: dateOf(patchTimestamp),
    deliveredAt: dateOf(ackAt),
    readAt: dateOf(readAt),
  });
}

/** What `Message.toFullJSON` gave, as `receive` takes it. */
export function fromFullJSON(
  json: object,
): [content: MessageContent, envelope: Envelope] {
  const { data, bin, mentionList, mentionedAll, deliveredAt, updatedAt, ...same } = json as Record<
    string,
    unknown
  >;
  const envelope = {
    ...same,
    ackAt: deliveredAt,
    patchTimestamp: updatedAt,
    mentionAll: mentionedAll,
    mentionPids: mentionList,
  };
  // The app has it from us: it is as we wrote it.
  return [
    contentOf(typeof data === "string" ? data : JSON.stringify(data), bin === true),
    envelope as unknown as Envelope,
  ];
}
