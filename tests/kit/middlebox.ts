/**
 * A box between a client and a server that passes requests on, and lets WebSockets open but swallows
 * what they carry.
 *
 * @module
 */
import { createServer, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
// @ts-types="@types/ws"
import { WebSocketServer } from "ws";

/** One that listens. */
export interface Middlebox {
  /** Its address, `http://…`. */
  readonly url: string;
  /** How many messages it swallowed. */
  readonly swallowed: number;
  /** How many of the WebSockets that it let open are open. */
  readonly sockets: number;
  /** How many WebSockets it ever let open. */
  readonly opened: number;
  /** Stops listening, and breaks what is open. */
  readonly close: () => Promise<void>;
}

/** Stands before what listens on that port of this machine. */
export async function middlebox(port: number): Promise<Middlebox> {
  let swallowed = 0;
  let opened = 0;
  const connections = new Set<Socket>();
  const http = createServer((near, answer) => {
    const { method, url: path, headers } = near;
    const far = request({ host: "127.0.0.1", port, method, path, headers }, (reply) => {
      answer.writeHead(reply.statusCode!, reply.headers);
      reply.pipe(answer);
    });
    far.on("error", () => answer.destroy());
    answer.on("close", () => far.destroy());
    near.pipe(far);
  });
  const webSockets = new WebSocketServer({ server: http });
  webSockets.on("connection", (socket) => {
    opened++;
    socket.on("message", () => swallowed++);
    socket.on("error", () => {});
  });
  http.on("connection", (socket) => {
    if (!http.listening) return void socket.destroy(); // It was in the queue when the box closed.
    connections.add(socket);
    socket.on("close", () => connections.delete(socket));
  });
  await new Promise<void>((done) => http.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    get swallowed() {
      return swallowed;
    },
    get sockets() {
      return webSockets.clients.size;
    },
    get opened() {
      return opened;
    },
    close: async () => {
      webSockets.close();
      const closed = new Promise((done) => http.close(done));
      for (const socket of connections) socket.destroy();
      await closed;
    },
  };
}
