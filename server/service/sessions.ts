/**
 * What an open session asks about itself and others.
 *
 * @module
 */
import { type Handler, refusal } from "./context.ts";
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

/** A fresh token for the one that is shown, or for the session where none is, as C# asks. */
export function refresh(tokens: SessionTokens): Handler {
  return async ({ app, client }, { sessionMessage = {} }) => {
    const { st } = sessionMessage;
    const claims = st === undefined ? undefined : await tokens.read(st);
    const own = claims?.app === app.id && claims.client === client;
    if (st !== undefined && !own) {
      throw refusal("SESSION_TOKEN_EXPIRED", "The session token has expired, or is none of ours");
    }
    // The session itself is proof: it was let in, and is open.
    const fresh = claims ?? { app: app.id, client, signed: app.login === "signed" };
    return {
      reply: {
        cmd: "session",
        op: "refreshed",
        sessionMessage: { st: await tokens.issue(fresh), stTtl: TOKEN_TTL },
      },
    };
  };
}

/** Takes note of nothing: a device's push token has no use here, but its sender waits for a reply. */
export const report: Handler = () => ({ reply: { cmd: "report", op: "uploaded" } });
