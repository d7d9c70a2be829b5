/**
 * A server in this process, in fake time, with an empty store in memory.
 *
 * @module
 */
import { createServer, type Server, type ServerOptions } from "@curlew/server";
import { createMemoryStore } from "@curlew/server/store/memory";
import type { Store } from "@curlew/server/store";
import { FakeClock } from "./clock.ts";
import { listeningLog } from "./log.ts";
import { seeded, seededBytes } from "./seeded.ts";
import { type Login, WireClient, type WireOptions } from "./wire_client.ts";

/** The app of the tests. */
export const testApp = { id: "app", key: "key", masterKey: "master", login: "open" } as const;

/** What a test may have otherwise. */
export interface TestServerOptions extends Partial<ServerOptions> {
  /** The time. */
  readonly clock?: FakeClock;
  /** How far its own clock is ahead of that, in ms. */
  readonly ahead?: number;
  /** Where its ids come from: nodes that work together have different ones. */
  readonly seed?: number;
}

/** A server, and what a test needs to look at it. */
export interface TestServer {
  readonly server: Server;
  readonly clock: FakeClock;
  readonly store: Store;
  readonly log: ReturnType<typeof listeningLog>;
  /** Opens a link. */
  readonly connect: (options?: WireOptions) => Promise<WireClient>;
  /** Opens a link and logs in on it. */
  readonly login: (client: string, options?: WireOptions & Login) => Promise<WireClient>;
}

/** Makes one. */
export function testServer(options: TestServerOptions = {}): TestServer {
  const { clock = new FakeClock(), ahead = 0, seed = 1, ...rest } = options;
  const random = seeded(seed);
  const secret = seededBytes(random);
  const log = listeningLog();
  const store = rest.store ?? createMemoryStore({ clock, secret });
  const server = createServer(
    { apps: [testApp], store, version: "1.2.3", ...rest },
    { clock: { ...clock, now: () => clock.now() + ahead }, random, secret, log },
  );
  const connect = (options?: WireOptions) => WireClient.connect(server, options);
  return {
    server,
    clock,
    store,
    log,
    connect,
    login: async (client, { appId, session, ...wire } = {}) => {
      const opened = await connect(wire);
      await opened.open(client, { ...(appId && { appId }), ...(session && { session }) });
      return opened;
    },
  };
}
