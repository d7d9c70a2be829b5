/**
 * LeanCloud's wire: protobuf, by the tables.
 *
 * @module
 */
import type { Utf8 } from "../environment/environment.ts";
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import type { Plan } from "./plan.ts";
// Bundlers keep this order, which compresses best.
import { Writer } from "./protobuf_writer.ts";
import { Reader } from "./protobuf_reader.ts";
import { binary } from "./frame_kind.ts";

/** Protobuf of the commands of a plan, without `address`, which clients have no use for. */
export function createProtobuf(
  plan: Plan,
  utf8: Utf8,
  writer: Writer = new Writer(utf8),
): Codec<Uint8Array> {
  return {
    name: "protobuf",
    frames: "binary",
    subprotocol: (version) => `lc.protobuf2.${version}`,
    encode: (command) => {
      writer.begin();
      writer.fields(plan, command);
      return writer.end();
    },
    decode: (frame) => new Reader(binary(frame), utf8).message(plan, {}) as Command,
  };
}
