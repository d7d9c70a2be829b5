/**
 * A codec's frames are of one kind; the other is refused.
 *
 * @module
 */
import { DecodeError } from "../protocol/errors.ts";
import type { Frame } from "../protocol/transport.ts";

/** The frame where it is text; throws a `DecodeError` where it is bytes. */
export function textual(frame: Frame): string {
  if (typeof frame !== "string") throw new DecodeError("Bytes where text is due", 0);
  return frame;
}

/** The frame where it is bytes; throws a `DecodeError` where it is text. */
export function binary(frame: Frame): Uint8Array {
  if (typeof frame === "string") throw new DecodeError("Text where bytes are due", 0);
  return frame;
}
