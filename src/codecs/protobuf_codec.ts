/**
 * LeanCloud's wire: protobuf, by the tables.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import type { Plan } from "./plan.ts";
// Bundlers keep this order, which compresses best.
import { Writer } from "./protobuf_writer.ts";
import { Reader } from "./protobuf_reader.ts";
import { binary } from "./frame_kind.ts";

/** Protobuf of the commands of a plan, without `address`, which clients have no use for. */
export function createProtobuf(plan: Plan, writer: Writer = new Writer()): Codec<Uint8Array> {
  return {
    name: "protobuf",
    frames: "binary",
    subprotocol: (version) => `lc.protobuf2.${version}`,
    encode: (command) => {
      writer.begin();
      writer.fields(plan, command);
      return writer.end();
    },
    decode: (frame) => new Reader(binary(frame)).message(plan, {}) as Command,
  };
}
