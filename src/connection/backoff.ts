/** How long to wait before the next attempt. @module */

/** In ms: the longest first wait, and the longest of all. */
export interface Backoff {
  /** The longest wait before the first attempt. */
  readonly first: number;
  /** The longest wait. */
  readonly max: number;
}

/**
 * The wait before an attempt (0, 1, 2 …), in ms: doubled each time up to `max`, and between a half
 * and the whole of that, so that clients cut at once do not come back at once.
 */
export function backoffDelay(
  attempt: number,
  { first, max }: Backoff,
  random: () => number,
): number {
  const longest = Math.min(max, first * 2 ** Math.min(attempt, 30));
  return Math.round(longest * (0.5 + random() / 2));
}
