/** What a signal ends. @module */
import { RealtimeError } from "../protocol/errors.ts";
import type { Cancel } from "../protocol/transport.ts";

/**
 * Ends something by an `ABORTED` error once the signal says so; what it returns keeps it from that.
 * Throws the error where the signal has said so already.
 */
export function whenAborted(
  signal: Cancel | undefined,
  end: (error: RealtimeError) => void,
): () => void {
  const aborted = () => new RealtimeError("ABORTED", "The call was aborted");
  if (signal?.aborted) throw aborted();
  const abort = () => end(aborted());
  signal?.addEventListener("abort", abort);
  return () => signal?.removeEventListener("abort", abort);
}
