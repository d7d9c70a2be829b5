/** What every call that waits takes. @module */
import type { Cancel } from "../protocol/mod.ts";

/** What every call that waits takes. */
export interface CallOptions {
  /** Ends the wait, for example an `AbortSignal`: the call rejects with `ABORTED`. */
  readonly signal?: Cancel | undefined;
}
