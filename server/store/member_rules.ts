/**
 * Who may be in a conversation and who may change that, as pure functions: the same rules for
 * every store.
 *
 * @module
 */
import { ErrorCode, type ErrorName, protocolError } from "@curlew/realtime/protocol";
import { changedAttributes } from "./attribute_change.ts";
import { conversationId, isTemporaryId, type Secret, uniqueId } from "./conversation_id.ts";
import { roleOf, roles } from "./roles.ts";
import type { Conversation, ConversationStart, MemberChange, NewMessage, Patch } from "./store.ts";

/** How many members a conversation has at most. */
export const MEMBER_LIMIT = 500;

/** How many a temporary one has at most. */
export const TEMPORARY_MEMBER_LIMIT = 10;

/** How long a temporary conversation lives, in ms, where nothing else is asked: a day. */
export const TEMPORARY_TTL = 86_400_000;

/** What a store found under an id: at least the conversation. */
interface Found {
  readonly conversation: Conversation;
}

/** What was found, or a refusal where there is nothing. */
export function present<F extends Found>(found: F | undefined, id: string): F {
  if (found) return found;
  throw protocolError("CONVERSATION_NOT_FOUND", `There is no conversation ${JSON.stringify(id)}`);
}

/** Whether a conversation keeps members: only they may send, read and be notified. */
export function hasMembers({ kind }: Pick<Conversation, "kind">): boolean {
  return kind === "normal" || kind === "temporary" || kind === "exchange";
}

/** Whether this client may take part: a member, or anybody where there are no members. */
function takesPart(conversation: Conversation, client: string): boolean {
  return !hasMembers(conversation) || conversation.members.has(client);
}

/** A refusal of those who are silenced or blocked. */
function mayTalk({ id, silenced, blocked }: Conversation, client: string): void {
  if (blocked.has(client)) {
    throw protocolError("BLOCKED_BY_CONV", `${client} is blocked from the conversation ${id}`);
  }
  if (silenced.has(client)) {
    throw protocolError("SILIENCED", `${client} is silenced in the conversation ${id}`);
  }
}

/** What was found, or a refusal where somebody can't take part in it. */
export function forParticipant<F extends Found>(
  found: F | undefined,
  { conversation: id, from }: Pick<NewMessage, "conversation" | "from">,
): F {
  mustBeName(from);
  if (found && takesPart(found.conversation, from)) return found;
  // By this alone clients know that a temporary one has ended.
  if (!found && isTemporaryId(id)) return present<F>(undefined, id);
  throw protocolError("INVALID_MESSAGING_TARGET", `${from} can't send to the conversation ${id}`);
}

/** What was found, or a refusal where the sender can't send to it. */
export function forSender<F extends Found>(
  found: F | undefined,
  message: Pick<NewMessage, "conversation" | "from">,
): F {
  const there = forParticipant(found, message);
  mayTalk(there.conversation, message.from);
  return there;
}

/** What was found, or a refusal where an author can't change anything in it: recalling is not sending. */
export function forAuthor<F extends Found>(found: F | undefined, patch: Patch): F {
  return patch.edit ? forSender(found, patch) : forParticipant(found, patch);
}

/** A refusal unless this client may read the conversation's history. */
export function mustBeReader(conversation: Conversation, reader: string): void {
  if (takesPart(conversation, reader) && !conversation.blocked.has(reader)) return;
  throw protocolError(
    "CONVERSATION_LOG_REJECTED",
    `${reader} is no member of the conversation ${conversation.id}, or blocked from it`,
  );
}

/** Whether a temporary conversation has ended. */
export function hasEnded({ expiresAt }: Conversation, now: number): boolean {
  return expiresAt !== undefined && expiresAt <= now;
}

/** The members of a conversation that starts, its creator first. */
export function startingMembers(start: ConversationStart): ReadonlySet<string> {
  mustBeName(start.creator);
  if (!hasMembers(start)) return new Set();
  const members = new Set([start.creator, ...start.members]);
  members.forEach(mustBeName);
  const limit = start.kind === "temporary" ? TEMPORARY_MEMBER_LIMIT : MEMBER_LIMIT;
  if (members.size > limit) {
    throw protocolError(
      "CONVERSATION_FULL",
      `A ${start.kind} conversation has ${limit} members at most`,
    );
  }
  return members;
}

/** A conversation as it starts. */
export function newConversation(
  start: ConversationStart,
  members: ReadonlySet<string>,
  now: number,
  secret: Secret,
): Conversation {
  const temporary = start.kind === "temporary";
  const unique = start.unique && hasMembers(start);
  return {
    id: conversationId(temporary, now, secret),
    kind: start.kind,
    creator: start.creator,
    members,
    muted: new Set(),
    managers: new Set(),
    silenced: new Set(),
    blocked: new Set(),
    unique,
    ...(unique ? { uniqueId: uniqueId(secret) } : {}),
    attributes: JSON.parse(JSON.stringify(start.attributes)),
    createdAt: now,
    updatedAt: now,
    seq: 0,
    ...(temporary ? { expiresAt: now + (start.ttl ?? TEMPORARY_TTL) } : {}),
  };
}

