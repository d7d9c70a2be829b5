/**
 * Who is subscribed to service conversations: a table of their own, since there may be a million.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { SqlDriver } from "./driver.ts";
import type { Journal } from "./journal.ts";
import type { Conversations } from "./sql_conversations.ts";
import type { Groups } from "./sql_group.ts";
import type { Notices } from "./sql_notices.ts";
import { prepareAll } from "./sql_statements.ts";
import type { Store, Subscription } from "./store.ts";
import { subscriptionAfter } from "./subscription_rules.ts";

const sql = {
  of: "SELECT since, muted FROM subscriptions WHERE conversation = ? AND client = ?",
  put: `INSERT OR REPLACE INTO subscriptions (conversation, client, since, muted)
    VALUES (?, ?, ?, ?)`,
  drop: "DELETE FROM subscriptions WHERE conversation = ? AND client = ?",
  count: "SELECT count(*) AS count FROM subscriptions WHERE conversation = ?",
} as const;

/** The methods of a store that are about it. */
export function sqlSubscriptions(
  driver: SqlDriver,
  { groups, journal, conversations, notices, clock: { now } }: {
    readonly groups: Groups;
    readonly journal: Journal;
    readonly conversations: Conversations;
    readonly notices: Notices;
    readonly clock: Pick<Clock, "now">;
  },
): Pick<Store, "changeSubscription" | "subscription" | "subscriberCount"> {
  const { of, put, drop, count } = prepareAll(driver, sql);
  /** How many there are, where it was asked: they are counted once, and not each time. */
  const counts = new Map<number, number>();

  function find(number: number, client: string): Subscription | undefined {
    const row = of.get(number, client);
    return row && { since: row.since as number, muted: row.muted === 1 };
  }

  function remember(number: number, count: number): void {
    counts.set(number, count);
    journal.note({ undo: () => counts.delete(number) });
  }

  return {
    changeSubscription: (app, id, client, action, tell) =>
      groups.write(() => {
        const found = conversations.need(app, id);
        const { conversation, number } = found;
        const before = find(number, client);
        const after = subscriptionAfter(conversation, before, client, action, now());
        const change = { conversation, changed: after !== before };
        const news = tell?.(change) ?? [];
        if (change.changed) {
          if (after) put.run(number, client, after.since, after.muted ? 1 : 0);
          else drop.run(number, client);
          const known = counts.get(number);
          const more = (after ? 1 : 0) - (before ? 1 : 0);
          if (known !== undefined) remember(number, known + more);
        }
        return { ...change, told: notices.keep(found, news, now()) };
      }),

    subscription: (app, id, client) =>
      groups.read(() => {
        const found = conversations.find(app, id);
        return found && find(found.number, client);
      }),

    subscriberCount: (app, id) =>
      groups.read(() => {
        const number = conversations.find(app, id)?.number;
        if (number === undefined) return 0;
        const known = counts.get(number);
        if (known !== undefined) return known;
        const counted = count.get(number)!.count as number;
        remember(number, counted);
        return counted;
      }),
  };
}
