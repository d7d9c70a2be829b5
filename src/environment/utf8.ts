/**
 * UTF-8, with the platform's `TextEncoder` and `TextDecoder` where there are any and without them
 * elsewhere (WeChat's mini programs have neither). Both ways give the same bytes and the same text:
 * a lone surrogate becomes U+FFFD, and so does every bad sequence, unless decoding is `fatal`.
 *
 * @module
 */

const native = typeof TextEncoder === "undefined" || typeof TextDecoder === "undefined"
  ? undefined
  : {
    encoder: new TextEncoder(),
    lenient: new TextDecoder("utf-8", { ignoreBOM: true }),
    fatal: new TextDecoder("utf-8", { ignoreBOM: true, fatal: true }),
  };

// Below these lengths a loop beats the call into the platform.
const SHORT_TEXT = 40;
const SHORT_BYTES = 48;

/** The text as UTF-8, in an array of its own. */
export function encodeUtf8(text: string): Uint8Array {
  if (native) return native.encoder.encode(text);
  const bytes = new Uint8Array(text.length * 3);
  return bytes.slice(0, encodePlain(text, bytes, 0));
}

/**
 * Writes the text as UTF-8 into `target` from `offset` on and returns how many bytes that took. The
 * target must have room for three bytes a UTF-16 unit, which is the most that any text takes.
 */
export function encodeUtf8Into(text: string, target: Uint8Array, offset: number): number {
  const length = text.length;
  if (length > SHORT_TEXT && native) {
    return native.encoder.encodeInto(text, target.subarray(offset)).written;
  }
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 0x7f) return encodePlain(text, target, offset);
    target[offset + i] = unit;
  }
  return length;
}

/**
 * The text that the bytes are in UTF-8; a byte order mark is kept as a character. Bad sequences
 * become U+FFFD, or with `fatal` a `TypeError`.
 */
export function decodeUtf8(bytes: Uint8Array, fatal = false): string {
  if (native) return (fatal ? native.fatal : native.lenient).decode(bytes);
  return decodePlain(bytes, 0, bytes.length, fatal);
}

/** `decodeUtf8` of the bytes from `start` up to `end`, fast for short text too. */
export function decodeUtf8Range(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES && native) return native.lenient.decode(bytes.subarray(start, end));
  let text = "";
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!;
    const e = bytes[at + 4]!, f = bytes[at + 5]!, g = bytes[at + 6]!, h = bytes[at + 7]!;
    if ((a | b | c | d | e | f | g | h) > 0x7f) break;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte > 0x7f) return text + decodePlain(bytes, at, end, false);
    text += String.fromCharCode(byte);
  }
  return text;
}

/** What `encodeUtf8Into` does where the platform does not help. */
export function encodePlain(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    else if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) {
      target[at++] = point;
      continue;
    }
    if (point < 0x800) {
      target[at++] = 0xc0 | point >> 6;
    } else {
      if (point < 0x10000) {
        target[at++] = 0xe0 | point >> 12;
      } else {
        target[at++] = 0xf0 | point >> 18;
        target[at++] = 0x80 | point >> 12 & 0x3f;
      }
      target[at++] = 0x80 | point >> 6 & 0x3f;
    }
    target[at++] = 0x80 | point & 0x3f;
  }
  return at - offset;
}

/** What `decodeUtf8` does where the platform does not help. */
export function decodePlain(
  bytes: Uint8Array,
  start: number,
  end: number,
  fatal: boolean,
): string {
  let text = "";
  for (let at = start; at < end;) {
    const first = bytes[at++]!;
    if (first < 0x80) {
      text += String.fromCharCode(first);
      continue;
    }
    let missing = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
    let point = missing === 0 ? -1 : first & 0x3f >> missing;
    // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
    let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
    let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
    for (; missing > 0; missing--) {
      const next = at < end ? bytes[at]! : 0;
      if (next < low || next > high) {
        point = -1;
        break;
      }
      point = point << 6 | next & 0x3f;
      low = 0x80;
      high = 0xbf;
      at++;
    }
    if (point < 0 && fatal) throw new TypeError(`Bytes before ${at} are not UTF-8`);
    text += point < 0 ? "\ufffd" : String.fromCodePoint(point);
  }
  return text;
}
