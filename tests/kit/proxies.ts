/**
 * Proxies that stand before a server and get in the way.
 *
 * @module
 */
import { createServer, request as requestOf } from "node:http";
import {
  type AddressInfo,
  connect,
  createServer as createSocketServer,
  type Server,
  type Socket,
} from "node:net";
import { Buffer } from "node:buffer";

/** A proxy that listens. */
export interface Proxy {
  readonly port: number;
  readonly close: () => Promise<void>;
}

async function listening(server: Server): Promise<Proxy> {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => open.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      const closed = new Promise<void>((done) => server.close(() => done()));
      for (const socket of open) socket.destroy();
      return closed;
    },
  };
}

/** Cuts connections over which nothing goes for `idle` ms. */
export function cutsIdle(target: number, idle: number): Promise<Proxy> {
  return listening(createSocketServer((near) => {
    const far = connect(target, "127.0.0.1");
    const cut = () => {
      clearTimeout(timer);
      near.destroy();
      far.destroy();
    };
    let timer = setTimeout(cut, idle);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.on("data", (data) => {
        clearTimeout(timer);
        timer = setTimeout(cut, idle);
        to.write(data);
      });
      from.on("error", cut);
      from.on("close", cut);
    }
  }));
}

/** A proxy that cuts connections as long as it is told to. */
export interface Cutter extends Proxy {
  /** Starts to, every so often. */
  readonly start: () => void;
  readonly stop: () => void;
  /** How many connections it cut. */
  readonly cut: number;
}

/** Cuts all connections every `every` ms, wherever they are. */
export async function cuts(target: number, every: number): Promise<Cutter> {
  const open = new Set<Socket>();
  let cut = 0;
  let timer: ReturnType<typeof setInterval> | undefined;
  const proxy = await listening(createSocketServer((near) => {
    const far = connect(target, "127.0.0.1");
    open.add(near);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  }));
  return {
    ...proxy,
    get cut() {
      return cut;
    },
    start: () => {
      timer = setInterval(() => {
        cut += open.size;
        for (const socket of open) socket.destroy();
      }, every);
    },
    stop: () => clearInterval(timer),
  };
}

/** What a proxy for HTTP does when a WebSocket is asked for. */
export type OnUpgrade =
  /** It knows of none, and asks the server for a page. */
  | "strips"
  /** It lets it open, and keeps what the server sends on it until it ends. */
  | "swallows";

/** Reads each request and each answer to its end before it passes it on. */
export function buffers(target: number, onUpgrade: OnUpgrade): Promise<Proxy> {
  const where = { host: "127.0.0.1", port: target };
  const server = createServer(async (message, response) => {
    const { method, url, headers: { connection: _, upgrade: __, ...headers } } = message;
    try {
      const body = Buffer.concat(await Array.fromAsync(message));
      const onward = requestOf({ ...where, method, path: url, headers, agent: false });
      response.on("close", () => onward.destroy());
      onward.on("error", () => response.destroy());
      onward.on("response", async (answer) => {
        try {
          const whole = Buffer.concat(await Array.fromAsync(answer));
          response.writeHead(answer.statusCode ?? 502, answer.headers).end(whole);
        } catch {
          response.destroy();
        }
      });
      onward.end(body);
    } catch {
      response.destroy(); // The client went away.
    }
  });
  if (onUpgrade === "swallows") {
    server.on("upgrade", ({ method, url, rawHeaders }, near, head) => {
      const far = connect(target, where.host);
      const lines = rawHeaders.map((text, at) => at % 2 ? `${text}\r\n` : `${text}: `).join("");
      far.write(`${method} ${url} HTTP/1.1\r\n${lines}\r\n`);
      far.write(head);
      far.once("data", (data) => near.write(data));
      near.on("data", (data) => far.write(data));
      for (const [from, to] of [[near, far], [far, near]] as const) {
        from.on("error", () => to.destroy());
        from.on("close", () => to.destroy());
      }
    });
  }
  return listening(server);
}
