/**
 * Who used which nonce, in memory.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { Store } from "./store.ts";

/** The method of a store that is about it; `run` carries it out. */
export function memoryNonces(
  run: <T>(operation: () => T) => Promise<T>,
  { now }: Pick<Clock, "now">,
): Pick<Store, "claimNonce"> {
  const nonces = new Map<string, { readonly holder: string; readonly until: number }>();
  return {
    claimNonce: (app, nonce, holder, until) =>
      run(() => {
        const key = JSON.stringify([app, nonce]);
        for (const [old, { until }] of nonces) {
          if (until >= now()) break;
          nonces.delete(old);
        }
        const claim = nonces.get(key);
        if (claim && claim.until >= now()) return claim.holder === holder;
        nonces.set(key, { holder, until });
        return true;
      }),
  };
}
