/**
 * Any binary codec as text, for transports that carry text alone.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import { DecodeError } from "../protocol/errors.ts";
import type { Frame } from "../protocol/transport.ts";
import { protobuf } from "./protobuf.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The value of each character by its code; what is no character of the alphabet has none. */
const VALUES = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i++) VALUES[ALPHABET.charCodeAt(i)] = i;

/**
 * The codec's frames as base64 text, under subprotocols with a prefix of their own. The codec's
 * `address`, where it has one, must only append to the frame.
 */
export function base64(
  codec: Codec<Uint8Array>,
  name: string,
  subprotocolPrefix: string,
): Codec<string> {
  const { address } = codec;
  const text: Codec<string> = {
    name,
    frames: "text",
    subprotocol: (version) => `${subprotocolPrefix}.${version}`,
    encode: (command) => toBase64(codec.encode(command)),
    decode: (frame) => codec.decode(fromBase64(textual(frame))),
  };
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
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const left = bytes.length - at;
    const group = bytes[at]! << 16 | (left > 1 ? bytes[at + 1]! << 8 : 0) |
      (left > 2 ? bytes[at + 2]! : 0);
    text += ALPHABET[group >> 18]! + ALPHABET[group >> 12 & 63]! +
      (left > 1 ? ALPHABET[group >> 6 & 63]! : "=") + (left > 2 ? ALPHABET[group & 63]! : "=");
  }
  return text;
}

/** The bytes that base64 text stands for: throws a `DecodeError` unless all of it is base64. */
export function fromBase64(text: string): Uint8Array {
  if (text.length % 4 !== 0) throw new DecodeError("Base64 without its padding", text.length);
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const digits = text.length - padding;
  const bytes = new Uint8Array(text.length / 4 * 3 - padding);
  let out = 0;
  let bits = 0;
  for (let at = 0; at < digits; at++) {
    const value = VALUES[text.charCodeAt(at)] ?? -1;
    if (value < 0) throw new DecodeError("A character that is not base64", at);
    bits = bits << 6 | value;
    const phase = at & 3;
    if (phase > 0) bytes[out++] = bits >> 6 - 2 * phase & 0xff;
  }
  return bytes;
}

function textual(frame: Frame): string {
  if (typeof frame !== "string") throw new DecodeError("A binary frame where text is due", 0);
  return frame;
}
