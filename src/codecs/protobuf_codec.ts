/**
 * LeanCloud's wire: protobuf, by the tables.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { base64 } from "./base64_codec.ts";
import { binary } from "./frame_kind.ts";
import type { Plan } from "./plan.ts";
import { Reader } from "./protobuf_reader.ts";
import { Writer } from "./protobuf_writer.ts";

/** A codec that has a twin for text. */
export interface ProtobufCodec extends Codec<Uint8Array> {
  /** The same as base64. */
  readonly text: Codec<string>;
}

/** Protobuf of the commands of a plan, whose twin for text is its base64. */
export function createProtobuf(plan: Plan): ProtobufCodec {
  const peerIdField = plan.byName.get("peerId")!;
  const writer = new Writer();
  const codec: Codec<Uint8Array> = {
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
    address: (frame, peerId) => {
      writer.begin(binary(frame));
      writer.field(peerIdField, peerId);
      return writer.end();
    },
  };
  return { ...codec, text: base64(codec, "protobuf-text", "lc.proto2base64") };
}
