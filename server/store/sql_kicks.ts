/**
 * Who was forced to log out: the last time of each client.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { SqlDriver } from "./driver.ts";
import { mustBeName } from "./member_rules.ts";
import { KICKS_KEPT_FOR } from "./places.ts";
import type { Groups } from "./sql_group.ts";
import { prepareAll } from "./sql_statements.ts";
import type { Kick, Store } from "./store.ts";

/** How many that are too old are forgotten with each that is noted. */
const DROPPED = 10;

const sql = {
  put: "INSERT OR REPLACE INTO kicks (app, client, at, reason) VALUES (?, ?, ?, ?)",
  drop: `DELETE FROM kicks WHERE (app, client) IN
    (SELECT app, client FROM kicks WHERE at <= ? ORDER BY at LIMIT ${DROPPED})`,
  of: "SELECT at FROM kicks WHERE app = ? AND client = ?",
  since: "SELECT app, client, at, reason FROM kicks WHERE at >= ? ORDER BY at",
} as const;

/** The methods of a store that are about it. */
export function sqlKicks(
  driver: SqlDriver,
  groups: Groups,
  { now }: Pick<Clock, "now">,
): Pick<Store, "kick" | "lastKick" | "kickedSince"> {
  const { put, drop, of, since } = prepareAll(driver, sql);
  return {
    kick: (app, client, reason) =>
      groups.write(() => {
        mustBeName(client);
        drop.run(now() - KICKS_KEPT_FOR);
        const at = Math.max(now(), Number(of.get(app, client)?.at ?? 0) + 1);
        put.run(app, client, at, reason ?? null);
        return { app, client, at, ...(reason === undefined ? {} : { reason }) };
      }),

    // Each login waits for it.
    lastKick: (app, client) => groups.readKept(() => of.get(app, client)?.at as number | undefined),

    kickedSince: (timestamp) =>
      groups.read(() =>
        since.all(timestamp).map(({ app, client, at, reason }) => ({
          app,
          client,
          at,
          ...(reason === null ? {} : { reason }),
        } as Kick))
      ),
  };
}
