/** Notices a dead link that nobody closed. @module */
import type { Clock, Timer } from "../environment/mod.ts";

/** In ms: how long a link may be silent before it is asked, and how long it then may take. */
export interface HeartbeatTimes {
  /** Silence after which the other side is asked. */
  readonly idle: number;
  /** Silence after the question that means the end. */
  readonly timeout: number;
}

/** Watches one link. */
export interface Heartbeat {
  /** To be called with each word from the other side. */
  readonly heard: () => void;
  /** Asks now, as after a page was hidden. */
  readonly probe: () => void;
  /** Ends the watch. */
  readonly stop: () => void;
}

/**
 * Watches a link: `ping` is called after silence, `dead` when nothing follows. The timer is not
 * moved by each word, since words are many: it looks at the time of the last one when it fires.
 */
export function startHeartbeat(
  clock: Clock,
  { idle, timeout }: HeartbeatTimes,
  ping: () => void,
  dead: () => void,
): Heartbeat {
  let last = clock.now();
  let asked: number | undefined;
  let timer: Timer;

  const ask = () => {
    asked = clock.now();
    timer = clock.after(timeout, check);
    ping();
  };
  const check = () => {
    const silence = clock.now() - last;
    if (asked !== undefined && last <= asked) return dead();
    asked = undefined;
    if (silence >= idle) ask();
    else timer = clock.after(idle - Math.max(silence, 0), check);
  };
  timer = clock.after(idle, check);
  return {
    heard: () => {
      last = clock.now();
      if (last === asked) asked = undefined; // Within the same millisecond as the question.
    },
    probe: () => {
      if (asked !== undefined) return;
      timer.cancel();
      ask();
    },
    stop: () => timer.cancel(),
  };
}
