/**
 * A small WebSocket server for tests of transports: it passes frames on and knows nothing of the
 * protocol.
 *
 * @module
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
// @ts-types="@types/ws"
import { type WebSocket, WebSocketServer as Server } from "ws";
import type { Accept, Link } from "@curlew/realtime/protocol";

/** A server that listens on a port of its own. */
export interface WebSocketServer {
  readonly url: string;
  /** How many sockets are open. */
  readonly sockets: number;
  /** Breaks all sockets without a word. */
  readonly cut: () => void;
  /** Stops listening, and breaks what is open. */
  readonly close: () => Promise<void>;
}

/** Serves links of these subprotocols; a socket that offers none of them is opened without one. */
export async function serveWebSockets(
  { protocols, accept }: { readonly protocols: readonly string[]; readonly accept: Accept },
): Promise<WebSocketServer> {
  const http = createServer();
  const server = new Server({
    server: http,
    handleProtocols: (offered) => [...offered].find((name) => protocols.includes(name)) ?? false,
  });
  server.on("connection", (socket) => connect(socket, accept));
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  const cut = () => {
    for (const socket of server.clients) socket.terminate();
  };
  return {
    url: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    get sockets() {
      return server.clients.size;
    },
    cut,
    close: async () => {
      cut();
      server.close();
      await new Promise((done) => http.close(done));
    },
  };
}

function connect(socket: WebSocket, accept: Accept): void {
  let closing = false;
  const link: Link = {
    protocol: socket.protocol,
    get pending() {
      return socket.bufferedAmount;
    },
    send: (frame) => {
      if (!closing) socket.send(typeof frame === "string" ? frame : new Uint8Array(frame));
    },
    close: (code, reason) => {
      if (closing) return;
      closing = true;
      socket.close(code, reason);
    },
  };
  const receiver = accept(link);
  socket.on("message", (data: Uint8Array, binary: boolean) => {
    if (!closing) receiver.frame(binary ? data : data.toString());
  });
  socket.on("error", () => {}); // A close follows.
  socket.on("close", (code, reason) => {
    closing = true;
    receiver.closed({ code, reason: reason.toString() });
  });
}
