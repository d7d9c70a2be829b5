/**
 * Who is silenced and blocked in a conversation and who manages it, and who may decide that, as
 * pure functions: the same rules for every store.
 *
 * @module
 */
import { ErrorCode, protocolError } from "@curlew/realtime/protocol";
import { mayChange, mustBeMember, mustBeName, withMembers } from "./member_rules.ts";
import { mustLead, roleOf } from "./roles.ts";
import type { Conversation, MemberChange, Standing, StandingChange } from "./store.ts";

/** How many clients a conversation silences or blocks at most, and a room. */
const LIMIT = 500;
const ROOM_LIMIT = 10_000;

const full = {
  silenced: ErrorCode.SILIENCED_MEMBER_LIST_FULL,
  blocked: ErrorCode.BLACKLIST_FULL,
} as const;

function mayHaveStandings({ kind }: Conversation): void {
  if (kind === "normal" || kind === "room") return;
  throw protocolError(
    "CONVERSATION_NOT_ALLOWED",
    `Nobody is silenced or blocked in a ${kind} conversation`,
  );
}

const refusal = (code: number, clients: readonly string[]): MemberChange["refused"] =>
  clients.length ? [{ code, clients }] : [];

/** What it comes to that these clients are silenced or blocked, or not any more; nothing is changed yet. */
export function standing(
  conversation: Conversation,
  actor: string,
  clients: readonly string[],
  which: Standing,
  on: boolean,
  now: number,
): StandingChange {
  mayHaveStandings(conversation);
  if (conversation.kind !== "room") mustBeMember(conversation, actor);
  mustLead(conversation, actor);
  const before = conversation[which];
  const own = roleOf(conversation, actor);
  const asked = [...new Set(clients)];
  asked.forEach(mustBeName);
  const isAbove = (client: string) => roleOf(conversation, client) >= own;
  const above = asked.filter(isAbove);
  const below = asked.filter((client) => !isAbove(client));
  const different = below.filter((client) => before.has(client) !== on);
  const room = (conversation.kind === "room" ? ROOM_LIMIT : LIMIT) - before.size;
  const changed = on ? different.slice(0, room) : different;
  const beyond = new Set(on ? different.slice(room) : []);
  const touched = new Set(changed);
  const after = new Set(
    on ? [...before, ...changed] : [...before].filter((client) => !touched.has(client)),
  );
  const left = on && which === "blocked"
    ? changed.filter((client) => conversation.members.has(client))
    : [];
  const staying = [...conversation.members].filter((client) => !left.includes(client));
  return {
    conversation: changed.length
      ? { ...withMembers(conversation, staying, now, left), [which]: after }
      : conversation,
    changed,
    left,
    allowed: below.filter((client) => !beyond.has(client)),
    refused: [
      ...refusal(ErrorCode.CONVERSATION_OPERATION_UNAUTHORIZED, above),
      ...refusal(full[which], [...beyond]),
    ],
  };
}

/** What it comes to that a member manages a conversation, or does not any more; nothing is changed yet. */
export function managing(
  conversation: Conversation,
  actor: string,
  client: string,
  manager: boolean,
  now: number,
): { readonly conversation: Conversation; readonly changed: boolean } {
  mayChange(conversation);
  mustBeMember(conversation, actor);
  mustLead(conversation, actor);
  mustBeMember(conversation, client);
  if (client === conversation.creator) {
    throw protocolError("CONVERSATION_NEED_OWNER", "The owner of a conversation stays its owner");
  }
  if (roleOf(conversation, client) >= roleOf(conversation, actor)) {
    throw protocolError(
      "CONVERSATION_OPERATION_UNAUTHORIZED",
      `The role of ${actor} is not above that of ${client}`,
    );
  }
  const { managers } = conversation;
  if (managers.has(client) === manager) return { conversation, changed: false };
  const others = [...managers].filter((other) => other !== client);
  return {
    conversation: {
      ...conversation,
      managers: new Set(manager ? [...others, client] : others),
      updatedAt: Math.max(conversation.updatedAt, now),
    },
    changed: true,
  };
}
