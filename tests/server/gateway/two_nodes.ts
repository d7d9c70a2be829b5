/** Two nodes with one store and one bus, as bad as a test wants it. @module */
import type { ServiceEvent } from "@curlew/server";
import { createMemoryStore } from "@curlew/server/store/memory";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import type { Store } from "@curlew/server/store";
import { FakeClock } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { type Badness, testBus } from "../../kit/test_bus.ts";
import { testServer } from "../../kit/test_server.ts";

/** Long enough for two sweeps. */
export const SWEPT = 25_000;

/** A bus without a fault. */
export const good: Badness = { drop: 0, repeat: 0, delay: 0, latest: 0 };

type MakeStore = (options: Parameters<typeof createMemoryStore>[0]) => Promise<Store>;

/** The stores, and how often a property is tried with each. */
export const stores: {
  readonly [name: string]: { readonly make: MakeStore; readonly runs: number };
} = {
  memory: { make: (options) => Promise.resolve(createMemoryStore(options)), runs: 60 },
  SQLite: { make: (options) => openSqliteStore({ ...options, path: ":memory:" }), runs: 15 },
};

/** Two nodes with one store and one bus; the clock of the second may be ahead. */
export async function twoNodes(
  seed: number,
  badness: Badness,
  { make } = stores.memory!,
  ahead = 0,
) {
  const random = seeded(seed);
  const clock = new FakeClock();
  const store = await make({ clock, secret: seededBytes(random) });
  const bus = testBus<ServiceEvent>(clock, random, badness);
  const nodes = [
    testServer({ clock, store, bus, seed: 1 }),
    testServer({ clock, store, bus, seed: 2, ahead }),
  ] as const;
  return {
    random,
    clock,
    store,
    bus,
    nodes,
    end: async () => {
      for (const { server } of nodes) await server.close();
      await bus.close();
      await store.close();
    },
  };
}

/** Tom on one node and jerry on the other, in a conversation. */
export async function apart({ nodes: [one, two] }: Awaited<ReturnType<typeof twoNodes>>) {
  const tom = await one.login("tom");
  const jerry = await two.login("jerry");
  const { convMessage } = await tom.request({
    cmd: "conv",
    op: "start",
    convMessage: { m: ["jerry"] },
  });
  return { tom, jerry, cid: convMessage!.cid! };
}
