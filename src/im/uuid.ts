/**
 * Identifiers in the form of a version 4 UUID, also where the platform has no `crypto.randomUUID`.
 *
 * @module
 */

/** The 16 bytes as a UUID of version 4. */
export function uuidOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte, i) => {
    const value = i === 6 ? 0x40 | byte & 0xf : i === 8 ? 0x80 | byte & 0x3f : byte;
    return ([4, 6, 8, 10].includes(i) ? "-" : "") + value.toString(16).padStart(2, "0");
  }).join("");
}

/** A UUID that tells things apart within a program; whoever needs one that can't be guessed has secrets. */
export function localId(): string {
  return uuidOf(Uint8Array.from({ length: 16 }, () => Math.random() * 256));
}
