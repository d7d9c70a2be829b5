/**
 * Who manages a conversation, as LeanCloud's clients ask for it: as rows of a table, over HTTP, with
 * the token of their session.
 *
 * @module
 */
import type { App } from "../apps.ts";
import { roleId } from "../service/roles.ts";
import type { SessionTokens } from "../service/session_token.ts";
import type { Store } from "../store/store.ts";
import { showsKey } from "./keys.ts";

/** How many rows an answer has at most. */
const LIMIT = 1_000;

/** What answers the question. */
export interface MemberInfoOptions {
  /** The apps by their ids. */
  readonly apps: ReadonlyMap<string, App>;
  /** Where conversations are kept. */
  readonly store: Store;
  /** Reads the token that says who asks. */
  readonly tokens: SessionTokens;
}

const refused = (status: number, code: number, error: string): Response =>
  Response.json({ code, error }, { status });

/** The conversation's id: `cid=…`, or `where={"cid":"…"}`. */
function conversationId(query: URLSearchParams): string | undefined {
  const given = query.get("cid");
  if (given !== null) return given;
  try {
    const { cid } = Object(JSON.parse(query.get("where") ?? "{}"));
    return typeof cid === "string" ? cid : undefined;
  } catch {
    return undefined;
  }
}

const whole = (text: string | null, otherwise: number): number =>
  text !== null && /^\d{1,9}$/.test(text) ? Number(text) : otherwise;

/** Answers with the rows of a conversation that the asking client is in: those of managers alone. */
export async function memberInfo(
  { url, headers }: Request,
  { apps, store, tokens }: MemberInfoOptions,
): Promise<Response> {
  const query = new URL(url).searchParams;
  const app = apps.get(headers.get("x-lc-id") ?? "");
  if (!app || !showsKey(app, headers)) {
    return refused(401, 401, "X-LC-Id and X-LC-Key are not those of an app");
  }
  const claims = await tokens.read(headers.get("x-lc-im-session-token") ?? "");
  const asker = query.get("client_id") ?? claims?.client;
  const known = claims?.app === app.id && claims.client === asker;
  if (!claims || !known || app.login === "signed" && !claims.signed) {
    return refused(401, 4112, "X-LC-IM-Session-Token is no good token of this client");
  }
  const cid = conversationId(query);
  if (cid === undefined) return refused(400, 1, 'Ask with cid=ID or where={"cid":"ID"}');
  const conversation = await store.conversation(app.id, cid);
  if (!conversation?.members.has(claims.client)) {
    return refused(403, 4317, "Only members of a conversation see its roles");
  }
  const skip = whole(query.get("skip"), 0);
  const limit = Math.min(whole(query.get("limit"), LIMIT), LIMIT);
  const results = [...conversation.managers].slice(skip, skip + limit).map((clientId) => ({
    objectId: roleId(conversation, clientId),
    cid,
    clientId,
    role: "Manager",
  }));
  return Response.json({ results }, { headers: { "Cache-Control": "no-store" } });
}
