/**
 * Commands as CBOR: about as small as protobuf, and a library in every language reads and writes it.
 * By the tables of `protocol/fields.ts`, as every codec.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { base64 } from "./base64_codec.ts";
import { CborReader } from "./cbor_reader.ts";
import { CborWriter } from "./cbor_writer.ts";
import { binary } from "./frame_kind.ts";
import { wholePlan } from "./whole_plan.ts";

const bytes = createCbor();

/** Commands as base64 of CBOR, the subprotocols `curlew.cbor2base64.1` and `curlew.cbor2base64.3`. */
export const cborText: Codec<string> = base64(bytes, "cbor-text", "curlew.cbor2base64");

/**
 * Commands as CBOR, the subprotocols `curlew.cbor.1` and `curlew.cbor.3`: maps from the fields'
 * numbers to their values, enums by their numbers, bytes as bytes. Maps have no length, and
 * `peerId` comes last in the outermost one, so that `address` needs only to append it.
 *
 * Who uses it imports it and passes it on.
 *
 * ```ts
 * const realtime = new Realtime({ appId, appKey, server, codecs: [cbor] });
 * ```
 */
export const cbor: Codec<Uint8Array> = { ...bytes, text: cborText };

function createCbor(): Codec<Uint8Array> {
  const plan = wholePlan();
  const peerIdField = plan.byName.get("peerId")!;
  const writer = new CborWriter();
  return {
    name: "cbor",
    frames: "binary",
    subprotocol: (version) => `curlew.cbor.${version}`,
    encode: ({ peerId, ...command }) =>
      writer.frame(plan, command, peerId === undefined ? undefined : [peerIdField, peerId]),
    decode: (frame) => new CborReader(binary(frame)).whole(plan) as Command,
    address: (frame, peerId) => writer.extended(binary(frame), peerIdField, peerId),
  };
}
