/**
 * A client, a network and a scripted server in one process, in time that a test moves.
 *
 * @module
 */
import assert from "node:assert/strict";
import {
  type IMClient,
  type PersistentConversation,
  Realtime,
  type RealtimeOptions,
  type Transport,
  TransportError,
} from "@curlew/realtime";
import type { Fetch } from "@curlew/realtime/environment";
import { memory } from "@curlew/realtime/transports/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { FakeServer } from "../../kit/fake_server.ts";
import { listeningLog } from "../../kit/log.ts";

export interface World {
  readonly clock: FakeClock;
  readonly server: FakeServer;
  readonly log: ReturnType<typeof listeningLog>;
  /** Whether new links are refused. */
  blocked: boolean;
  readonly fetched: { url: string; headers: Record<string, string>; body: unknown }[];
  /** What the REST interface answers. */
  answer: (url: string) => unknown;
  /** Another device. */
  readonly device: (options?: Partial<RealtimeOptions>) => Realtime;
  /** What a promise settles to, once time has passed as it must. */
  readonly after: <T>(ms: number, promise: Promise<T>) => Promise<T>;
}

/** Runs a test in a world of its own, and sees that nothing of it is left. */
export function inWorld(test: (world: World) => Promise<void>): () => Promise<void> {
  return async () => {
    const clock = new FakeClock();
    const server = new FakeServer(clock);
    const log = listeningLog();
    const devices: Realtime[] = [];
    const inner = memory({ protocols: server.protocols, accept: server.accept });
    const transport: Transport = {
      ...inner,
      open: (dial, accept) =>
        world.blocked
          ? Promise.reject(new TransportError("unreachable", "The network is cut"))
          : inner.open(dial, accept),
    };
    const fetched: World["fetched"] = [];
    const fetch: Fetch = (url, init) => {
      fetched.push({
        url,
        headers: init?.headers ?? {},
        body: JSON.parse(String(init?.body ?? "null")),
      });
      return Promise.resolve({
        ok: true,
        status: 200,
        headers: { get: () => null },
        json: async () => await world.answer(url),
      });
    };
    const world: World = {
      clock,
      server,
      log,
      blocked: false,
      fetched,
      answer: (url) =>
        url.includes("/rtm/notifications")
          ? { notifications: [], hasMore: false }
          : { signature: "signed", timestamp: 7, nonce: "n" },
      device(options) {
        const realtime = new Realtime({
          appId: "app",
          appKey: "key",
          server: "http://server",
          RTMServers: "ws://server",
          transports: [transport],
          ...options,
        }, { clock, log, fetch, random: () => 0.5 });
        devices.push(realtime);
        return realtime;
      },
      async after(ms, promise) {
        promise.catch(() => {});
        await clock.advance(ms);
        return await promise;
      },
    };
    try {
      await test(world);
    } finally {
      const closed = Promise.all(devices.map((realtime) => realtime.close()));
      await clock.advance(30_000);
      await closed;
      await settle();
    }
    assert.equal(clock.waiting, 0, "timers are left");
    assert.equal(server.links, 0, "links are left");
  };
}

/** Keeps what an emitter emits under these names. */
export function heard(
  emitter: { on(event: never, listener: (...args: never[]) => void): unknown },
  ...events: string[]
): [event: string, ...args: unknown[]][] {
  const all: [string, ...unknown[]][] = [];
  for (const event of events) {
    emitter.on(event as never, (...args: unknown[]) => all.push([event, ...args]));
  }
  return all;
}

/** Tom and Jerry, each on a device of his own, and the conversation that Tom made. */
export async function two({ device }: World): Promise<{
  tom: IMClient;
  jerry: IMClient;
  conversation: PersistentConversation;
}> {
  const [tom, jerry] = await Promise.all([
    device().createIMClient("tom"),
    device().createIMClient("jerry"),
  ]);
  const conversation = await tom.createConversation({ members: ["jerry"], name: "T & J" });
  await settle();
  return { tom, jerry, conversation };
}
