/**
 * What an open session asks about itself and others.
 *
 * @module
 */
import type { Handler } from "./context.ts";
import { type SessionTokens, TOKEN_TTL } from "./session_token.ts";

/** How many clients may be asked about at once. */
const QUERY = 20;

/** Which of these clients are online. */
export const online: Handler = ({ app }, { sessionMessage }, { online }) => {
  const ids = (sessionMessage?.sessionPeerIds ?? []).slice(0, QUERY);
  return {
    reply: {
      cmd: "session",
      op: "query_result",
      sessionMessage: { onlineSessionPeerIds: online(app.id, ids) },
    },
  };
};

/**
 * A fresh token. The old one, which clients show or not, may have expired: the session itself is
 * proof, since it was let in and is open.
 */
export function refresh(tokens: SessionTokens): Handler {
  return async ({ claims }) => ({
    reply: {
      cmd: "session",
      op: "refreshed",
      sessionMessage: { st: await tokens.issue(claims), stTtl: TOKEN_TTL },
    },
  });
}

/** Takes note of nothing: a device's push token has no use here, but its sender waits for a reply. */
export const report: Handler = () => ({ reply: { cmd: "report", op: "uploaded" } });
