/**
 * Who was forced to log out, in memory.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { mustBeName } from "./member_rules.ts";
import { KICKS_KEPT_FOR } from "./places.ts";
import type { Kick, Store } from "./store.ts";

/** The methods of a store that are about it; `run` carries each out. */
export function memoryKicks(
  run: <T>(operation: () => T) => Promise<T>,
  { now }: Pick<Clock, "now">,
): Pick<Store, "kick" | "lastKick" | "kickedSince"> {
  const kicks = new Map<string, Kick>();
  const keyOf = (app: string, client: string) => JSON.stringify([app, client]);
  return {
    kick: (app, client, reason) =>
      run(() => {
        mustBeName(client);
        for (const [key, { at }] of kicks) {
          if (at <= now() - KICKS_KEPT_FOR) kicks.delete(key);
        }
        const key = keyOf(app, client);
        const at = Math.max(now(), (kicks.get(key)?.at ?? 0) + 1);
        const kick: Kick = { app, client, at, ...(reason === undefined ? {} : { reason }) };
        kicks.set(key, kick);
        return kick;
      }),

    lastKick: (app, client) => run(() => kicks.get(keyOf(app, client))?.at),

    kickedSince: (timestamp) =>
      run(() =>
        [...kicks.values()].filter(({ at }) => at >= timestamp).sort((a, b) => a.at - b.at)
      ),
  };
}
