/** Notices a dead link that nobody closed. @module */
import type { Clock, Timer } from "../environment/mod.ts";

/** A deadline that is noticed later than this, in ms, was slept through: the answer may wait unread. */
const OVERSLEPT = 5_000;

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
 * Where the machine or the page slept beyond the time for the answer, it is asked once more.
 */
export function startHeartbeat(
  clock: Clock,
  { idle, timeout }: HeartbeatTimes,
  ping: () => void,
  dead: () => void,
): Heartbeat {
  let last = clock.now();
  let asked = false;
  let due = 0;
  let timer: Timer;

  const ask = () => {
    asked = true;
    due = clock.now() + timeout;
    timer = clock.after(timeout, check);
    ping();
  };
  const check = () => {
    const now = clock.now();
    if (asked) return now - due > OVERSLEPT ? ask() : dead();
    last = Math.min(last, now); // The clock may have been set back.
    if (now - last >= idle) ask();
    else timer = clock.after(idle - (now - last), check);
  };
  timer = clock.after(idle, check);
  return {
    heard: () => {
      last = clock.now();
      asked = false;
    },
    probe: () => {
      if (asked) return;
      timer.cancel();
      ask();
    },
    stop: () => timer.cancel(),
  };
}
