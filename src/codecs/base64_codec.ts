/**
 * Any binary codec as text, for transports that carry text alone.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import { DecodeError } from "../protocol/errors.ts";
import { textual } from "./frame_kind.ts";

const DIGITS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** The codec's frames as base64 text, without `address`, which clients have no use for. */
export function base64Frames(
  codec: Codec<Uint8Array>,
  name: string,
  prefix: string,
): Codec<string> {
  return {
    name,
    frames: "text",
    subprotocol: (version) => `${prefix}.${version}`,
    encode: (command) => toBase64(codec.encode(command)),
    decode: (frame) => codec.decode(fromBase64(textual(frame))),
  };
}

/**
 * The codec's frames as base64 text, under the subprotocols `prefix.1` and `prefix.3`. The codec's
 * `address`, where it has one, must change nothing before the frame's last byte.
 */
export function base64(codec: Codec<Uint8Array>, name: string, prefix: string): Codec<string> {
  const text = base64Frames(codec, name, prefix);
  const { address } = codec;
  if (!address) return text;
  return {
    ...text,
    address: (frame, peerId) => {
      const whole = textual(frame);
      // The last byte is in the last group of four; what stands before it stays as it is.
      const kept = Math.max(0, whole.length - 4);
      return whole.slice(0, kept) + toBase64(address(fromBase64(whole.slice(kept)), peerId));
    },
  };
}

/** Bytes as base64 text with padding. */
export function toBase64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    // Beyond the end there is `undefined`, which counts as 0.
    const group = bytes[at]! << 16 | bytes[at + 1]! << 8 | bytes[at + 2]!;
    for (let shift = 18; shift >= 0; shift -= 6) text += DIGITS[group >> shift & 63];
  }
  return text.slice(0, Math.ceil(bytes.length * 4 / 3)).padEnd(text.length, "=");
}

/** The bytes that base64 text stands for; throws a `DecodeError` unless all of it is base64. */
export function fromBase64(text: string): Uint8Array {
  const digits = text.replace(/==?$/, "");
  const bytes = new Uint8Array(digits.length * 3 >> 2);
  let out = 0;
  let group = 0;
  for (let at = 0; at < digits.length; at++) {
    const value = DIGITS.indexOf(digits[at]!);
    if (value < 0) throw new DecodeError("A character is not base64", at);
    group = group << 6 | value;
    // Each digit but the first of four completes a byte; the array keeps its lowest eight bits.
    if (at & 3) bytes[out++] = group >> 6 - 2 * (at & 3);
  }
  if (text.length % 4) throw new DecodeError("Base64 lacks its padding", text.length);
  return bytes;
}
