/** Waits that a signal ends, for what knows no signals. @module */
import { whenAborted } from "../connection/when_aborted.ts";
import type { CallOptions } from "./call_options.ts";

/** What the promise gives; rejects with `ABORTED` once the signal is aborted. */
export function abortable<T>(promise: Promise<T>, { signal }: CallOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    promise.then(resolve, reject).finally(whenAborted(signal, reject));
  });
}
