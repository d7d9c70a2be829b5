/**
 * A handler of `fetch`'s requests on a port of its own, for tests of what speaks HTTP.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** A server that listens. */
export interface HttpServer {
  /** Its address, `http://…/`. */
  readonly url: string;
  readonly port: number;
  /** Breaks what is open. */
  readonly cut: () => void;
  /** Stops listening, and breaks what is open. */
  readonly close: () => Promise<void>;
}

async function requestOf(message: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = "GET", url = "/", headers } = message;
  const body = Buffer.concat(await Array.fromAsync(message));
  const pairs = Object.entries(headers).map(([name, value]): [string, string] => [
    name,
    String(value),
  ]);
  return new Request(`http://${headers.host}${url}`, {
    method,
    headers: pairs,
    signal,
    body: body.length ? body : null,
  });
}

/** Serves; port 0 picks a free one. */
export async function serveHttp(
  handle: (request: Request) => Promise<Response> | Response,
  port = 0,
): Promise<HttpServer> {
  const sockets = new Set<Socket>();
  const server = createServer(async (message, response) => {
    const gone = new AbortController();
    response.on("close", () => gone.abort());
    try {
      const answer = await handle(await requestOf(message, gone.signal));
      response.writeHead(answer.status, Object.fromEntries(answer.headers));
      response.end(new Uint8Array(await answer.arrayBuffer()));
    } catch (error) {
      if (!gone.signal.aborted && !message.destroyed) throw error;
    }
  });
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(port, "127.0.0.1", done));
  const bound = (server.address() as AddressInfo).port;
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    url: `http://127.0.0.1:${bound}/`,
    port: bound,
    cut,
    close: async () => {
      const closed = new Promise((done) => server.close(done));
      cut();
      await closed;
    },
  };
}
