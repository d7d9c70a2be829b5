/** Time as the core sees it, so that a test can fake it. @module */

/** Something that will happen, until it is cancelled. */
export interface Timer {
  /** Keeps it from happening; too late or twice does nothing. */
  readonly cancel: () => void;
}

/** Tells the time and calls back later. */
export interface Clock {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Calls `run` once, `ms` from now. */
  readonly after: (ms: number, run: () => void) => Timer;
  /** Calls `run` at the end of this turn of the event loop, when what arrived with it was handled. */
  readonly turnEnd: (run: () => void) => void;
}

/** The platform's clock. Its `turnEnd` is a microtask: the core assumes nothing but timers and promises. */
export const systemClock: Clock = {
  now: () => Date.now(),
  after: (ms, run) => {
    const id = setTimeout(run, ms);
    return { cancel: () => clearTimeout(id) };
  },
  turnEnd: (run) => void Promise.resolve().then(run),
};
