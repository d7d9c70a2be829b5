/**
 * LeanCloud's wire: protobuf, by the tables of `protocol/fields.ts`.
 *
 * @module
 */
import { portableUtf8 } from "../environment/utf8.ts";
import type { Codec } from "../protocol/codec.ts";
import { base64 } from "./base64_codec.ts";
import { binary } from "./frame_kind.ts";
import { createProtobuf } from "./protobuf_codec.ts";
import { Writer } from "./protobuf_writer.ts";
import { wholePlan } from "./whole_plan.ts";

const bytes = addressable();

/** Commands as base64 of protobuf, the subprotocols `lc.proto2base64.1` and `lc.proto2base64.3`. */
export const protobufText: Codec<string> = base64(bytes, "protobuf-text", "lc.proto2base64");

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
export const protobuf: Codec<Uint8Array> = { ...bytes, text: protobufText };

function addressable(): Codec<Uint8Array> {
  const plan = wholePlan();
  const byName = new Map(plan.byName);
  const peerIdField = byName.get("peerId")!;
  byName.delete("peerId");
  const others = { ...plan, byName };
  const writer = new Writer(portableUtf8);
  return {
    ...createProtobuf(plan, portableUtf8, writer),
    encode: (command) => {
      writer.begin();
      writer.fields(others, command);
      if (command.peerId !== undefined) writer.field(peerIdField, command.peerId);
      return writer.end();
    },
    address: (frame, peerId) => {
      writer.begin();
      writer.append(binary(frame));
      writer.field(peerIdField, peerId);
      return writer.end();
    },
  };
}
