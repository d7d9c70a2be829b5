/** A clock that knows how many of its own timers wait, where others share the time. @module */
import type { Clock } from "@curlew/realtime/environment";

/** The same time, with a count of the timers that were set through it. */
export function countedClock(clock: Clock): Clock & { readonly waiting: number } {
  const waiting = new Set<object>();
  return {
    now: clock.now,
    turnEnd: clock.turnEnd,
    after: (ms, run) => {
      const entry = {};
      waiting.add(entry);
      const timer = clock.after(ms, () => {
        waiting.delete(entry);
        run();
      });
      return {
        cancel: () => {
          waiting.delete(entry);
          timer.cancel();
        },
      };
    },
    get waiting() {
      return waiting.size;
    },
  };
}
