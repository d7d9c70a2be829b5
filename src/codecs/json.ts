/**
 * Commands as JSON, for those who want to read what goes over the wire, or to write a client without
 * protobuf. By the tables of `protocol/fields.ts`, as every codec.
 *
 * @module
 */
import type { Codec } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { toBase64 } from "./base64_codec.ts";
import { textual } from "./frame_kind.ts";
import { JsonReader, wellFormed } from "./json_reader.ts";
import { type Field, pathOf, type Plan, type Values, wrongValue } from "./plan.ts";
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
  return {
    name: "json",
    frames: "text",
    subprotocol: (version) => `curlew.json.${version}`,
    encode: ({ peerId, ...command }) => {
      const message = messageOf(plan, command);
      if (peerId !== undefined) put(message, peerIdField, peerId);
      return JSON.stringify(message);
    },
    decode: (frame) => new JsonReader(textual(frame)).whole(plan) as Command,
    address: (frame, peerId) => {
      const head = textual(frame).slice(0, -1);
      const value = JSON.stringify(valueOf(peerIdField, peerId));
      return `${head}${head === "{" ? "" : ","}"peerId":${value}}`;
    },
  };
}

/** The message as JSON has it; throws a `TypeError` that names the field that is wrong. */
function messageOf(plan: Plan, values: Values): Values {
  const message: Values = {};
  for (const key in values) {
    const value = values[key];
    const field = value === undefined ? undefined : plan.byName.get(key);
    if (field !== undefined) put(message, field, value);
  }
  for (const name of plan.required) {
    if (values[name] === undefined) throw new TypeError(`${name} is missing`);
  }
  return message;
}

/** Puts one field into a message; an empty list is absent. */
function put(message: Values, field: Field, value: unknown): void {
  if (!field.repeated) return field.set(message, valueOf(field, value));
  if (!Array.isArray(value)) throw wrongValue(field.name, "array", value);
  if (value.length === 0) return;
  // Not `map`, which leaves out what a list lacks.
  field.set(message, Array.from(value, (item, index) => valueOf(field, item, index)));
}

function valueOf(field: Field, value: unknown, index?: number): unknown {
  switch (field.kind) {
    case "string":
      if (typeof value === "string") return wellFormed(value);
      break;
    case "int64":
      if (Number.isSafeInteger(value)) return value;
      break;
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "int32":
      if (typeof value === "number" && value === (value | 0)) return value | 0;
      break;
    case "enum":
      if (field.numbers.has(value)) return value;
      break;
    case "bytes":
      if (value instanceof Uint8Array) return toBase64(value);
      break;
    case "message":
      if (value && typeof value === "object") return inner(field, value as Values, index);
  }
  throw wrongValue(pathOf(field, index), field.kind, value);
}

function inner(field: Field, values: Values, index?: number): Values {
  try {
    return messageOf(field.plan!, values);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`${pathOf(field, index)}.${error.message}`);
  }
}
