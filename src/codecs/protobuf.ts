/**
 * LeanCloud's wire: protobuf, by the tables of `protocol/fields.ts`.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import { createProtobuf } from "./protobuf_codec.ts";
import { wholePlan } from "./whole_plan.ts";

const codec = createProtobuf(wholePlan());

/**
 * Commands as protobuf, the subprotocols `lc.protobuf2.1` and `lc.protobuf2.3`.
 *
 * A frame that `encode` or `address` returns is lent: it lies in a buffer that the next call uses
 * again. `peerId` is written last, whatever the order of a command's keys, so that `address` needs
 * only to append it. `encode` throws a `TypeError` that names the field for a value that is not of
 * the field's type, out of its range, or missing though required.
 *
 * Text that is not UTF-8 is decoded with U+FFFD for what is wrong, as proto2's own decoders in Java
 * and C++ do: the rest of the command is good, and dropping a person's message for one bad byte in
 * it helps nobody.
 */
export const protobuf: Codec<Uint8Array> = codec;

/** Commands as base64 of protobuf, the subprotocols `lc.proto2base64.1` and `lc.proto2base64.3`. */
export const protobufText: Codec<string> = codec.text;
