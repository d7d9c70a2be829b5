/**
 * A kept message as the wire states it: in a push, in history, and as a conversation's newest.
 *
 * @module
 */
import { toBase64 } from "@curlew/realtime/codecs/base64";
import type { Command, MessageOf } from "@curlew/realtime/protocol";
import { idForClients } from "../store/exchange.ts";
import type { ConversationKind, Json, StoredMessage, Unread } from "../store/store.ts";

/** What a conversation is, by the wire's number. */
export const conversationTypes: { readonly [Kind in ConversationKind]: number } = {
  normal: 1,
  room: 2,
  service: 3,
  temporary: 4,
  // Clients know it as the service conversation.
  exchange: 3,
};

function mentions({ mentioned, mentionedAll }: StoredMessage) {
  return {
    mentionPids: mentioned.length ? mentioned : undefined,
    mentionAll: mentionedAll || undefined,
  };
}

/** The push of a message, without `peerId`. */
export function directOf(
  message: StoredMessage,
  kind: ConversationKind,
  more: { readonly offline?: boolean; readonly hasMore?: boolean } = {},
): Command {
  const { content } = message;
  return {
    cmd: "direct",
    service: 2,
    directMessage: {
      cid: idForClients(message.conversation),
      id: message.id,
      fromPeerId: message.from,
      timestamp: message.timestamp,
      msg: content.text,
      binaryMsg: content.binary,
      patchTimestamp: message.patchedAt,
      ...mentions(message),
      convType: conversationTypes[kind],
      ...more,
    },
  };
}

/** A message as an item of history. */
export function logItemOf(message: StoredMessage, kind: ConversationKind): MessageOf<"LogItem"> {
  const { content } = message;
  return {
    from: message.from,
    data: content.text ?? toBase64(content.binary),
    bin: content.binary ? true : undefined,
    timestamp: message.timestamp,
    msgId: message.id,
    ackAt: message.deliveredAt,
    readAt: message.readAt,
    patchTimestamp: message.patchedAt,
    ...mentions(message),
    convType: conversationTypes[kind],
  };
}

/** A message that was changed, as the push of a change states it. */
export function patchItemOf(message: StoredMessage): MessageOf<"PatchItem"> {
  const { conversation, id: mid, from, timestamp, patchedAt, recalled, content } = message;
  return {
    cid: idForClients(conversation),
    mid,
    from,
    timestamp,
    patchTimestamp: patchedAt,
    recall: recalled,
    data: content.text,
    binaryMsg: content.binary,
    ...mentions(message),
  };
}

/** How much of a conversation is unread, with its newest message. */
export function unreadTupleOf(unread: Unread): MessageOf<"UnreadTuple"> {
  const { conversation: { id, kind }, count, mentioned, last } = unread;
  return {
    cid: idForClients(id),
    unread: count,
    mentioned,
    convType: conversationTypes[kind],
    ...(last && {
      mid: last.id,
      timestamp: last.timestamp,
      from: last.from,
      data: last.content.text,
      binaryMsg: last.content.binary,
      patchTimestamp: last.patchedAt,
    }),
  };
}

/** A conversation's newest message, as the result of a query states it: all of its keys, always. */
export function lastMessageFields(
  message: StoredMessage | undefined,
): { readonly [key: string]: Json | undefined } {
  const content = message?.content;
  return {
    msg: content && (content.text ?? toBase64(content.binary)),
    bin: content && content.binary !== undefined,
    msg_from: message?.from,
    msg_mid: message?.id,
    msg_timestamp: message?.timestamp,
    patch_timestamp: message?.patchedAt,
    mention_all: message?.mentionedAll,
    mention_pids: message?.mentioned,
  };
}
