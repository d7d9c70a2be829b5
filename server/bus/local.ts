/** The bus of a single process: whoever subscribed hears of an event at once. @module */
import { EventEmitter } from "eventemitter3";
import type { Log } from "@curlew/realtime/environment";
import type { Bus } from "./bus.ts";

/** A bus that reaches this process alone. */
export function localBus<Event>(log: Log): Bus<Event> {
  const emitter = new EventEmitter();
  return {
    publish: (topic, event) => {
      try {
        emitter.emit(topic, event);
      } catch (error) {
        log.error("A subscriber failed", { topic, error });
      }
    },
    subscribe: (topic, listener) => {
      emitter.on(topic, listener);
      return () => void emitter.off(topic, listener);
    },
    close: () => {
      emitter.removeAllListeners();
      return Promise.resolve();
    },
  };
}
