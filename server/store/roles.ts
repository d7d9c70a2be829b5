/**
 * What somebody is in a conversation, as a number: the higher one may act on the lower one.
 *
 * @module
 */
import { protocolError } from "@curlew/realtime/protocol";
import type { Conversation } from "./store.ts";

/** The roles, the lowest first. */
export const roles = { none: 0, member: 1, manager: 2, owner: 3 } as const;

/** The role of a client. */
export function roleOf({ kind, creator, members, managers }: Conversation, client: string): number {
  // Nobody is a member of a room, and yet it is its creator's.
  if (client === creator && (kind === "room" || members.has(client))) return roles.owner;
  if (managers.has(client)) return roles.manager;
  return members.has(client) ? roles.member : roles.none;
}

/** A refusal unless a client is owner or manager. */
export function mustLead(conversation: Conversation, client: string): void {
  if (roleOf(conversation, client) >= roles.manager) return;
  throw protocolError(
    "CONVERSATION_OPERATION_UNAUTHORIZED",
    `${client} is neither owner nor manager of the conversation ${conversation.id}`,
  );
}
