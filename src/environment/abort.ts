/** Giving a request up, where the platform may have no way to. @module */

/** Gives a request up. */
export interface Abort {
  /** What `fetch` takes; `undefined` where the platform has none, and then the request runs on. */
  readonly signal: AbortSignal | undefined;
  /** Gives it up; again, and nothing happens. */
  readonly abort: () => void;
}

/** A way to give one request up. */
export function makeAbort(): Abort {
  if (typeof AbortController === "undefined") return { signal: undefined, abort: () => {} };
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}
