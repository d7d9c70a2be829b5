/** What the tests of the SQLite store share. @module */

/** Bytes for ids. */
export function secret(bytes: number): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(bytes));
}
