/**
 * A message as it arrives: its content, and what is known about it.
 *
 * @module
 */
import { fromBase64 } from "../../codecs/base64_codec.ts";
import { dateOf } from "../date_of.ts";
import { type DecoderHooks, type MessageContent, through } from "./decoders.ts";
import { type Message, MessageStatus } from "./message.ts";
import type { MessageParser } from "./message_parser.ts";

/** A message as it comes, by the names of whatever brings it. */
export interface Arriving {
  /** The conversation. */
  readonly cid?: string | undefined;
  /** The message's id. */
  readonly id?: string | undefined;
  /** The id, as patches and notices of what is unread name it. */
  readonly mid?: string | undefined;
  /** The id, as the history names it. */
  readonly msgId?: string | undefined;
  /** The sender. */
  readonly from?: string | undefined;
  /** The sender, as a message that is being sent names it. */
  readonly fromPeerId?: string | undefined;
  /** The content, where it is bytes. */
  readonly binaryMsg?: Uint8Array | undefined;
  /** The content, where it is text. */
  readonly data?: string | undefined;
  /** The text, as a message that is being sent names it. */
  readonly msg?: string | undefined;
  /** Whether the text is bytes in base64. */
  readonly bin?: boolean | undefined;
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

/** The content of a message as it comes. */
export function contentOf({ binaryMsg, bin, msg = "", data = msg }: Arriving): MessageContent {
  const bytes = bin ? fromBase64(data) : binaryMsg;
  return bytes ? bytes.slice().buffer : data;
}

/** The message that arrived for `reader`; the plugins decode its content. */
export async function receive(
  parser: MessageParser,
  reader: string,
  arriving: Arriving,
  plugins: readonly DecoderHooks[] = [],
): Promise<Message> {
  const {
    cid = "",
    mid,
    msgId = mid,
    id = msgId ?? "",
    fromPeerId = "",
    from = fromPeerId,
    timestamp = 0,
    patchTimestamp,
    ackAt,
    readAt,
    mentionPids = [],
    mentionAll = false,
  } = arriving;
  let content = contentOf(arriving);
  try {
    content = await through(plugins, "decode", content, { cid, from });
  } catch (error) {
    parser.log.error((error as Error).message, { message: id, error });
  }
  return Object.assign(await parser.parse(content), {
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
export function fromFullJSON(json: object): Arriving {
  const { data, mentionList, mentionedAll, deliveredAt, updatedAt, ...same } = json as Record<
    string,
    unknown
  >;
  // The app has it from us: it is as we wrote it.
  return {
    ...same,
    data: typeof data === "string" ? data : JSON.stringify(data),
    ackAt: deliveredAt,
    patchTimestamp: updatedAt,
    mentionAll: mentionedAll,
    mentionPids: mentionList,
  } as unknown as Arriving;
}
