/**
 * Clients that talk over the real server, in one process and in time that a test moves.
 *
 * @module
 */
import {
  type IMClient,
  type IMClientOptions,
  type PersistentConversation,
  Realtime,
  type RealtimeOptions,
} from "@curlew/realtime";
import type { Fetch } from "@curlew/realtime/environment";
import { memory } from "@curlew/realtime/transports/memory";
import { settle } from "../../kit/clock.ts";
import {
  testApp,
  type TestServer,
  testServer,
  type TestServerOptions,
} from "../../kit/test_server.ts";
import { localPeer } from "../../kit/wire_client.ts";

/** A server and those who talk over it. */
export interface Talk extends TestServer {
  /** Logs a client in on a device of its own. */
  readonly client: (id: string, options?: ClientOptions) => Promise<IMClient>;
  /** Breaks all links. */
  readonly cut: () => void;
}

/** How a client of these tests is made. */
export type ClientOptions = IMClientOptions & Partial<RealtimeOptions>;

/** Runs a test with a server of its own; at its end all clients log out. */
export function talking(
  test: (talk: Talk) => Promise<void>,
  options?: TestServerOptions,
): () => Promise<void> {
  return async () => {
    const tested = testServer(options);
    const { server, clock, log } = tested;
    const devices: Realtime[] = [];
    const links = new Set<() => void>();
    const transport = memory({
      protocols: server.protocols,
      accept: (link) => {
        const { frame, closed } = server.accept(link, localPeer);
        const end = () => link.close(1006);
        links.add(end);
        return {
          frame,
          closed: (why) => {
            links.delete(end);
            closed(why);
          },
        };
      },
    });
    const fetch: Fetch = (url, init) => server.fetch(new Request(url, init), localPeer);
    const client = async (id: string, { plugins, ...options }: ClientOptions = {}) => {
      const realtime = new Realtime({
        appId: testApp.id,
        appKey: testApp.key,
        server: "http://127.0.0.1:8450",
        RTMServers: "ws://127.0.0.1:8450",
        transports: [transport],
        plugins,
      }, { clock, log, fetch, random: () => 0.5 });
      devices.push(realtime);
      return await realtime.createIMClient(id, options);
    };
    try {
      await test({ ...tested, client, cut: () => links.forEach((end) => end()) });
    } finally {
      const closed = Promise.all(devices.map((realtime) => realtime.close()));
      await clock.advance(30_000);
      await closed;
      await server.close();
      await settle();
    }
  };
}

/** A conversation that Tom made, as each of its members has it. */
export interface Group {
  readonly clients: readonly IMClient[];
  /** What Tom has. */
  readonly mine: PersistentConversation;
  /** What the others have, in the order of their names. */
  readonly theirs: readonly PersistentConversation[];
}

/** Tom and others, in a conversation that Tom made. */
export async function group(
  { client }: Talk,
  others: readonly string[] = ["jerry"],
  attributes: Readonly<Record<string, unknown>> = {},
): Promise<Group> {
  const clients = await Promise.all(["tom", ...others].map((id) => client(id)));
  const mine = await clients[0]!.createConversation({ members: others, ...attributes });
  await settle();
  const theirs = await Promise.all(
    clients.slice(1).map(async (each) => (await each.getConversation(mine.id))!),
  );
  return { clients, mine, theirs };
}
