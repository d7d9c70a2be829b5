/**
 * What a client was told of its conversations while it was away, as LeanCloud's clients ask for it
 * after they came back: over HTTP, with the token of their session.
 *
 * @module
 */
import type { Command } from "@curlew/realtime/protocol";
import type { KeptNotice } from "../store/store.ts";
import { NOTICES_KEPT_FOR } from "../store/places.ts";
import { type ClientRequests, refused, whole } from "./client_requests.ts";

/** How many notices an answer has. */
const PAGE = 100;

type Flat = Readonly<Record<string, unknown>>;

/** A notice as JavaScript reads it: as the push, what is in it beside what it is. */
function asPush({ at, command }: KeptNotice): Flat {
  const { cmd, op, convMessage, rcpMessage } = command as unknown as Command;
  return { cmd, op, ...convMessage, ...rcpMessage, serverTs: at, notificationType: 1 };
}

/** What is JSON within JSON, as the object it is. */
function opened(value: unknown): unknown {
  const { data } = Object(value);
  return typeof data === "string" ? JSON.parse(data) : value;
}

/** A notice as Swift reads it: names with hyphens, and no JSON within JSON. */
function asSwift(notice: KeptNotice): Flat {
  const { op, attr, attrModified, ...rest } = asPush(notice);
  return {
    ...rest,
    ...(op === undefined ? {} : { op: String(op).replaceAll("_", "-") }),
    ...(attr === undefined ? {} : { attr: opened(attr) }),
    ...(attrModified === undefined ? {} : { attrModified: opened(attrModified) }),
  };
}

/** Answers with what came after `start_ts`, the oldest first; `hasMore` where there is more of it. */
export async function notifications(
  request: Request,
  { clientOf, store, clock }: ClientRequests,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const client = await clientOf(request, query);
  if (client instanceof Response) return client;
  const since = whole(query.get("start_ts"), -1);
  if (since < 0) return refused(400, 1, "start_ts must be a time in ms");
  const found = await store.notices(client.app.id, client.client, since, PAGE + 1);
  const page = found.slice(0, PAGE);
  const hasMore = found.length > PAGE;
  return Response.json({
    hasMore,
    notifications: page.map(asPush),
    // Swift asks for no type, and reads these. It asks once: where it missed too much, or was away
    // for too long, it asks for its conversations again.
    permanent: { notifications: query.has("notification_type") ? [] : page.map(asSwift) },
    droppable: {
      notifications: [],
      invalidLocalConvCache: hasMore || since < clock.now() - NOTICES_KEPT_FOR,
    },
  }, { headers: { "Cache-Control": "no-store" } });
}
