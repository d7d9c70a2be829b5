/**
 * Commands as JSON, for those who want to read what goes over the wire, or to write a client without
 * protobuf. By the tables of `protocol/fields.ts`, as every codec.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { toBase64 } from "./base64_codec.ts";
import { type Form, messageIn, putIn, valueIn } from "./checked_values.ts";
import { textual } from "./frame_kind.ts";
import { JsonReader } from "./json_reader.ts";
import type { Values } from "./plan.ts";
import { wholePlan } from "./whole_plan.ts";

/**
 * Commands as JSON objects, the subprotocols `curlew.json.1` and `curlew.json.3`: fields and enums by
 * their names, bytes as base64 with padding. `peerId` is written last, so that `address` needs only
 * to append it.
 *
 * Who uses it imports it and passes it on; the default, protobuf, is smaller and faster.
 *
 * ```ts
 * const realtime = new Realtime({ appId, appKey, server, codecs: [json] });
 * ```
 */
export const json: Codec<string> = createJson();

function createJson(): Codec<string> {
  const plan = wholePlan();
  const peerIdField = plan.byName.get("peerId")!;
  const form: Form<Values> = {
    empty: () => ({}),
    put: (message, field, value) => field.set(message, value),
    int64: (value) => value,
    enum: (_, name) => name,
    bytes: toBase64,
  };
  return {
    name: "json",
    frames: "text",
    subprotocol: (version) => `curlew.json.${version}`,
    encode: ({ peerId, ...command }) => {
      const message = messageIn(form, plan, command);
      if (peerId !== undefined) putIn(form, message, peerIdField, peerId);
      return JSON.stringify(message);
    },
    decode: (frame) => new JsonReader(textual(frame)).whole(plan) as Command,
    address: (frame, peerId) => {
      const head = textual(frame).slice(0, -1);
      const value = JSON.stringify(valueIn(form, peerIdField, peerId));
      return `${head}${head === "{" ? "" : ","}"peerId":${value}}`;
    },
  };
}
