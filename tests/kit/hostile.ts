/**
 * Servers that misbehave, each on a port of this machine.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";

/** Something that listens. */
export interface Listening {
  readonly port: number;
  /** How many connections there were. */
  readonly count: number;
  /** Stops listening, and breaks what is open. */
  readonly close: () => Promise<void>;
}

/** What a server does with a connection, once it has heard the head of a request. */
export type Misbehave = (socket: Socket, head: string) => void;

/** Listens on a port, 0 for any free one; `atOnce` is done before anything was heard. */
export async function listen(
  misbehave: Misbehave,
  port = 0,
  atOnce: (socket: Socket) => void = () => {},
): Promise<Listening> {
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((socket) => {
    count++;
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
    let head = "";
    socket.on("data", (data: Uint8Array) => {
      if (head.includes("\r\n\r\n")) return;
      head += new TextDecoder("latin1").decode(data);
      if (head.includes("\r\n\r\n")) misbehave(socket, head);
    });
    atOnce(socket);
  });
  await new Promise<void>((done, failed) => {
    server.once("error", failed);
    server.listen(port, "127.0.0.1", done);
  });
  return {
    port: (server.address() as AddressInfo).port,
    get count() {
      return count;
    },
    close: () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of open) socket.destroy();
      return closed;
    },
  };
}

/** Answers every request with the same. */
export function answers(
  status: string,
  headers: Readonly<Record<string, string>> = {},
  body = "",
): Misbehave {
  const lines = Object.entries({ Connection: "close", ...headers });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return (socket) => {
    const length = new TextEncoder().encode(body).length;
    socket.end(`HTTP/1.1 ${status}\r\nContent-Length: ${length}\r\n${head}\r\n${body}`);
  };
}

/** Answers as HTTP has it, and breaks off in the middle of the body. */
export const breaksOff: Misbehave = (socket) => {
  const headers = "Content-Type: application/json\r\nContent-Length: 1000";
  socket.write(`HTTP/1.1 200 OK\r\n${headers}\r\n\r\n{"id":"nod`);
  socket.end();
};

const header = (head: string, name: string): string =>
  RegExp(`^${name}: *(.*)\r$`, "im").exec(head)?.[1] ?? "";

/** Opens a WebSocket, whichever subprotocol is said to be chosen, and goes on as it likes. */
export function upgrades(then: (socket: Socket) => void, protocol?: string): Misbehave {
  return (socket, head) => {
    const key = header(head, "Sec-WebSocket-Key");
    const accept = createHash("sha1").update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest("base64");
    const chosen = protocol ?? header(head, "Sec-WebSocket-Protocol").split(",")[0]?.trim();
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
        `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${chosen}\r\n\r\n`,
    );
    then(socket);
  };
}

/** Bytes that are neither HTTP nor frames of a WebSocket. */
export const garbage = Uint8Array.from({ length: 400 }, (_, at) => (at * 197 + 13) % 256);

/** A whole frame of a WebSocket that holds no command. */
export const nonsense = Uint8Array.of(0x82, 4, 0xff, 0xff, 0xff, 0xff);

/** The first bytes of a frame of a WebSocket that should hold 100. */
export const half = Uint8Array.of(0x82, 100, 1, 2, 3);
