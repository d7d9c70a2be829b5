/** Times as the protocol has them. @module */

/** A date of the protocol: an ISO string, ms, or `{ __type: "Date", iso }`; or what is one already. */
export function dateOf(value: unknown): Date | undefined {
  const at = (value as { readonly iso?: string } | null | undefined)?.iso ?? value;
  return typeof at === "string" || typeof at === "number" || at instanceof Date
    ? new Date(at)
    : undefined;
}
