/**
 * Who is subscribed to service conversations, in memory.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { MemoryConversations } from "./memory_conversations.ts";
import type { Store, Subscription } from "./store.ts";
import { subscriptionAfter } from "./subscription_rules.ts";

/** The methods of a store that are about it; `run` carries each out. */
export function memorySubscriptions(
  run: <T>(operation: () => T) => Promise<T>,
  { entries, clock: { now } }: {
    readonly entries: MemoryConversations;
    readonly clock: Pick<Clock, "now">;
  },
): Pick<Store, "changeSubscription" | "subscription" | "subscriberCount"> {
  const subscribers = new Map<string, Map<string, Subscription>>();
  const of = (app: string, id: string) => subscribers.get(JSON.stringify([app, id]));
  return {
    changeSubscription: (app, id, client, action, tell) =>
      run(() => {
        const { conversation } = entries.need(app, id);
        const those = of(app, id) ?? new Map<string, Subscription>();
        const before = those.get(client);
        const after = subscriptionAfter(conversation, before, client, action, now());
        const change = { conversation, changed: after !== before };
        const news = tell?.(change);
        if (after) those.set(client, after);
        else those.delete(client);
        subscribers.set(JSON.stringify([app, id]), those);
        return { ...change, told: entries.tell(app, id, news) };
      }),

    subscription: (app, id, client) => run(() => of(app, id)?.get(client)),

    subscriberCount: (app, id) => run(() => of(app, id)?.size ?? 0),
  };
}
