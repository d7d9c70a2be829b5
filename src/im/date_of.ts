/** Times as the protocol has them. @module */

/** A date of the protocol: an ISO string, ms, or `{ __type: "Date", iso }`. */
export function dateOf(value: unknown): Date | undefined {
  const at = (value as { readonly iso?: string } | null | undefined)?.iso ?? value;
  return typeof at === "string" || typeof at === "number" ? new Date(at) : undefined;
}
