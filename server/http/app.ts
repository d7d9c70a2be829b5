/**
 * What is served over plain HTTP: where to connect, whether the server is well, and the page.
 *
 * @module
 */
import { Hono } from "hono";
import { cors } from "hono/cors";
import { secureHeaders } from "hono/secure-headers";
import type { Clock, Log } from "@curlew/realtime/environment";
import type { App } from "../apps.ts";
import type { SessionTokens } from "../service/session_token.ts";
import type { Store } from "../store/store.ts";
import { showsKey } from "./keys.ts";
import { clientRequests } from "./client_requests.ts";
import { memberInfo } from "./member_info.ts";
import { notifications } from "./notifications.ts";
import { isLocal, type Peer } from "./peer.ts";

/** Files by their paths: `/`, `/chat.js` … */
export interface Page {
  /** One file. */
  readonly [path: string]: {
    /** Its content type. */
    readonly type: string;
    /** Its bytes. */
    readonly body: Uint8Array<ArrayBuffer>;
  };
}

/** What HTTP needs to know. */
export interface HttpOptions {
  /** The apps by their ids. */
  readonly apps: ReadonlyMap<string, App>;
  /** Where conversations are kept; asked whether it is well. */
  readonly store: Store;
  /** Reads the tokens of sessions. */
  readonly tokens: SessionTokens;
  /** Tells the time. */
  readonly clock: Pick<Clock, "now">;
  /** Where clients reach the server; without it, where the request reached it. */
  readonly publicUrl?: string | undefined;
  /** Whether only this machine is served. */
  readonly localOnly: boolean;
  /** The page's files. */
  readonly page: Page;
  /** The server's version. */
  readonly version: string;
  /** Where log lines go. */
  readonly log: Log;
}

/** How long a client may remember where to connect, in s. */
const ROUTE_TTL = 300;

const clientHeaders = [
  "Content-Type",
  "X-LC-Id",
  "X-LC-Key",
  "X-LC-Sign",
  "X-LC-Session",
  "X-LC-Prod",
  "X-LC-UA",
  "X-LC-IM-Session-Token",
];

/** The address of the WebSocket beside an HTTP address. */
function socketAddress(base: string): string {
  const url = new URL(base);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** The HTTP side of a server. */
export function httpApp(options: HttpOptions): Hono<{ Bindings: { peer: Peer } }> {
  const { apps, store, tokens, clock, publicUrl, localOnly, page, version, log } = options;
  const app = new Hono<{ Bindings: { peer: Peer } }>();

  app.use(async (context, next) => {
    if (localOnly && !isLocal(context.env.peer)) {
      return context.json(
        { code: 403, error: "The development app serves this machine alone" },
        403,
      );
    }
    await next();
  });
  app.use(secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", "data:"],
      connectSrc: ["'self'", "ws:", "wss:"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    crossOriginResourcePolicy: false,
    strictTransportSecurity: false,
  }));
  app.use(cors({ origin: "*", allowHeaders: clientHeaders, maxAge: 86_400 }));

  for (const path of ["/v1/route", "/2/route"]) {
    app.get(path, (context) => {
      const id = context.req.query("appId");
      if (id === undefined || !apps.has(id)) {
        // A 404 would make Swift stop asking for ever.
        return context.json(
          { code: 4100, error: `There is no app ${JSON.stringify(id ?? "")}` },
          400,
        );
      }
      const { host = "127.0.0.1", secure } = context.env.peer;
      const base = publicUrl ?? `${secure ? "https" : "http"}://${host}/`;
      const server = socketAddress(base);
      const api = base.replace(/^https?:\/\//, "").replace(/\/$/, "");
      context.header("Cache-Control", "no-store");
      return context.json({
        groupId: "curlew",
        // Clients dial the second address unasked: there must be one, if only the same.
        server,
        secondary: server,
        ttl: ROUTE_TTL,
        rtm_router_server: api,
        push_router_server: api,
        push_server: api,
        api_server: api,
      });
    });
  }

  app.post("/1.1/rtm/sign", (context) => {
    const named = apps.get(context.req.header("x-lc-id") ?? "");
    if (!named || !showsKey(named, context.req.raw.headers)) {
      return context.json(
        { code: 401, error: "X-LC-Id and X-LC-Key are not those of an app" },
        401,
      );
    }
    return context.json({
      code: 211,
      error: "This server keeps no users: let your own server sign the login (signatureFactory)",
    }, 400);
  });

  const clients = clientRequests({ apps, tokens, store, clock });
  app.get("/1.1/classes/_ConversationMemberInfo", ({ req }) => memberInfo(req.raw, clients));
  app.get("/1.1/rtm/notifications", ({ req }) => notifications(req.raw, clients));

  app.get("/healthz", async (context) => {
    context.header("Cache-Control", "no-store");
    try {
      await store.grownSince(Number.MAX_SAFE_INTEGER);
      return context.json({ status: "ok", version });
    } catch (error) {
      log.error("The store does not answer", { error });
      return context.json({ status: "failing", version }, 503);
    }
  });

  for (const [path, { type, body }] of Object.entries(page)) {
    app.get(path, (context) => {
      context.header("Content-Type", type);
      context.header("Cache-Control", "no-cache");
      return context.body(body);
    });
  }

  app.notFound((context) => context.json({ code: 404, error: "There is nothing here" }, 404));
  app.onError((error, context) => {
    log.error("A request failed", { path: context.req.path, error });
    return context.json({ code: 1, error: "Internal error" }, 500);
  });
  return app;
}
