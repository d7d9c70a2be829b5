/** Ids that nobody can guess. @module */

const ALPHABET = "-0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz";
/** How long an id is: 132 bits. */
const LENGTH = 22;
/** How many bytes are drawn at once: drawing is dear, and every notice has an id. */
const DRAWN = LENGTH * 64;

/** Makes ids of 22 characters of base64url. */
export function idMaker(secret: (bytes: number) => Uint8Array): () => string {
  let bytes = new Uint8Array(0);
  let at = 0;
  return () => {
    if (at === bytes.length) {
      bytes = Uint8Array.from(secret(DRAWN));
      at = 0;
    }
    let id = "";
    for (const end = at + LENGTH; at < end; at++) id += ALPHABET[bytes[at]! & 63];
    return id;
  };
}
