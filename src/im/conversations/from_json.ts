/**
 * A conversation as the server's JSON says it: which class it is, and its fields.
 *
 * @module
 */
import { dateOf } from "../date_of.ts";
import type { Message } from "../messages/message.ts";
import { ChatRoom } from "./chat_room.ts";
import { Conversation } from "./conversation.ts";
import type { ConversationBase } from "./conversation_base.ts";
import type { ConversationHost } from "./host.ts";
import type { PersistentFields } from "./persistent_conversation.ts";
import { ServiceConversation } from "./service_conversation.ts";
import { TemporaryConversation, type TemporaryFields } from "./temporary_conversation.ts";

type Json = Readonly<Record<string, unknown>>;

/** The new conversation of that id, of the class that its JSON says. */
export function conversationOf(json: Json, id: string, host: ConversationHost): ConversationBase {
  const Class = json.temp || id.startsWith("_tmp:")
    ? TemporaryConversation
    : json.sys
    ? ServiceConversation
    : json.tr
    ? ChatRoom
    : Conversation;
  return new Class(host, id);
}

/** The last message that comes with a conversation's JSON, where there is one. */
export async function lastMessageOf(
  json: Json,
  cid: string,
  host: ConversationHost,
): Promise<Message | undefined> {
  if (typeof json.msg !== "string" || typeof json.msg_mid !== "string") return undefined;
  return await host.receive({
    cid,
    data: json.msg,
    bin: json.bin === true,
    id: json.msg_mid,
    from: String(json.msg_from),
    timestamp: Number(json.msg_timestamp),
    patchTimestamp: json.patch_timestamp as number | undefined,
    mentionAll: json.mention_all as boolean | undefined,
    mentionPids: json.mention_pids as string[] | undefined,
  });
}

/** The fields of a conversation by its JSON; what is no field of the protocol is an attribute. */
export function fieldsOf(json: Json, now: number): PersistentFields & TemporaryFields {
  // deno-fmt-ignore
  const {
    objectId: _, lm, c, m, mu, tr, sys, createdAt, updatedAt, muted, ttl, temp: _temp,
    conv_type: _type, unique: _unique, uniqueId: _uniqueId, tempConv: _tempConv, tempConvTTL,
    msg: _msg, bin: _bin, msg_from: _from, msg_mid: _mid, msg_timestamp: _timestamp,
    patch_timestamp: _patched, mention_all: _all, mention_pids: _pids, ...attributes
  } = json;
  const life = ttl ?? tempConvTTL;
  return {
    members: m as string[] | undefined,
    mutedMembers: mu as string[] | undefined,
    creator: c as string | undefined,
    transient: tr as boolean | undefined,
    system: sys as boolean | undefined,
    muted: muted as boolean | undefined,
    createdAt: dateOf(createdAt),
    updatedAt: dateOf(updatedAt),
    lastMessageAt: dateOf(lm),
    expiredAt: typeof life === "number" ? new Date(now + life * 1000) : undefined,
    // Who may not know more than the kind of it is not told of them.
    attributes: createdAt ? attributes : undefined,
  };
}

/**
 * The fields of a conversation by what its `toFullJSON` gave; what such a conversation does not have of
 * its own, `own` being what a new one gives, is an attribute.
 */
export function fullFieldsOf(json: Json, own: Json): PersistentFields & TemporaryFields {
  const fields: Record<string, unknown> = {};
  const attributes: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(json)) {
    if (Object.hasOwn(own, key)) fields[key] = key.endsWith("At") ? dateOf(value) : value;
    else attributes[key] = value;
  }
  return { ...fields, attributes };
}
