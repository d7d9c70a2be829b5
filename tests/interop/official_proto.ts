/**
 * LeanCloud's tables and protobufjs 5, as its JavaScript SDK 4.3.1 ships and uses them.
 *
 * @module
 */
import {
  type EnumName,
  enums,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import protobufjs from "protobufjs-5";

/** One field as the official tables have it. */
export interface OfficialField {
  readonly number: number;
  readonly type: string;
  readonly rule: string;
}

/** What protobufjs 5 tells of a field, a message or an enum. */
interface Reflected {
  readonly className: string;
  readonly name: string;
  readonly id: number;
  readonly required: boolean;
  readonly repeated: boolean;
  readonly type: { readonly name: string };
  readonly resolvedType: { readonly name: string } | null;
  readonly children?: readonly Reflected[];
}

type Plain = Record<string, unknown>;

interface MessageClass {
  new (values: Plain): { toArrayBuffer(): ArrayBuffer };
  decode(bytes: Uint8Array): Plain;
}

const proto = new URL("../proto/message.proto", import.meta.resolve("leancloud-realtime-4"));
const builder = protobufjs.loadProto(readFileSync(proto, "utf8"));
const root = builder.lookup("push_server.messages2") as unknown as Reflected;
const { GenericCommand } = builder.build("push_server.messages2") as unknown as {
  GenericCommand: MessageClass;
};

function fieldsOf({ children = [] }: Reflected): Record<string, OfficialField> {
  const fields = children.filter(({ className }) => className === "Message.Field");
  return Object.fromEntries(fields.map((field) => [field.name, {
    number: field.id,
    type: field.resolvedType?.name ?? field.type.name,
    rule: field.required ? "required" : field.repeated ? "repeated" : "optional",
  }]));
}

function numbersOf({ children = [] }: Reflected): Record<string, number> {
  return Object.fromEntries(children.map(({ name, id }) => [name, id]));
}

function all<T>(kind: string, of: (reflected: Reflected) => T): Record<string, T> {
  const found = [root, ...root.children ?? []].flatMap(({ children }) => children ?? [])
    .filter(({ className }) => className === kind);
  return Object.fromEntries(found.map((reflected) => [reflected.name, of(reflected)]));
}

/** What the SDK decoded, as Curlew has it: no nulls, no `Long`s, names of enums. */
function plain(name: MessageName, message: Plain): Plain {
  const fields = rulesOf(name);
  const result: Plain = {};
  for (const [key, value] of Object.entries(message)) {
    if (value === null || Array.isArray(value) && value.length === 0) continue;
    const [, type] = fields[key]!;
    const one = (value: unknown): unknown => {
      if (type in messages) return plain(type as MessageName, value as Plain);
      if (type in enums) {
        const values = valuesOf(type as EnumName);
        return Object.keys(values).find((name) => values[name] === value);
      }
      if (type === "int64") return (value as { toNumber(): number }).toNumber();
      if (type === "bytes") {
        return new Uint8Array((value as { toArrayBuffer(): ArrayBuffer }).toArrayBuffer());
      }
      return value;
    };
    result[key] = Array.isArray(value) ? value.map(one) : one(value);
  }
  return result;
}

const officialMessages = all("Message", fieldsOf);
assert.ok(officialMessages.GenericCommand, "the SDK's tables were found");

/** LeanCloud's tables, and its SDK's encoder and decoder. */
export const official = {
  enums: all("Enum", numbersOf),
  messages: officialMessages,
  field: (message: string, field: string): OfficialField | undefined =>
    officialMessages[message]?.[field],
  encode: (command: Plain): Uint8Array =>
    new Uint8Array(new GenericCommand(command).toArrayBuffer()),
  decode: (frame: Uint8Array): Plain => plain("GenericCommand", GenericCommand.decode(frame)),
};
