/**
 * A server of Curlew with a proxy before it that may be broken.
 *
 * @module
 */
import {
  createServer as listen,
  type IncomingMessage,
  type OutgoingHttpHeaders,
  request as send,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer } from "@curlew/server";
import { nodeEnvironment, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { systemClock } from "@curlew/realtime/environment";
import type { Finding, Subject } from "../../../server/doctor/finding.ts";

/** What a proxy does that is broken; whatever it does not name it does well. */
export interface Faults {
  /** Answers a request itself, where it returns true. */
  readonly answer?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Changes the headers of requests and handshakes. */
  readonly request?: (headers: OutgoingHttpHeaders) => void;
  /** Changes the headers of answers. */
  readonly response?: (headers: OutgoingHttpHeaders) => void;
  /** Deals with a handshake itself, where it returns true. */
  readonly upgrade?: (request: IncomingMessage, socket: Duplex, to: number) => boolean;
  /** Changes what the server says to a handshake. */
  readonly handshake?: (head: string) => string;
}

/** A proxy with its server. */
export interface Rig extends AsyncDisposable {
  readonly subject: Subject;
  /** The sockets that the proxy has upgraded. */
  readonly upgraded: readonly Duplex[];
}

/** What a test wants other than usual. */
export interface RigOptions extends Partial<Omit<Subject, "url">> {
  /** The path at which clients are told that the server is. */
  readonly path?: string;
  /** Whether the app's logins are to be signed. */
  readonly signed?: boolean;
  /** Whether the server lets this machine alone in. */
  readonly localOnly?: boolean;
}

function headers(from: OutgoingHttpHeaders, change: Faults["request"]): OutgoingHttpHeaders {
  const changed = { ...from };
  change?.(changed);
  return changed;
}

/** Writes the head of a request as it came, but for its headers. */
function headOf(
  { method, url, headers }: { method?: string; url?: string; headers: OutgoingHttpHeaders },
) {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  return [`${method} ${url} HTTP/1.1`, ...lines, "", ""].join("\r\n");
}

/** Starts a server and a proxy before it. */
export async function startRig(faults: Faults = {}, options: RigOptions = {}): Promise<Rig> {
  const { path = "/", signed = false, localOnly = false, ...rest } = options;
  const quiet = { debug() {}, info() {}, warn() {}, error() {} };
  const environment = { ...nodeEnvironment, log: quiet };
  const store = createMemoryStore(environment);
  const login = signed ? "signed" : "open";
  const app = { id: "app", key: "key", masterKey: "master", login } as const;
  const server = createServer({ apps: [app], store, version: "0", localOnly }, environment);
  const served = await serveNode(server, { ...environment, farewell: 0, closeTimeout: 200 });
  const to = served.port;

  const sockets = new Set<Socket>();
  const upgraded: Duplex[] = [];
  const http = listen((request, response) => {
    if (faults.answer?.(request, response)) return;
    const passed = send({
      host: "127.0.0.1",
      port: to,
      method: request.method ?? "GET",
      path: (request.url ?? "/").replace(path, "/"),
      headers: headers(request.headers, faults.request),
      agent: false,
    }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, headers(answer.headers, faults.response));
      answer.pipe(response);
    });
    passed.on("error", () => response.destroy());
    response.on("close", () => passed.destroy());
    request.pipe(passed);
  });
  http.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  http.on("upgrade", (request: IncomingMessage, socket: Duplex) => {
    upgraded.push(socket);
    socket.on("error", () => {});
    if (faults.upgrade?.(request, socket, to)) return;
    const behind = connect(to, "127.0.0.1");
    behind.on("error", () => socket.destroy());
    behind.on("close", () => socket.destroy());
    socket.on("close", () => behind.destroy());
    behind.write(headOf({
      method: "GET",
      url: (request.url ?? "/").replace(path, "/"),
      headers: headers(request.headers, faults.request),
    }));
    socket.pipe(behind);
    behind.once("data", (head) => {
      socket.write(faults.handshake?.(String(head)) ?? head);
      behind.pipe(socket);
    });
  });
  await new Promise<void>((listens) => http.listen(0, "127.0.0.1", listens));
  const { port } = http.address() as AddressInfo;
  return {
    subject: {
      url: new URL(`http://127.0.0.1:${port}${path}`),
      app: app.id,
      idle: 20,
      clock: systemClock,
      ...rest,
    },
    upgraded,
    async [Symbol.asyncDispose]() {
      const closed = new Promise((done) => http.close(done));
      for (const socket of sockets) socket.destroy();
      await closed;
      await served.close();
      await store.close();
    },
  };
}

/** What was found, where something was. */
export const told = (finding: Finding | undefined): string =>
  finding === undefined
    ? "nothing"
    : `${finding.state}: ${finding.says}${
      finding.state === "failed" ? ` → ${finding.remedy}` : ""
    }`;
