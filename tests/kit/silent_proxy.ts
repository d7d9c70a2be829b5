/**
 * A network that stops carrying without a word, as a phone's does in a lift: connections stay open
 * and nothing passes.
 *
 * @module
 */
import { type AddressInfo, connect, createServer, type Socket } from "node:net";

/** It stands before a server, on a port of its own. */
export interface SilentProxy {
  /** Where it listens. */
  readonly url: string;
  /** How many connections there were. */
  readonly count: number;
  /** Passes nothing more on what is open now; what is opened later passes. */
  readonly silence: () => void;
  /** Ends it and all connections. */
  readonly close: () => Promise<void>;
}

/** Stands before the server at `url`. */
export async function silentProxy(url: string): Promise<SilentProxy> {
  const { hostname, port } = new URL(url);
  const open = new Set<Socket>();
  let count = 0;
  const server = createServer((near) => {
    count++;
    const far = connect(Number(port), hostname);
    for (const [from, to] of [[near, far], [far, near]] as const) {
      open.add(from);
      from.pipe(to);
      from.on("error", () => to.destroy());
      from.on("close", () => {
        open.delete(from);
        to.destroy();
      });
    }
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return count;
    },
    silence: () => {
      for (const socket of open) {
        socket.unpipe();
        socket.pause();
      }
    },
    close: () => {
      for (const socket of open) socket.destroy();
      return new Promise((done) => server.close(() => done()));
    },
  };
}
