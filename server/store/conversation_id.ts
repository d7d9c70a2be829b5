/**
 * How ids are made. All begin with the time, so that what is new stands together in every index:
 * a store writes a few pages then, not one for each id.
 *
 * @module
 */

/** The characters of base64url in the order of their codes, so that ids sort by time. */
const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";

/** Gives bytes that nobody can guess. */
export type Secret = (bytes: number) => Uint8Array;

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** What the id of a temporary conversation begins with. */
const TEMPORARY = "_tmp:";

/** Whether an id is that of a temporary conversation, also where it has ended. */
export function isTemporaryId(id: string): boolean {
  return id.startsWith(TEMPORARY);
}

/** The id of a new conversation: 24 hex digits, and `_tmp:` before them for a temporary one. */
export function conversationId(temporary: boolean, now: number, secret: Secret): string {
  const seconds = (Math.floor(now / 1000) % 2 ** 32).toString(16).padStart(8, "0");
  return (temporary ? TEMPORARY : "") + seconds + hex(secret(8));
}

/** The id of a new message: 22 characters of base64url, the first 8 of them the time. */
export function messageId(now: number, secret: Secret): string {
  let id = "";
  for (let unit = 64 ** 7; unit >= 1; unit /= 64) id += ALPHABET[Math.floor(now / unit) % 64];
  for (const byte of secret(14)) id += ALPHABET[byte & 63];
  return id;
}

/** The `uniqueId` of a new unique conversation: 32 hex digits. */
export function uniqueId(secret: Secret): string {
  return hex(secret(16));
}

/**
 * What a unique conversation is found by: its members at the start, whatever their order. The
 * names themselves and no digest of them, so that nobody can be led into another's.
 */
export function memberKey(members: Iterable<string>): string {
  return JSON.stringify([...members].sort());
}
