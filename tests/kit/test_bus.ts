/**
 * The worst bus that is allowed: from a seed it drops, repeats, delays and thereby reorders, for
 * each subscriber on its own. What it hands over is a copy, as a network's would be.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { Bus } from "@curlew/server/bus";

/** How bad it is: each a chance from 0 to 1. */
export interface Badness {
  /** That an event never comes. */
  readonly drop: number;
  /** That it comes twice. */
  readonly repeat: number;
  /** That it comes late. */
  readonly delay: number;
  /** How late at most, in ms. */
  readonly latest: number;
}

/** As bad as tests usually want it. */
export const usualBadness: Badness = { drop: 0.2, repeat: 0.2, delay: 0.5, latest: 200 };

/** A bus that can also be asked what it did. */
export interface TestBus<Event> extends Bus<Event> {
  /** What it did so far. */
  readonly did: { dropped: number; repeated: number; delayed: number };
  /** How bad it is from now on. */
  set: (badness: Badness) => void;
}

/** Makes one. Nodes that share it are one deployment. */
export function testBus<Event>(
  clock: Clock,
  random: () => number,
  badness: Badness = usualBadness,
): TestBus<Event> {
  const listeners = new Map<string, Set<(event: Event) => void>>();
  const did = { dropped: 0, repeated: 0, delayed: 0 };
  let { drop, repeat, delay, latest } = badness;
  const chance = (odds: number) => random() < odds;
  return {
    did,
    set: (next) => ({ drop, repeat, delay, latest } = next),
    publish: (topic, event) => {
      for (const listener of listeners.get(topic) ?? []) {
        if (chance(drop)) {
          did.dropped++;
          continue;
        }
        const copies = chance(repeat) ? 2 : 1;
        did.repeated += copies - 1;
        for (let copy = 0; copy < copies; copy++) {
          const late = chance(delay);
          if (late) did.delayed++;
          const own = structuredClone(event);
          clock.after(late ? Math.ceil(random() * latest) : 0, () => {
            if (listeners.get(topic)?.has(listener)) listener(own);
          });
        }
      }
    },
    subscribe: (topic, listener) => {
      const own = listeners.get(topic) ?? new Set();
      listeners.set(topic, own.add(listener));
      return () => void own.delete(listener);
    },
    close: () => {
      listeners.clear();
      return Promise.resolve();
    },
  };
}
