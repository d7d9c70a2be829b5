/**
 * MD5 (RFC 1321): LeanCloud's clients send `X-LC-Sign` with it, and Web Crypto has none. It proves
 * nothing by itself today; here it only keeps a key out of a header.
 *
 * @module
 */

/** By how much each step of a round rotates. */
const TURNS = [[7, 12, 17, 22], [5, 9, 14, 20], [4, 11, 16, 23], [6, 10, 15, 21]] as const;
/** Which word of the block step `i` of each round takes. */
const WORD = [
  (i: number) => i,
  (i: number) => 5 * i + 1,
  (i: number) => 3 * i + 5,
  (i: number) => 7 * i,
] as const;
/** How each round mixes three of the four words. */
const MIX = [
  (b: number, c: number, d: number) => (b & c) | (~b & d),
  (b: number, c: number, d: number) => (d & b) | (~d & c),
  (b: number, c: number, d: number) => b ^ c ^ d,
  (b: number, c: number, d: number) => c ^ (b | ~d),
] as const;

/** What step `i` of the 64 adds. */
const constant = (i: number): number => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0;

/** The text's bytes, a one bit, zeros, and how many bits the text has: whole blocks of 64 bytes. */
function padded(text: string): DataView {
  const bytes = new TextEncoder().encode(text);
  const blocks = new Uint8Array(Math.ceil((bytes.length + 9) / 64) * 64);
  blocks.set(bytes);
  blocks[bytes.length] = 0x80;
  const view = new DataView(blocks.buffer);
  view.setUint32(blocks.length - 8, (bytes.length * 8) >>> 0, true);
  return view;
}

/** The MD5 of a text in UTF-8: 32 hex digits in lower case. */
export function md5(text: string): string {
  const input = padded(text);
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476]);
  for (let block = 0; block < input.byteLength; block += 64) {
    let [a, b, c, d] = state as unknown as [number, number, number, number];
    for (let step = 0; step < 64; step++) {
      const round = (step >> 4) as 0 | 1 | 2 | 3;
      const word = input.getInt32(block + 4 * (WORD[round](step & 15) & 15), true);
      const sum = (a + MIX[round](b, c, d) + word + constant(step)) | 0;
      const turn = TURNS[round][(step & 3) as 0 | 1 | 2 | 3];
      [a, d, c, b] = [d, c, b, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0];
    }
    [a, b, c, d].forEach((word, i) => state[i]! += word);
  }
  const output = new DataView(new ArrayBuffer(16));
  state.forEach((word, i) => output.setInt32(4 * i, word, true));
  return Array.from(new Uint8Array(output.buffer), (byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
