/**
 * Where to dial: the addresses given, or those that a router answers with.
 *
 * @module
 */
import type { Endpoints } from "./connection/connection.ts";
import { deferred } from "./connection/deferred.ts";
import { whenAborted } from "./connection/when_aborted.ts";
import type { Environment, FetchInit } from "./environment/mod.ts";
import type { ConnectOptions } from "./options.ts";
import { type Cancel, RealtimeError, TransportError } from "./protocol/mod.ts";

const APP_ROUTER = "https://app-router.com/2/route";
/** The app ids that LeanCloud's own router knows. */
const ROUTED = /-MdYXbMMI$/;
const TIMEOUT = 20_000;
const DEFAULT_TTL = 3600;

/** Where to dial, and where REST requests go. */
export interface Directory extends Endpoints {
  /** The base URL of REST requests. */
  readonly api: () => Promise<string>;
}

type Json = Readonly<Record<string, unknown>>;

/** Finds an app's servers as its options say. */
export function directory(options: ConnectOptions, environment: Environment): Directory {
  const { appId, server, RTMServers, ssl = true } = options;
  const { clock } = environment;
  if (server === undefined && RTMServers === undefined && !ROUTED.test(appId)) {
    throw new TypeError("Option server or RTMServers of Realtime must say where the server is");
  }
  const url = (address: string) =>
    (/^\w+:\/\//.test(address) ? address : `http${ssl ? "s" : ""}://${address}`).replace(
      /\/+$/,
      "",
    );

  const appRouter = kept(clock, async () => {
    const json = await getJson(`${APP_ROUTER}?appId=${encodeURIComponent(appId)}`, environment);
    return [json, json.ttl];
  });
  const addresses = async () => {
    if (typeof server === "string") return { RTMRouter: server, api: server };
    if (server) return server;
    if (RTMServers) {
      throw new TypeError("Option server of Realtime is needed: RTMServers has no REST interface");
    }
    const json = await appRouter.get();
    return { RTMRouter: String(json.rtm_router_server), api: String(json.api_server) };
  };
  const route = kept(clock, async () => {
    const { RTMRouter } = await addresses();
    const json = await getJson(
      `${url(RTMRouter)}/v1/route?appId=${encodeURIComponent(appId)}&secure=${ssl}`,
      environment,
    );
    const list = [json.server, json.secondary].filter((each) => typeof each === "string");
    if (!list.length) {
      throw new TransportError("not-curlew", `The router ${RTMRouter} named no server`);
    }
    return [[...new Set(list)], json.ttl];
  });
  return {
    list: RTMServers === undefined ? route.get : () => Promise.resolve([RTMServers].flat()),
    forget: route.forget,
    api: async () => url((await addresses()).api),
  };
}

/** Keeps what was fetched for as long as it says (in s); serves the old where the new is not to be had. */
function kept<T>(
  clock: Environment["clock"],
  fetch: () => Promise<readonly [value: T, ttl: unknown]>,
) {
  let known: T | undefined;
  let until = 0;
  let pending: Promise<T> | undefined;
  const refresh = async () => {
    try {
      const [value, ttl] = await fetch();
      known = value;
      until = clock.now() + (typeof ttl === "number" ? ttl : DEFAULT_TTL) * 1000;
    } catch (error) {
      if (!known) throw error;
    } finally {
      pending = undefined;
    }
    return known;
  };
  return {
    get: async (): Promise<T> =>
      known && clock.now() < until ? known : await (pending ??= refresh()),
    forget: (): void => void (until = 0),
  };
}

/** What a server answers to a request, as JSON; rejects with a `TransportError` that says why not. */
export async function getJson(
  url: string,
  { clock, fetch }: Environment,
  init?: FetchInit,
  signal?: Cancel,
): Promise<Json> {
  if (!fetch) {
    throw new TypeError("This platform has no fetch: pass RTMServers, or fetch in the environment");
  }
  const end = deferred();
  const stopListening = whenAborted(signal, end.reject);
  const timer = clock.after(
    TIMEOUT,
    () => end.reject(new TransportError("timeout", `No answer from ${url}`)),
  );
  const ask = async () => {
    const response = await fetch(url, init);
    const { ok, status } = response;
    if (ok) return Object(await response.json());
    const { code, error = status } = Object(await response.json().catch(() => undefined));
    throw new TransportError("refused", `${url} answered with ${error}`, {
      status,
      code: Number(code) || undefined,
    });
  };
  try {
    return await Promise.race([ask(), end.promise]);
  } catch (cause) {
    if (cause instanceof RealtimeError) throw cause;
    // Node tells what failed in the cause of its "fetch failed": a name, a certificate, a port.
    const why = Object(cause).cause ?? cause;
    throw new TransportError("unreachable", `No answer from ${url}: ${why}`, { cause });
  } finally {
    stopListening();
    timer.cancel();
  }
}
