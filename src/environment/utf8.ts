/**
 * UTF-8, with the platform's `TextEncoder` and `TextDecoder` where there are any and without them
 * elsewhere (WeChat's mini programs have neither). Both ways give the same bytes and the same text:
 * a lone surrogate becomes U+FFFD, and so does every bad sequence.
 *
 * @module
 */
import type { Utf8 } from "./environment.ts";
import { decoder, encoder } from "./platform_utf8.ts";

// Up to these lengths a loop beats the call into the platform.
const SHORT_TEXT = 42;
const SHORT_BYTES = 48;

/**
 * Writes the text as UTF-8 into `target` from `offset` on and returns how many bytes that took. The
 * target must have room for three bytes a UTF-16 unit, which is the most that any text takes.
 */
export function encodeUtf8Into(text: string, target: Uint8Array, offset: number): number {
  return encoder && text.length > SHORT_TEXT
    ? encoder.encodeInto(text, target.subarray(offset)).written
    : encodePlain(text, target, offset);
}

/** What `encodeUtf8Into` does where the platform does not help. */
export function encodePlain(text: string, target: Uint8Array, offset: number): number {
  let at = offset;
  for (let i = 0; i < text.length; i++) {
    let point = text.charCodeAt(i);
    if (point < 0x80) {
      target[at++] = point;
      continue;
    }
    if (point < 0x800) {
      target[at++] = 0xc0 | point >> 6;
    } else {
      if (point >> 11 === 0x1b) {
        point = text.codePointAt(i)!;
        if (point < 0x10000) point = 0xfffd;
        else i++;
      }
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

/**
 * The text that the bytes from `start` up to `end` are; a byte order mark is kept as a character,
 * and bad sequences become U+FFFD.
 */
export function decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
  return decoder && end - start > SHORT_BYTES
    ? decoder.decode(bytes.subarray(start, end))
    : asciiIn(bytes, start, end) ?? decodePlain(bytes, start, end);
}

/** The text that the bytes are, or `undefined` where that is not ASCII. */
function asciiIn(bytes: Uint8Array, start: number, end: number): string | undefined {
  let all = 0;
  let text = "";
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const a = bytes[at]!, b = bytes[at + 1]!, c = bytes[at + 2]!, d = bytes[at + 3]!;
    const e = bytes[at + 4]!, f = bytes[at + 5]!, g = bytes[at + 6]!, h = bytes[at + 7]!;
    all |= a | b | c | d | e | f | g | h;
    text += String.fromCharCode(a, b, c, d, e, f, g, h);
  }
  for (; at < end; at++) {
    all |= bytes[at]!;
    text += String.fromCharCode(bytes[at]!);
  }
  return all < 0x80 ? text : undefined;
}

/** What `decodeUtf8` does where the platform does not help. */
export function decodePlain(bytes: Uint8Array, start: number, end: number): string {
  let text = "";
  for (let at = start; at < end;) {
    let point = bytes[at++]!;
    if (point > 0x7f) {
      // How many bytes follow it.
      const more = point < 0xc2 || point > 0xf4 ? 0 : point < 0xe0 ? 1 : point < 0xf0 ? 2 : 3;
      point = more ? point & 0x3f >> more : 0xfffd;
      for (let left = more; left > 0; left--) {
        const next = bytes[at]! ^ 0x80;
        const longer = point << 6 | next;
        if (at >= end || next > 0x3f || left === more && !mayBegin(longer, more)) {
          // What was read of it makes one U+FFFD, and this byte may begin another sequence.
          point = 0xfffd;
          break;
        }
        point = longer;
        at++;
      }
    }
    text += String.fromCodePoint(point);
  }
  return text;
}

/** Whether the first two bytes show nothing overlong, no surrogate, and nothing beyond U+10FFFF. */
function mayBegin(bits: number, more: number): boolean {
  if (more === 2) return bits > 0x1f && bits >> 5 !== 0x1b;
  return more === 1 || bits > 0xf && bits < 0x110;
}

/** UTF-8 on any platform, with its classes where there are any. */
export const portableUtf8: Utf8 = { encodeInto: encodeUtf8Into, decode: decodeUtf8 };
