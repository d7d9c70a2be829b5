/** Waits that a signal ends, for what knows no signals. @module */
import { aborted } from "../connection/requests.ts";
import type { CallOptions } from "./conversations/host.ts";

/** What the promise gives; rejects with `ABORTED` once the signal is aborted. */
export function abortable<T>(promise: Promise<T>, { signal }: CallOptions = {}): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(aborted());
    if (signal?.aborted) abort();
    signal?.addEventListener("abort", abort);
    promise.then(resolve, reject).finally(() => signal?.removeEventListener("abort", abort));
  });
}
