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
  const peerIdField = plan.byName.get("peerId")!;
  return {
    name: "protobuf",
    frames: "binary",
    subprotocol: (version) => `lc.protobuf2.${version}`,
    encode: (command) => {
      writer.begin();
      for (const key in command) {
        const value = command[key as keyof Command];
        const field = value === undefined ? undefined : plan.byName.get(key);
        if (field !== undefined && field !== peerIdField) writer.field(field, value);
      }
      if (command.peerId !== undefined) writer.field(peerIdField, command.peerId);
      return writer.end();
    },
    decode: (frame) => new Reader(binary(frame)).message(plan, {}) as Command,
  };
}
