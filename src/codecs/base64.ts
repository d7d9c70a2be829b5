/**
 * Any binary codec as text, for transports that carry text alone.
 *
 * @module
 */
import { decodeUtf8 } from "../environment/utf8.ts";
import type { Codec } from "../protocol/codec.ts";
import { DecodeError } from "../protocol/errors.ts";
import type { Frame } from "../protocol/transport.ts";
import { protobuf } from "./protobuf.ts";

const DIGITS = Uint8Array.from(
  "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
  (digit) => digit.charCodeAt(0),
);

const PADDING = 61;

/** The value of each digit by its character's code; other characters have the value `NONE`. */
const NONE = 64;
const VALUES = new Uint8Array(256).fill(NONE);
DIGITS.forEach((code, value) => VALUES[code] = value);

/**
 * The codec's frames as base64 text, under the subprotocols `prefix.1` and `prefix.3`. The codec's
 * `address`, where it has one, must only append to the frame.
 */
export function base64(codec: Codec<Uint8Array>, name: string, prefix: string): Codec<string> {
  const text: Codec<string> = {
    name,
    frames: "text",
    subprotocol: (version) => `${prefix}.${version}`,
    encode: (command) => toBase64(codec.encode(command)),
    decode: (frame) => {
      const bytes = fromBase64(textual(frame));
      try {
        return codec.decode(bytes);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        throw new DecodeError(error.message, Math.floor(error.offset * 4 / 3), { cause: error });
      }
    },
  };
  const { address } = codec;
  if (!address) return text;
  return {
    ...text,
    address: (frame, peerId) => {
      const whole = textual(frame);
      // Only the last group of four may have room left; what stands before it stays as it is.
      const kept = whole.endsWith("=") ? whole.length - 4 : whole.length;
      return whole.slice(0, kept) + toBase64(address(fromBase64(whole.slice(kept)), peerId));
    },
  };
}

/** Commands as base64 of protobuf, the subprotocols `lc.proto2base64.1` and `lc.proto2base64.3`. */
export const protobufText: Codec<string> = base64(protobuf, "protobuf-text", "lc.proto2base64");

/** Bytes as base64 text with padding. */
export function toBase64(bytes: Uint8Array): string {
  const { length } = bytes;
  const text = new Uint8Array(Math.ceil(length / 3) * 4);
  let out = 0;
  for (let at = 0; at < length; at += 3) {
    const second = at + 1 < length ? bytes[at + 1]! : 0;
    const third = at + 2 < length ? bytes[at + 2]! : 0;
    const group = bytes[at]! << 16 | second << 8 | third;
    text[out++] = DIGITS[group >> 18]!;
    text[out++] = DIGITS[group >> 12 & 63]!;
    text[out++] = at + 1 < length ? DIGITS[group >> 6 & 63]! : PADDING;
    text[out++] = at + 2 < length ? DIGITS[group & 63]! : PADDING;
  }
  return decodeUtf8(text, 0, out);
}

/** The bytes that base64 text stands for; throws a `DecodeError` unless all of it is base64. */
export function fromBase64(text: string): Uint8Array {
  const { length } = text;
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const bytes = new Uint8Array(Math.ceil(length / 4) * 3);
  let out = 0;
  let group = 0;
  for (let at = 0; at < length; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? NONE;
    if (value === NONE && at < length - padding) {
      throw new DecodeError("A character is not base64", at);
    }
    // The padding counts as zeros, and what they add is cut off.
    group = group << 6 | value & 63;
    if ((at & 3) === 3) {
      bytes[out++] = group >> 16;
      bytes[out++] = group >> 8;
      bytes[out++] = group;
    }
  }
  if (length % 4 !== 0) throw new DecodeError("Base64 lacks its padding", length);
  return bytes.subarray(0, out - padding);
}

function textual(frame: Frame): string {
  if (typeof frame !== "string") throw new DecodeError("A binary frame where text is due", 0);
  return frame;
}
