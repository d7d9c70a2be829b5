/**
 * What one client and a service conversation say to each other: a conversation that only that
 * client is in, so that it is read, counted and passed on like any other. Clients know it as the
 * service conversation.
 *
 * @module
 */
import { isTemporaryId } from "./conversation_id.ts";
import type { Conversation } from "./store.ts";

/** Where the id of the service conversation ends in that of an exchange; -1 in any other id. */
function end(id: string): number {
  return isTemporaryId(id) ? -1 : id.indexOf(":");
}

/** The id of an exchange. LeanCloud's exports call it by the MD5 of this text. */
export function exchangeId(service: string, client: string): string {
  return `${service}:${client}`;
}

/** The id under which clients know a conversation. */
export function idForClients(id: string): string {
  const at = end(id);
  return at < 0 ? id : id.slice(0, at);
}

/** Who hears of a message in an exchange, by its id; `undefined` of any other conversation. */
export function exchangeOf(id: string): Pick<Conversation, "kind" | "members"> | undefined {
  const at = end(id);
  return at < 0 ? undefined : { kind: "exchange", members: new Set([id.slice(at + 1)]) };
}

/** An exchange in which nothing was said. */
export function newExchange(service: string, client: string, now: number): Conversation {
  return {
    id: exchangeId(service, client),
    kind: "exchange",
    creator: client,
    members: new Set([client]),
    muted: new Set(),
    managers: new Set(),
    silenced: new Set(),
    blocked: new Set(),
    unique: false,
    attributes: {},
    createdAt: now,
    updatedAt: now,
    seq: 0,
  };
}

/** What was found, unless it is an exchange: by its own id only the server itself knows it. */
export function shared<F extends { readonly conversation: Conversation }>(
  found: F | undefined,
): F | undefined {
  return found?.conversation.kind === "exchange" ? undefined : found;
}
