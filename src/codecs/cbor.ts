/**
 * Commands as CBOR: about as small as protobuf, and a library in every language reads
 * and writes it. By the tables of `protocol/fields.ts`, as every codec; cbor-x does the writing.
 *
 * @module
 */
import { Encoder } from "cbor-x/index-no-eval";
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { base64 } from "./base64_codec.ts";
import { CborReader } from "./cbor_reader.ts";
import { type Form, messageIn, putIn, valueIn } from "./checked_values.ts";
import { binary } from "./frame_kind.ts";
import { wholePlan } from "./whole_plan.ts";

const bytes = createCbor();

/** Commands as base64 of CBOR, the subprotocols `curlew.cbor2base64.1` and `curlew.cbor2base64.3`. */
export const cborText: Codec<string> = base64(bytes, "cbor-text", "curlew.cbor2base64");

/**
 * Commands as CBOR, the subprotocols `curlew.cbor.1` and `curlew.cbor.3`: maps from the fields'
 * numbers to their values, enums by their numbers, bytes as bytes. The outermost map has no length,
 * and `peerId` comes last in it, so that `address` needs only to append it.
 *
 * Who uses it imports it and passes it on.
 *
 * ```ts
 * const realtime = new Realtime({ appId, appKey, server, codecs: [cbor] });
 * ```
 */
export const cbor: Codec<Uint8Array> = { ...bytes, text: cborText };

/** A message as cbor-x wants it: only a `Map` has numbers for its keys. */
type Fields = Map<number, unknown>;

/** The head of a map without a length, and what ends it. */
const OPEN = 0xbf, BREAK = 0xff;

function createCbor(): Codec<Uint8Array> {
  const plan = wholePlan();
  const peerIdField = plan.byName.get("peerId")!;
  const encoder = new Encoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false });
  const form: Form<Fields> = {
    empty: () => new Map(),
    put: (message, field, value) => message.set(field.tag >>> 3, value),
    // Of a number beyond 32 bits cbor-x makes a float.
    int64: (value) => value >>> 0 === value || (value | 0) === value ? value + 0 : BigInt(value),
    enum: (field, name) => field.numbers!.get(name),
    bytes: (value) => value,
  };

  /** A map without a length, which cbor-x does not write. */
  const openMap = (fields: Fields): Uint8Array => {
    // Room for the break: one byte for the key, and another for the value, which is cut off.
    fields.set(0, 0);
    const { buffer, byteOffset, length } = encoder.encode(fields);
    const bytes = new Uint8Array(buffer, byteOffset, length);
    const head = fields.size < 24 ? 0 : 1;
    bytes[head] = OPEN;
    bytes[length - 2] = BREAK;
    return bytes.subarray(head, length - 1);
  };

  return {
    name: "cbor",
    frames: "binary",
    subprotocol: (version) => `curlew.cbor.${version}`,
    encode: ({ peerId, ...command }) => {
      const fields = messageIn(form, plan, command);
      if (peerId !== undefined) putIn(form, fields, peerIdField, peerId);
      return openMap(fields);
    },
    decode: (frame) => new CborReader(binary(frame)).whole(plan) as Command,
    address: (frame, peerId) => {
      const head = binary(frame);
      const value = encoder.encode(valueIn(form, peerIdField, peerId));
      const whole = new Uint8Array(head.length + value.length + 1);
      whole.set(head);
      // The key takes the place of the break.
      whole[head.length - 1] = peerIdField.tag >>> 3;
      whole.set(value, head.length);
      whole[whole.length - 1] = BREAK;
      return whole;
    },
  };
}
