/**
 * Who manages a conversation, as LeanCloud's clients ask for it: as rows of a table, over HTTP, with
 * the token of their session.
 *
 * @module
 */
import { roleId } from "../service/roles.ts";
import { type ClientRequests, refused, whole } from "./client_requests.ts";

/** How many rows an answer has at most. */
const LIMIT = 1_000;

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

/** Answers with the rows of a conversation that the asking client is in: those of managers alone. */
export async function memberInfo(
  request: Request,
  { clientOf, store }: ClientRequests,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const asker = await clientOf(request, query);
  if (asker instanceof Response) return asker;
  const cid = conversationId(query);
  if (cid === undefined) return refused(400, 1, 'Ask with cid=ID or where={"cid":"ID"}');
  const conversation = await store.conversation(asker.app.id, cid);
  if (!conversation?.members.has(asker.client)) {
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
