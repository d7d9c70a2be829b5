/** The platform's time, many times as fast: for what waits for minutes, over real sockets. @module */
import type { Clock } from "@curlew/realtime/environment";
import { nodeClock } from "@curlew/server/runtimes/node";

/** A clock by which `factor` seconds pass in one. */
export function fastClock(factor: number): Clock {
  const start = nodeClock.now();
  return {
    now: () => start + (nodeClock.now() - start) * factor,
    after: (ms, run) => nodeClock.after(ms / factor, run),
    turnEnd: nodeClock.turnEnd,
  };
}
