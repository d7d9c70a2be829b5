/**
 * Serves a server on `node:http`, under Deno and Node alike: HTTP through Hono, sockets through
 * `ws` on the same port.
 *
 * @module
 */
import { createAdaptorServer, type HttpBindings } from "@hono/node-server";
import { type Context, Hono } from "hono";
import { bodyLimit } from "hono/body-limit";
import { type IncomingMessage, type Server as HttpServer, STATUS_CODES } from "node:http";
import { createServer as createSecureServer, type Server as SecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import { setImmediate } from "node:timers";
// @ts-types="@types/ws"
import { type ServerOptions, type WebSocket, WebSocketServer } from "ws";
import { type Clock, consoleLog, type Log, systemClock } from "@curlew/realtime/environment";
import type { Peer, Server, ServerEnvironment } from "../mod.ts";
import { peerOf, trustRanges } from "./peer.ts";
import { flushPerTurn, report, SocketLink } from "./socket_link.ts";
import { readTls, type TlsFiles, watchTls } from "./tls.ts";

export type { TlsFiles } from "./tls.ts";

/**
 * The platform's clock whose turn ends when all that had arrived was handled: the wider the turn,
 * the more goes out in one write and into one transaction.
 */
export const nodeClock: Clock = {
  ...systemClock,
  turnEnd: (run) => void setImmediate(run),
};

/** What a server needs of Deno and Node. */
export const nodeEnvironment: ServerEnvironment = {
  clock: nodeClock,
  random: Math.random,
  secret: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  log: consoleLog,
};

/** How to serve. Times are in ms, sizes in bytes. */
export interface NodeOptions {
  /** Where to listen; 127.0.0.1 by default. */
  readonly host?: string;
  /** 0, the default, picks a free one. */
  readonly port?: number;
  /** Where WebSockets are accepted; `/` by default. */
  readonly paths?: readonly string[];
  /** Addresses and CIDR ranges of the proxies whose `X-Forwarded-…` headers are believed. */
  readonly trustProxy?: readonly string[];
  /** The certificate to serve https with, read again when it changes; plain http without it. */
  readonly tls?: TlsFiles;
  /** How often each socket is pinged; one that is silent for two pings is dead. 30,000 by default. */
  readonly pingInterval?: number;
  /**
   * How long the headers of a request may take, and then the whole of it; before them a TLS
   * handshake. 10,000 by default.
   */
  readonly requestTimeout?: number;
  /** How large the body of a request may be. 1 MiB by default. */
  readonly maxBody?: number;
  /** How large a message on a socket may be; a larger one closes it with 1009. 64 KiB by default. */
  readonly maxMessage?: number;
  /**
   * How long HTTP is still answered after clients were told to go elsewhere: they ask where, and
   * some of LeanCloud's end when nobody answers. 500 by default.
   */
  readonly farewell?: number;
  /** How long sockets may take to close, each in its turn and all at the end. 3,000 by default. */
  readonly closeTimeout?: number;
  /** Tells the time; the platform's by default. */
  readonly clock?: Clock;
  /** Where log lines go; the console by default. */
  readonly log?: Log;
}

/** A server that listens. */
export interface Served {
  /** The port that it listens on. */
  readonly port: number;
  /** Stops accepting, closes the server, then what sockets are left: resolves in bounded time. */
  readonly close: () => Promise<void>;
}

/**
 * How long a connection may lie idle between requests, in ms: longer than proxies keep theirs (nginx:
 * 60 s), or they send a request into one that is just being closed, and answer it with 502.
 */
const KEEP_ALIVE = 65_000;

/** How often connections that have nothing more to say are looked for at the end, in ms. */
const SWEEP = 50;

/** The subprotocols that a handshake offers: in its header, or in its query from where no header can be set. */
function offered(request: IncomingMessage): readonly string[] {
  const header = request.headers["sec-websocket-protocol"];
  if (header !== undefined) return header.split(",").map((name) => name.trim());
  return new URLSearchParams(request.url?.split("?")[1]).getAll("subprotocol");
}

/** Answers a handshake with plain HTTP. */
function refuse(socket: Duplex, status: number, text: string): void {
  socket.once("finish", () => socket.destroy());
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\n` +
      `Content-Type: text/plain; charset=utf-8\r\nContent-Length: ${
        text.length + 1
      }\r\n\r\n${text}\n`,
  );
}

/**
 * Listens, and serves until it is closed.
 *
 * @throws An `Error` that says which address could not be had or which file is no good, and why.
 */
export async function serveNode(
  server: Pick<Server, "protocols" | "fetch" | "accept" | "close">,
  options: NodeOptions = {},
): Promise<Served> {
  const { host = "127.0.0.1", port = 0, paths = ["/"], clock = nodeClock, log = consoleLog } =
    options;
  const { pingInterval = 30_000, requestTimeout = 10_000 } = options;
  const { farewell = 500, closeTimeout = 3_000 } = options;
  const trust = trustRanges(options.trustProxy ?? []);
  const { tls } = options;
  const pair = tls && await readTls(tls);

  const app = new Hono<{ Bindings: HttpBindings }>();
  const { maxBody = 1_048_576 } = options;
  const tooLarge = (context: Context) =>
    context.json({ code: 413, error: "The body is too large" }, 413);
  const limit = bodyLimit({ maxSize: maxBody, onError: tooLarge });
  app.use(async (context, next) => {
    const { "content-length": length, "transfer-encoding": coding } = context.env.incoming.headers;
    if (coding === undefined) { // Node holds the body to its length, and it is not looked at here.
      if (Number(length ?? 0) > maxBody) return tooLarge(context);
      return await next();
    }
    // The limit copies such a request, which can only be done with one of the platform's own.
    const { url, method, headers, body, signal } = context.req.raw;
    const init: RequestInit & { readonly duplex: "half" } = {
      method,
      headers,
      body,
      signal,
      duplex: "half",
    };
    context.req.raw = new Request(url, init);
    return await limit(context, next);
  });
  app.all("*", ({ req, env }) => server.fetch(req.raw, peerOf(env.incoming, trust)));
  app.onError((error, context) => {
    const level = context.env.incoming.destroyed ? "debug" : "error"; // gone: the client's doing
    log[level]("A request could not be handled", { error, path: context.req.path });
    return context.text("Internal error", 500);
  });
  const serverOptions = {
    headersTimeout: requestTimeout,
    requestTimeout,
    connectionsCheckingInterval: Math.min(requestTimeout, 1_000),
    keepAliveTimeout: KEEP_ALIVE,
  };
  const http = createAdaptorServer({
    fetch: app.fetch,
    overrideGlobalObjects: false,
    ...(pair
      ? {
        createServer: createSecureServer,
        serverOptions: { ...serverOptions, handshakeTimeout: requestTimeout, ...pair },
      }
      : { serverOptions }),
  }) as HttpServer & Partial<Pick<SecureServer, "setSecureContext">>;

  const choose = (names: Iterable<string>) =>
    [...names].find((name) => server.protocols.includes(name));
  // The package's types do not know `closeTimeout` yet.
  const settings: ServerOptions & { readonly closeTimeout: number } = {
    noServer: true,
    maxPayload: options.maxMessage ?? 65_536,
    perMessageDeflate: false,
    clientTracking: false,
    closeTimeout,
    handleProtocols: (names) => choose(names) ?? false,
  };
  const webSockets = new WebSocketServer(settings);
  const turnEnd = flushPerTurn(clock);
  /** The open sockets, each with how many pings went by without a word from it. */
  const open = new Set<{ readonly webSocket: WebSocket; unheard: number }>();

  let leaving = false;

  // A function of its own, so that what lives as long as the socket does not hold on to the request.
  const serve = (webSocket: WebSocket, socket: Duplex, protocol: string, peer: Peer) => {
    const entry = { webSocket, unheard: 0 };
    const heard = () => void (entry.unheard = 0);
    open.add(entry);
    webSocket.on("message", heard).on("pong", heard).on("ping", heard);
    webSocket.on("error", (error) => log.debug("A socket broke the protocol", { error }));
    webSocket.on("close", () => open.delete(entry));
    const link = new SocketLink(webSocket, socket, protocol, turnEnd);
    report(webSocket, server.accept(link, peer), log);
  };

  http.on("upgrade", (request, socket, head) => {
    socket.on("error", (error) => log.debug("A socket failed", { error }));
    if (leaving) return refuse(socket, 503, "The server is closing");
    if (!paths.includes(request.url?.split("?")[0] ?? "/")) {
      return refuse(socket, 404, "No WebSocket is served here");
    }
    const protocol = choose(offered(request));
    if (protocol === undefined) {
      const known = server.protocols.join(", ");
      return refuse(socket, 400, `Offer one of these WebSocket subprotocols: ${known}`);
    }
    const peer = peerOf(request, trust);
    webSockets.handleUpgrade(request, socket, head, (webSocket) => {
      serve(webSocket, socket, protocol, peer);
    });
  });

  await new Promise<void>((listening, failed) => {
    http.once("error", (error: Error & { code?: string }) => {
      const why = error.code === "EADDRINUSE" ? "the port is taken" : error.message;
      failed(new Error(`Can't listen on ${host}:${port}: ${why}`, { cause: error }));
    });
    http.listen(port, host, listening);
  });
  http.on("error", (error) => log.error("The listener failed", { error }));
  const unwatch = tls && pair &&
    watchTls(tls, pair, { clock, log, use: (next) => http.setSecureContext?.(next) });

  const pingAll = () => {
    for (const entry of open) {
      if (entry.unheard >= 2) entry.webSocket.terminate();
      else {
        entry.unheard++;
        entry.webSocket.ping();
      }
    }
    nextPing = clock.after(pingInterval, pingAll);
  };
  let nextPing = clock.after(pingInterval, pingAll);

  const atMost = (work: Promise<unknown>) =>
    new Promise<void>((done) => {
      const timer = clock.after(closeTimeout, done);
      work.catch((error) => log.error("Closing failed", { error })).finally(() => {
        timer.cancel();
        done();
      });
    });

  const shut = async () => {
    nextPing.cancel();
    unwatch?.();
    leaving = true;
    const asked = open.size > 0 && farewell > 0
      ? new Promise<void>((done) => clock.after(farewell, done))
      : undefined;
    let stopped: Promise<void> | undefined;
    const stopListening = () => stopped ??= new Promise<void>((done) => http.close(() => done()));
    await atMost(server.close(farewell, stopListening));
    await asked;
    const closed = stopListening();
    for (const { webSocket } of open) webSocket.close(1001, "The server is closing");
    // Again and again: a request that was under way is answered, and its connection is kept.
    const sweep = () => {
      http.closeIdleConnections();
      nextSweep = clock.after(SWEEP, sweep);
    };
    let nextSweep = clock.after(0, sweep);
    await atMost(closed);
    nextSweep.cancel();
    for (const { webSocket } of open) webSocket.terminate();
    http.closeAllConnections();
    await atMost(closed);
  };
  let shutting: Promise<void> | undefined;
  return {
    port: (http.address() as AddressInfo).port,
    close: () => shutting ??= shut(),
  };
}
