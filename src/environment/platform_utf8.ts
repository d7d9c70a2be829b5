/**
 * UTF-8 by the platform's `TextEncoder` and `TextDecoder`: what an app ships. Where a platform lacks
 * them, `portableUtf8` of `utf8.ts` is for its environment.
 *
 * @module
 */
import type { Utf8 } from "./environment.ts";

/** The platform's encoder, where it has one. */
export const encoder: TextEncoder | undefined = typeof TextEncoder === "undefined"
  ? undefined
  : new TextEncoder();

/** The platform's decoder, where it has one. */
export const decoder: TextDecoder | undefined = typeof TextDecoder === "undefined"
  ? undefined
  : new TextDecoder("utf-8", { ignoreBOM: true });

// Up to these lengths a loop beats the call into the platform, where all is ASCII. What a loop puts
// together is joined when it is first looked up or parsed, which a client does at once.
const SHORT_TEXT = 42;
const SHORT_BYTES = 16;

/** UTF-8 by the platform's classes; a `TypeError` says what to do where it has none. */
export const platformUtf8: Utf8 = {
  encodeInto: (text, target, offset) => {
    // Before anything goes out, since what comes could not be read.
    if (!encoder || !decoder) {
      throw new TypeError(
        "This platform has no TextEncoder or TextDecoder: pass `utf8` in the environment",
      );
    }
    if (text.length <= SHORT_TEXT) {
      let all = 0;
      for (let i = 0; i < text.length; i++) all |= target[offset + i] = text.charCodeAt(i);
      if (all < 0x80) return text.length;
    }
    return encoder.encodeInto(text, target.subarray(offset)).written;
  },
  decode: (bytes, start, end) => {
    if (end - start <= SHORT_BYTES) {
      let all = 0;
      let text = "";
      for (let at = start; at < end; at++) {
        all |= bytes[at]!;
        text += String.fromCharCode(bytes[at]!);
      }
      if (all < 0x80) return text;
    }
    return decoder!.decode(bytes.subarray(start, end));
  },
};
