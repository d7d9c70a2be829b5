/**
 * Identifiers in the form of a version 4 UUID, also where the platform has no `crypto.randomUUID`.
 *
 * @module
 */

/** The 16 bytes as a UUID of version 4. */
export function uuidOf(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[bytes[8]! & 3];
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}

/** A UUID that tells things apart within a program; whoever needs one that can't be guessed has secrets. */
export function localId(): string {
  return uuidOf(Uint8Array.from({ length: 16 }, () => Math.random() * 256));
}
