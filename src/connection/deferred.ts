/** A promise that is settled from outside. @module */

/** A promise and the ways to settle it. */
export interface Deferred {
  /** What others wait for; where nobody does, a failure is no news. */
  readonly promise: Promise<void>;
  /** Says that it is done. */
  readonly resolve: () => void;
  /** Says why it is not. */
  readonly reject: (error: unknown) => void;
}

/** A promise that waits to be settled. */
export function deferred(): Deferred {
  let resolve = () => {};
  let reject: Deferred["reject"] = () => {};
  const promise = new Promise<void>((yes, no) => [resolve, reject] = [yes, no]);
  promise.catch(() => {});
  return { promise, resolve, reject };
}