/** A refusal where there are no members that may change. */
export function mayChange(conversation: Conversation): void {
  if (conversation.kind === "temporary") {
    throw protocolError(
      "CONVERSATION_NOT_ALLOWED",
      "This can't be done with a temporary conversation",
    );
  }
  if (!hasMembers(conversation)) {
    throw protocolError(
      "NORMAL_CONVERSATION_REQUIRED",
      `A ${conversation.kind} has no lasting members`,
    );
  }
}

/** A refusal of a client id that SQLite would give back cut off: as somebody else's. */
export function mustBeName(client: string): void {
  if (client.includes("\0")) {
    throw protocolError("INVALID_LOGIN", "A client id can't contain a NUL character");
  }
}

/** A refusal unless this client is a member. */
export function mustBeMember(conversation: Conversation, client: string): void {
  if (conversation.members.has(client)) return;
  throw protocolError(
    "CONVERSATION_MEMBERSHIP_REQUIRED",
    `${client} is no member of the conversation ${conversation.id}`,
  );
}

/** What a change of attributes comes to; nothing is changed yet. */
export function updating(
  conversation: Conversation,
  actor: string,
  changes: Conversation["attributes"],
  now: number,
): Conversation {
  const { kind, creator, members } = conversation;
  if (kind === "temporary" || kind === "service") {
    throw protocolError("CONVERSATION_NOT_ALLOWED", `A client can't change a ${kind} conversation`);
  }
  // Nobody is a member of a room, so whose it is decides.
  if (kind === "room" ? actor !== creator : !members.has(actor)) {
    throw protocolError(
      "CONVERSATION_UPDATE_REJECTED",
      `${actor} may not change the conversation ${conversation.id}`,
    );
  }
  return {
    ...conversation,
    attributes: changedAttributes(conversation.attributes, changes),
    updatedAt: Math.max(conversation.updatedAt, now),
  };
}

/** What it comes to that a member wants offline pushes, or none; nothing is changed yet. */
export function muting(conversation: Conversation, client: string, muted: boolean): Conversation {
  // Of what is said in a room nobody is ever pushed anything: there is nothing to note.
  if (conversation.kind === "room") return conversation;
  mayChange(conversation);
  mustBeMember(conversation, client);
  const others = [...conversation.muted].filter((other) => other !== client);
  return { ...conversation, muted: new Set(muted ? [...others, client] : others) };
}

/** What adding these members comes to; nothing is changed yet. */
export function adding(
  conversation: Conversation,
  actor: string,
  clients: readonly string[],
  now: number,
): MemberChange {
  mayChange(conversation);
  const asked = [...new Set(clients)];
  if (asked.some((client) => client !== actor)) mustBeMember(conversation, actor);
  const missing = asked.filter((client) => !conversation.members.has(client));
  missing.forEach(mustBeName);
  const welcome = missing.filter((client) => !conversation.blocked.has(client));
  const room = MEMBER_LIMIT - conversation.members.size;
  const changed = welcome.slice(0, room);
  const beyond = new Set(welcome.slice(room));
  const blocked = new Set(missing.filter((client) => conversation.blocked.has(client)));
  return {
    conversation: withMembers(conversation, [...conversation.members, ...changed], now, changed),
    changed,
    allowed: asked.filter((client) => !beyond.has(client) && !blocked.has(client)),
    refused: [
      { code: ErrorCode.CONVERSATION_FULL, clients: [...beyond] },
      { code: ErrorCode.BLOCKED_BY_CONV, clients: [...blocked] },
    ].filter(({ clients }) => clients.length > 0),
  };
}

/** What removing these members comes to; nothing is changed yet. */
export function removing(
  conversation: Conversation,
  actor: string,
  clients: readonly string[],
  now: number,
  rolesCount: boolean,
): MemberChange {
  mayChange(conversation);
  mustBeMember(conversation, actor);
  const { creator, members } = conversation;
  const asked = new Set(clients);
  const own = roleOf(conversation, actor);
  const stays = (client: string): ErrorName | undefined => {
    if (!rolesCount || !members.has(client)) return undefined;
    if (client === creator) return "CONVERSATION_NEED_OWNER";
    const may = client === actor || own >= roles.manager && roleOf(conversation, client) < own;
    return may ? undefined : "CONVERSATION_OPERATION_UNAUTHORIZED";
  };
  const groups = Map.groupBy(asked, stays);
  const allowed = groups.get(undefined) ?? [];
  groups.delete(undefined);
  const changed = allowed.filter((client) => members.has(client));
  const gone = new Set(changed);
  const staying = [...members].filter((client) => !gone.has(client));
  return {
    conversation: withMembers(conversation, staying, now, changed),
    changed,
    allowed,
    refused: [...groups].map(([name, clients]) => ({ code: ErrorCode[name!], clients })),
  };
}

/** The conversation with these members, where some of them changed. */
export function withMembers(
  conversation: Conversation,
  members: readonly string[],
  now: number,
  changed: readonly string[],
): Conversation {
  if (changed.length === 0) return conversation;
  const set = new Set(members);
  const still = (clients: ReadonlySet<string>) =>
    new Set([...clients].filter((client) => set.has(client)));
  return {
    ...conversation,
    members: set,
    muted: still(conversation.muted),
    managers: still(conversation.managers),
    updatedAt: Math.max(conversation.updatedAt, now),
  };
}
