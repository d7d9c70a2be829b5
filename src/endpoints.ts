/**
 * Where to dial: the addresses given, or those that a router answers with.
 *
 * @module
 */
import type { Endpoints } from "./connection/connection.ts";
import { deferred } from "./connection/deferred.ts";
import { whenAborted } from "./connection/when_aborted.ts";
import type { Environment, FetchInit } from "./environment/mod.ts";
import type { ConnectOptions, ServerAddresses } from "./options.ts";
import { type Cancel, RealtimeError, TransportError } from "./protocol/mod.ts";

/** Less than a call takes at most, whose caller is to hear what failed. */
const TIMEOUT = 10_000;
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
  if (server === undefined && RTMServers === undefined) {
    throw new TypeError("Option server or RTMServers of Realtime must say where the server is");
  }
  const { RTMRouter = "", api }: Partial<ServerAddresses> = typeof server === "string"
    ? { RTMRouter: server, api: server }
    : server ?? {};
  const url = (address: string) =>
    (/^\w+:\/\//.test(address) ? address : `http${ssl ? "s" : ""}://${address}`).replace(
      /\/+$/,
      "",
    );
  const { clock } = environment;
  let known: readonly string[] | undefined;
  let until = 0;
  let pending: Promise<readonly string[]> | undefined;

  /** Asks the router, whose answer is kept for as long as it says (in s); the old serves where it fails. */
  const route = async () => {
    try {
      const json = await getJson(
        `${url(RTMRouter)}/v1/route?appId=${encodeURIComponent(appId)}&secure=${ssl}`,
        environment,
      );
      const list = [json.server, json.secondary].filter((each) => typeof each === "string");
      if (!list.length) {
        throw new TransportError("not-curlew", `The router ${RTMRouter} named no server`);
      }
      known = [...new Set(list)];
      until = clock.now() + (typeof json.ttl === "number" ? json.ttl : DEFAULT_TTL) * 1000;
    } catch (error) {
      if (!known) throw error;
    } finally {
      pending = undefined;
    }
    return known;
  };
  return {
    list: async () =>
      RTMServers
        ? [RTMServers].flat()
        : known && clock.now() < until
        ? known
        : await (pending ??= route()),
    forget: () => void (until = 0),
    api: () => {
      const error = "Option server of Realtime is needed: RTMServers has no REST interface";
      return api === undefined ? Promise.reject(new TypeError(error)) : Promise.resolve(url(api));
    },
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
    const json = await response.json().catch(() => undefined);
    if (ok && json) return Object(json);
    const { code, error = ok ? "no JSON" : status } = Object(json);
    throw new TransportError(ok ? "not-curlew" : "refused", `${url} answered with ${error}`, {
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
    throw new TransportError("unreachable", `No good answer from ${url}: ${why}`, { cause });
  } finally {
    stopListening();
    timer.cancel();
  }
}
