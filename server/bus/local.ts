/** The bus of a single process: whoever subscribed hears of an event at once. @module */
import type { Log } from "@curlew/realtime/environment";
import type { Bus } from "./bus.ts";

/** A bus that reaches this process alone. */
export function localBus<Event>(log: Log): Bus<Event> {
  const subscribers = new Map<string, Set<(event: Event) => void>>();
  return {
    publish: (topic, event) => {
      const own = subscribers.get(topic);
      if (!own) return;
      for (const subscriber of own) {
        try {
          subscriber(event);
        } catch (error) {
          log.error("A subscriber failed", { topic, error });
        }
      }
    },
    subscribe: (topic, listener) => {
      const own = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, own.add(listener));
      return () => void own.delete(listener);
    },
    close: () => {
      subscribers.clear();
      return Promise.resolve();
    },
  };
}
