/**
 * LeanCloud's wire: protobuf, by the tables.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { binary } from "./frame_kind.ts";
import type { Plan } from "./plan.ts";
import { Reader } from "./protobuf_reader.ts";
import { Writer } from "./protobuf_writer.ts";

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
