/**
 * Starting conversations, and asking about them.
 *
 * @module
 */
import { type Command, type MessageOf, protocolError } from "@curlew/realtime/protocol";
import { ATTRIBUTES_SIZE, isAttributeName } from "../store/attribute_change.ts";
import type { Conversation, ConversationStart, Started } from "../store/store.ts";
import { CLIENT_ID_RULE, isClientId } from "./client_id.ts";
import type { Caller, Context, Handler } from "./context.ts";
import { isoTime } from "./iso_time.ts";
import { telling, toldEvents } from "./notices.ts";
import { parseObject } from "./parse_object.ts";
import { mustBeSigned } from "./signatures.ts";

/** Of how many conversations may be asked at once whether somebody is in them. */
const ASKED_LIMIT = 1_000;
/** How long a temporary conversation may live, in s. */
const TEMPORARY_TTL = { usual: 86_400, most: 30 * 86_400 };

/** The ids of clients in a command. */
export function clientIds(ids: readonly string[] = []): readonly string[] {
  if (!ids.every(isClientId)) throw protocolError("CONVERSATION_API_FAILED", CLIENT_ID_RULE);
  return ids;
}

/** The conversation that a command names. */
export async function named(
  { convMessage }: Command,
  { app }: Caller,
  { store }: Context,
): Promise<Conversation> {
  const cid = convMessage?.cid ?? "";
  const conversation = cid ? await store.conversation(app.id, cid) : undefined;
  if (conversation) return conversation;
  throw protocolError("CONVERSATION_NOT_FOUND", `There is no conversation ${JSON.stringify(cid)}`);
}

/** Why these can't be the attributes of a conversation. */
export function attributesFault(attributes: ConversationStart["attributes"]): string | undefined {
  const bad = Object.keys(attributes).find((key) => !isAttributeName(key));
  if (bad !== undefined) return `${JSON.stringify(bad)} can't be the name of an attribute`;
  if (JSON.stringify(attributes).length <= ATTRIBUTES_SIZE) return undefined;
  return `The attributes of a conversation take ${ATTRIBUTES_SIZE} characters at most`;
}

/** The attributes of a conversation that starts. */
function attributesOf(attr: MessageOf<"ConvCommand">["attr"]): ConversationStart["attributes"] {
  const attributes = parseObject(attr?.data, "CONVERSATION_API_FAILED", "attr");
  const fault = attributesFault(attributes);
  if (fault !== undefined) throw protocolError("CONVERSATION_API_FAILED", fault);
  return attributes;
}

/** Starts a conversation; a unique one that was there already is found, and nobody hears of it. */
export const start: Handler = async (caller, { convMessage = {} }, context) => {
  const { m, attr, transient, tempConv, tempConvTTL } = convMessage;
  const kind = transient ? "room" : tempConv ? "temporary" : "normal";
  const seconds = Math.min(
    tempConvTTL && tempConvTTL > 0 ? tempConvTTL : TEMPORARY_TTL.usual,
    TEMPORARY_TTL.most,
  );
  const asked = clientIds(m);
  // Swift has no signature for a temporary one.
  if (kind !== "temporary") {
    const signed = { clients: asked, actions: [] };
    await mustBeSigned("conversations", caller, convMessage, signed, context);
  }
  const tell = telling<Started>(({ conversation }) => {
    const m = [...conversation.members];
    return [{ op: "joined", to: m }, { op: "members_joined", more: { m } }];
  }, caller);
  const { conversation, existing, told } = await context.store.startConversation(caller.app.id, {
    kind,
    creator: caller.client,
    members: asked,
    unique: convMessage.unique === true && kind !== "room",
    attributes: attributesOf(attr),
    ...(kind === "temporary" ? { ttl: seconds * 1000 } : {}),
  }, tell);
  return {
    ...(kind === "room" ? { room: { id: conversation.id, inside: true } } : {}),
    reply: {
      cmd: "conv",
      op: "started",
      serverTs: context.clock.now(),
      convMessage: {
        cid: conversation.id,
        cdate: isoTime(conversation.createdAt),
        udate: isoTime(conversation.updatedAt),
        existing,
        uniqueId: conversation.uniqueId,
        ...(kind === "temporary" ? { tempConv: true, tempConvTTL: seconds } : {}),
      },
    },
    events: toldEvents(conversation, told),
  };
};

/** Whether a client may see more of a conversation than that there is one. */
export function isVisible({ kind, members }: Conversation, { app, client }: Caller): boolean {
  if (app.conversationQueries !== "members") return true;
  return kind === "room" || kind === "service" || members.has(client);
}

/** The conversation that a command names, where the caller may know who is in it. */
async function seen(command: Command, caller: Caller, context: Context): Promise<Conversation> {
  const conversation = await named(command, caller, context);
  if (isVisible(conversation, caller)) return conversation;
  throw protocolError(
    "CONVERSATION_MEMBERSHIP_REQUIRED",
    "Only members see who is in a conversation",
  );
}

/** The members, or who is in a room. */
function those({ kind, id, members }: Conversation, { app }: Caller, context: Context) {
  return kind === "room" ? context.inRoom(app.id, id) : [...members];
}

/** How many members or subscribers a conversation has, or how many are in a room. */
export const count: Handler = async (caller, command, context) => {
  const conversation = await seen(command, caller, context);
  const { id: cid, kind } = conversation;
  const count = kind === "service"
    ? await context.store.subscriberCount(caller.app.id, cid)
    : those(conversation, caller, context).length;
  return { reply: { cmd: "conv", op: "result", convMessage: { cid, count } } };
};

/** Who the members are, or who is in a room. */
export const members: Handler = async (caller, command, context) => {
  const conversation = await seen(command, caller, context);
  const { limit = 0 } = command.convMessage ?? {};
  const m = those(conversation, caller, context).slice(0, limit > 0 ? limit : undefined);
  return { reply: { cmd: "conv", op: "members", convMessage: { cid: conversation.id, m } } };
};

/** Whether the caller is a member of a conversation, or in a room, or a subscriber. */
async function isIn(
  conversation: Conversation | undefined,
  caller: Caller,
  context: Context,
): Promise<boolean> {
  if (!conversation) return false;
  const { app, client } = caller;
  return conversation.kind === "service"
    ? await context.store.subscription(app.id, conversation.id, client) !== undefined
    : those(conversation, caller, context).includes(client);
}

/** In which of these conversations the caller is. */
export const isMember: Handler = async (caller, { convMessage }, context) => {
  const cids = (convMessage?.cids ?? []).slice(0, ASKED_LIMIT);
  const answers = await Promise.all(cids.map(async (cid) => {
    const conversation = await context.store.conversation(caller.app.id, cid);
    return [cid, await isIn(conversation, caller, context)];
  }));
  const data = JSON.stringify(Object.fromEntries(answers));
  return { reply: { cmd: "conv", op: "result", convMessage: { results: { data } } } };
};
