/**
 * Clients that the operator of an app forces to log out.
 *
 * What they were let in by before is void: each token remembers the last forced logout before its
 * login, so that it is known without comparing clocks, and a login's signature is older than it or
 * its nonce was used before it.
 *
 * @module
 */
import { type Command, ErrorCode } from "@curlew/realtime/protocol";
import type { Kick, Store } from "../store/store.ts";
import type { KickEvent } from "./events.ts";
import type { SessionClaims } from "./session_token.ts";

/** How long a reason may be, as LeanCloud has it. */
const REASON = 20;

/** Forces a client to log out; `TypeError` for a reason that is too long. */
export async function kick(
  app: string,
  client: string,
  reason: string | undefined,
  { store }: { readonly store: Store },
): Promise<KickEvent> {
  if (reason !== undefined && reason.length > REASON) {
    throw new TypeError(`reason has ${REASON} characters at most`);
  }
  return kickEvent(await store.kick(app, client, reason));
}

/** What the nodes are told of a forced logout. */
export function kickEvent({ client, at, reason }: Kick): KickEvent {
  return { kind: "kick", client, at, ...(reason === undefined ? {} : { reason }) };
}

/** What a client is told. */
export function kicked({ reason }: Pick<KickEvent, "reason">): Command {
  return {
    cmd: "session",
    op: "closed",
    sessionMessage: {
      code: ErrorCode.KICKED_BY_APP,
      reason: reason || "KICKED_BY_APP",
      detail: "The app's operator forced the client to log out",
    },
  };
}

/** Whether who has these claims was let in before a forced logout. */
export function isBefore({ kickedAt = 0 }: SessionClaims, at: number | undefined): boolean {
  return at !== undefined && kickedAt < at;
}
