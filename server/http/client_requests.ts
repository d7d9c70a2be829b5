/**
 * What is common to the requests that clients make beside their link: who asks is told by the token
 * of its session.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { App } from "../apps.ts";
import { isBefore } from "../service/kicks.ts";
import type { SessionTokens } from "../service/session_token.ts";
import type { Store } from "../store/store.ts";
import { showsKey } from "./keys.ts";

/** What such requests work with. */
export interface ClientRequests {
  /** Where conversations are kept. */
  readonly store: Store;
  /** Tells the time. */
  readonly clock: Pick<Clock, "now">;
  /** Who asks; or the refusal. */
  readonly clientOf: (request: Request, query: URLSearchParams) => Promise<Client | Response>;
}

/** Who asks. */
export interface Client {
  /** The app. */
  readonly app: App;
  /** The client's id. */
  readonly client: string;
}

/** A refusal. */
export function refused(status: number, code: number, error: string): Response {
  return Response.json({ code, error }, { status });
}

/** A whole number in a query, or what stands for none. */
export function whole(text: string | null, otherwise: number): number {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : otherwise;
}

/** What finds out who asks: `X-LC-Id`, `X-LC-Key`, and `X-LC-IM-Session-Token`. */
export function clientRequests(
  { apps, tokens, store, clock }: {
    readonly apps: ReadonlyMap<string, App>;
    readonly tokens: SessionTokens;
    readonly store: Store;
    readonly clock: Pick<Clock, "now">;
  },
): ClientRequests {
  return {
    store,
    clock,
    clientOf: async ({ headers }, query) => {
      const app = apps.get(headers.get("x-lc-id") ?? "");
      if (!app || !showsKey(app, headers)) {
        return refused(401, 401, "X-LC-Id and X-LC-Key are not those of an app");
      }
      const claims = await tokens.read(headers.get("x-lc-im-session-token") ?? "");
      const client = query.get("client_id") ?? claims?.client;
      const own = claims?.app === app.id && claims.client === client;
      const good = own && (app.login !== "signed" || claims.signed) &&
        !isBefore(claims, await store.lastKick(app.id, claims.client));
      if (!good) {
        return refused(401, 4112, "X-LC-IM-Session-Token is no good token of this client");
      }
      return { app, client: claims.client };
    },
  };
}
