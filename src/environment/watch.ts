/** A yes-or-no of the platform, and several of them as one. @module */

/** A yes-or-no of the platform that changes by itself, such as "the network is there". */
export interface Watch {
  /** What it is now. */
  readonly current: () => boolean;
  /** Calls back at each change, until the function that it returns is called. */
  readonly watch: (changed: (now: boolean) => void) => () => void;
}

/**
 * Yes as long as all of them are: the environment's `network` where a platform both has a network
 * and suspends apps. It passes on each change of each, since one network may follow another.
 *
 * ```ts
 * const network = allOf(connected, inForeground);
 * ```
 */
export function allOf(...watches: readonly Watch[]): Watch {
  const current = () => watches.every((watch) => watch.current());
  return {
    current,
    watch: (changed) => {
      const unwatch = watches.map(({ watch }) => watch(() => changed(current())));
      return () => {
        for (const stop of unwatch) stop();
      };
    },
  };
}
