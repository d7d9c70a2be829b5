/**
 * A conversation as the result of a query states it.
 *
 * @module
 */
import type { Conversation, StoredMessage, Subscription } from "../store/store.ts";
import { isoTime } from "./iso_time.ts";
import { conversationTypes, lastMessageFields } from "./message_fields.ts";

/** The keys that say what the server knows, so that no attribute may have their names. */
const serversKeys = new Set(
  ("objectId c m mu muted tr sys unique uniqueId temp tempConv ttl tempConvTTL conv_type createdAt " +
    "updatedAt lm joined joinedAt msg bin msg_from msg_mid msg_timestamp patch_timestamp mention_all " +
    "mention_pids").split(" "),
);

/** Whether a key is the server's own. */
export function isServersKey(key: string): boolean {
  return serversKeys.has(key);
}

/** What of a conversation is asked for, by whom and when. */
export interface Shown {
  /** Who asks. */
  readonly client: string;
  /** In ms since the epoch. */
  readonly now: number;
  /** Leaves the members out. */
  readonly compact: boolean;
  /** The client's subscription, where there is one to a service conversation. */
  readonly subscription?: Subscription | undefined;
  /** The newest message, where it is asked for. */
  readonly last?: StoredMessage | undefined;
}

/**
 * The object that becomes one element of `results.data`, once it is written as JSON. What the server
 * knows wins over attributes, also where it is nothing: clients trust these keys to be what they are.
 */
export function conversationJson(
  conversation: Conversation,
  { client, now, compact, subscription, last }: Shown,
): Record<string, unknown> {
  const { kind, members, muted, uniqueId, lastMessageAt, expiresAt } = conversation;
  const ttl = expiresAt === undefined
    ? undefined
    : Math.max(0, Math.ceil((expiresAt - now) / 1000));
  const temporary = kind === "temporary";
  const service = kind === "service";
  const wantNone = subscription?.muted ? new Set([client]) : muted;
  return {
    ...conversation.attributes,
    objectId: conversation.id,
    // A service conversation has no creator among clients.
    c: conversation.creator || undefined,
    m: compact ? undefined : [...members],
    // Of a service conversation everybody sees itself alone. Swift goes by `muted`, others by `mu`.
    mu: [...wantNone],
    muted: wantNone.has(client),
    joined: service ? subscription !== undefined : undefined,
    joinedAt: subscription?.since,
    tr: kind === "room",
    sys: service,
    unique: conversation.unique,
    uniqueId,
    // Two names for the same: Swift, Java and JavaScript read the first pair, C# the second.
    temp: temporary,
    tempConv: temporary,
    ttl,
    tempConvTTL: ttl,
    conv_type: conversationTypes[kind],
    createdAt: isoTime(conversation.createdAt),
    updatedAt: isoTime(conversation.updatedAt),
    lm: lastMessageAt === undefined ? undefined : { __type: "Date", iso: isoTime(lastMessageAt) },
    ...lastMessageFields(last),
  };
}

/** What is said of a conversation to those whom nothing of it concerns: that there is one. */
export function conversationOutline({ id, kind }: Conversation): Record<string, unknown> {
  return {
    objectId: id,
    tr: kind === "room",
    sys: kind === "service",
    temp: kind === "temporary",
    conv_type: conversationTypes[kind],
  };
}
