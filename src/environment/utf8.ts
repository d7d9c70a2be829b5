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
    decoder: new TextDecoder("utf-8", { ignoreBOM: true }),
  };

// Up to these lengths a loop beats the call into the platform. For text that is not ASCII it does so
// much longer on Node, whose TextDecoder takes three times as long for Chinese as this file.
const SHORT_TEXT = 42;
const SHORT_BYTES = 48;
const SHORT_FOREIGN = 1024;

// Where decoded text is laid out. A call reads only what it wrote itself: nothing passes from one to
// the next.
const UNITS: number[] = new Array(256).fill(0);

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
  const { length } = text;
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
  if (!native) return decodePlain(bytes, 0, bytes.length, fatal);
  const decoder = fatal ? new TextDecoder("utf-8", { ignoreBOM: true, fatal }) : native.decoder;
  return decoder.decode(bytes);
}

/** `decodeUtf8` of the bytes from `start` up to `end`, and fast for short text too. */
export function decodeUtf8Range(bytes: Uint8Array, start: number, end: number): string {
  if (end - start > SHORT_BYTES && native && !isForeign(bytes, start, end)) {
    return native.decoder.decode(bytes.subarray(start, end));
  }
  if (end - start > SHORT_BYTES) return decodePlain(bytes, start, end, false);
  let at = start;
  let all = 0;
  let text = "";
  // Twelve characters is the longest text that V8 copies when it is joined to another.
  for (; at + 12 <= end; at += 12) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!;
    const e = bytes[at + 4]!, f = bytes[at + 5]!, g = bytes[at + 6]!, h = bytes[at + 7]!;
    const i = bytes[at + 8]!, j = bytes[at + 9]!, k = bytes[at + 10]!, l = bytes[at + 11]!;
    all |= a | b | c | d | e | f | g | h | i | j | k | l;
    text += String.fromCharCode(a, b, c, d, e, f, g, h, i, j, k, l);
  }
  let rest = "";
  for (; at + 4 <= end; at += 4) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!;
    all |= a | b | c | d;
    rest += String.fromCharCode(a, b, c, d);
  }
  for (; at < end; at++) {
    all |= bytes[at]!;
    rest += String.fromCharCode(bytes[at]!);
  }
  return all < 0x80 ? text + rest : decodePlain(bytes, start, end, false);
}

/** Whether the bytes are rather not ASCII, as far as a few of them tell, and not too many. */
function isForeign(bytes: Uint8Array, start: number, end: number): boolean {
  if (end - start > SHORT_FOREIGN) return false;
  let all = 0;
  for (let at = start; at < end; at += 16) all |= bytes[at]!;
  return all > 0x7f;
}

/** What `encodeUtf8Into` does where the platform does not help. */
export function encodePlain(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    let point = text.codePointAt(i)!;
    if (point > 0xffff) i++;
    else if ((point & 0xf800) === 0xd800) point = 0xfffd;
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
  let count = 0;
  for (let at = start; at < end;) {
    const first = bytes[at]!;
    let unit = first;
    if (first < 0x80) {
      at++;
    } else {
      const read = sequence(bytes, at, end);
      if (read < 0) {
        if (fatal) throw new TypeError(`Byte ${at} is not UTF-8`);
        unit = 0xfffd;
        at -= read;
      } else {
        unit = read >> 3;
        at += read & 7;
        if (unit > 0xffff) {
          UNITS[count++] = 0xd7c0 + (unit >> 10);
          unit = 0xdc00 | unit & 0x3ff;
        }
      }
    }
    UNITS[count++] = unit;
    // A sequence adds two at most.
    if (count > 254) {
      text += String.fromCharCode.apply(null, UNITS.slice(0, count));
      count = 0;
    }
  }
  return text + String.fromCharCode.apply(null, UNITS.slice(0, count));
}

/**
 * The code point of the sequence that begins here, times eight, plus how many bytes it takes; or
 * minus the number of bytes that make one U+FFFD, where it is none.
 */
function sequence(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at]!;
  // By far the most of what is not ASCII takes three bytes.
  if ((first & 0xf0) === 0xe0 && at + 2 < end) {
    const second = bytes[at + 1]! ^ 0x80;
    const third = bytes[at + 2]! ^ 0x80;
    const point = (first & 0xf) << 12 | second << 6 | third;
    if ((second | third) < 0x40 && point > 0x7ff && (point & 0xf800) !== 0xd800) {
      return point << 3 | 3;
    }
  }
  const size = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF.
  let low = first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80;
  let high = first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf;
  let point = first & 0x7f >> size;
  for (let i = 1; i < size; i++) {
    const next = at + i < end ? bytes[at + i]! : 0;
    if (next < low || next > high) return -i;
    point = point << 6 | next & 0x3f;
    low = 0x80;
    high = 0xbf;
  }
  return size === 1 ? -1 : point << 3 | size;
}
