/** Times as the protocol has them. @module */

/** A date of the protocol: an ISO string, ms, or what is one already. */
export function dateOf(value: unknown): Date | undefined {
  return typeof value === "string" || typeof value === "number" || value instanceof Date
    ? new Date(value)
    : undefined;
}
