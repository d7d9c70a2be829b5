/**
 * UTF-8 by the platform's `TextEncoder` and `TextDecoder`: what an app ships. Where a platform lacks
 * them, `portableUtf8` of `utf8.ts` is for its environment.
 *
 * @module
 */
import type { Utf8 } from "./environment.ts";

/** The platform's encoder, where it has one. */
export const encoder = typeof TextEncoder === "undefined" ? undefined : new TextEncoder();

/** The platform's decoder, where it has one. */
export const decoder = typeof TextDecoder === "undefined"
  ? undefined
  : new TextDecoder("utf-8", { ignoreBOM: true });

/** Up to so many UTF-16 units a loop beats the call into the platform. */
export const SHORT_TEXT = 42;
/** Up to so many bytes a loop beats the call into the platform, where all is ASCII. */
export const SHORT_BYTES = 48;

/** UTF-8 by the platform's classes; a `TypeError` says what to do where it has none. */
export const platformUtf8: Utf8 = {
  encodeInto: (text, target, offset) => {
    if (text.length <= SHORT_TEXT) {
      let all = 0;
      for (let i = 0; i < text.length; i++) all |= target[offset + i] = text.charCodeAt(i);
      if (all < 0x80) return text.length;
    }
    return (encoder ?? lacking()).encodeInto(text, target.subarray(offset)).written;
  },
  decode: (bytes, start, end) =>
    (end - start > SHORT_BYTES ? undefined : asciiIn(bytes, start, end)) ??
      (decoder ?? lacking()).decode(bytes.subarray(start, end)),
};

/** The text that the bytes are, or `undefined` where that is not ASCII. */
export function asciiIn(bytes: Uint8Array, start: number, end: number): string | undefined {
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

function lacking(): never {
  throw new TypeError("This platform has no TextEncoder: pass `utf8` in the environment");
}
