/**
 * Encodes and decodes one command with Curlew's codec and with others, in turns. It runs in any
 * runtime: `codec.ts` bundles it for Node.
 *
 * @module
 */
import { create, createFileRegistry, fromBinary, toBinary } from "@bufbuild/protobuf";
import {
  FieldDescriptorProto_Label as Label,
  FieldDescriptorProto_Type as Type,
  FileDescriptorProtoSchema,
} from "@bufbuild/protobuf/wkt";
import { cbor } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import {
  type Codec,
  type Command,
  type EnumName,
  enums,
  type Frame,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import { Encoder } from "cbor-x/index-no-eval";
import protobufjs from "protobufjs";
import protobufjs5 from "protobufjs-5";

const enumNames = Object.keys(enums) as EnumName[];
const messageNames = Object.keys(messages) as MessageName[];

/** How long one codec took in each round to encode a command and decode it again, in ns. */
export interface Times {
  /** Which text the command carries. */
  readonly text: string;
  /** The lengths of the frames of Curlew's codecs, in bytes, by the codec's name. */
  readonly bytes: Readonly<Record<string, number>>;
  /** The times of each codec by its name. */
  readonly times: Readonly<Record<string, readonly number[]>>;
}

const envelope = (text: string): Command => ({
  cmd: "direct",
  peerId: "tom",
  i: 1234,
  directMessage: {
    msg: JSON.stringify({ _lctype: -1, _lctext: text }),
    fromPeerId: "jerry",
    timestamp: 1_700_000_000_123,
    offline: false,
    hasMore: false,
    cid: "5f3c2b1a9d8e7f6a5b4c3d2e",
    id: "kq3XvZ81_LmQp0sT7aYw9e",
    dt: "9f8e7d6c-1a2b-4c3d-8e9f-0a1b2c3d4e5f",
    convType: 1,
  },
});

/** Two messages of about 200 bytes: a person's words as a text message carries them. */
const texts: Record<string, string> = {
  ASCII: "The quick brown fox jumps over the lazy dog. ".repeat(4).slice(0, 174),
  Chinese: "春眠不觉晓处处闻啼鸟夜来风雨声花落知多少".repeat(3).slice(0, 58),
};

/** Prepares a codec for a command: what it returns encodes it and decodes it again. */
type Prepare = (command: Command) => () => number;

const own = [protobuf, cbor, json];

const curlews = (codec: Codec): Prepare => (command) => () =>
  codec.decode(codec.encode(command)).i!;

/** cbor-x as it comes without code made at run time: any object, its keys written out. */
function cborX(): Prepare {
  const encoder = new Encoder({ useRecords: false });
  return (command) => () => (encoder.decode(encoder.encode(command)) as Command).i!;
}

const plainJson: Prepare = (command) => () => (JSON.parse(JSON.stringify(command)) as Command).i!;

/** protobufjs 8 compiles its classes from the tables: the code that its static modules have too. */
function protobufjs8(): Prepare {
  const nested: Record<string, protobufjs.AnyNestedObject> = {};
  for (const name of enumNames) nested[name] = { values: valuesOf(name) };
  for (const name of messageNames) {
    nested[name] = {
      fields: Object.fromEntries(
        Object.entries(rulesOf(name)).map(([key, [id, type, rule]]) => [
          key,
          rule === undefined ? { id, type } : { id, type, rule },
        ]),
      ),
    };
  }
  const message = protobufjs.Root.fromJSON({ nested }).lookupType("GenericCommand");
  return (command) => {
    const values = numbered(command) as { [key: string]: unknown };
    return () => (message.decode(message.encode(values).finish()) as unknown as { i: number }).i;
  };
}

interface Class5 {
  new (values: unknown): { toArrayBuffer(): ArrayBuffer };
  decode(bytes: ArrayBuffer): { i: number };
}

function protobufjs503(): Prepare {
  const json = {
    package: null,
    enums: enumNames.map((name) => ({
      name,
      values: Object.entries(valuesOf(name)).map(([name, id]) => ({ name, id })),
    })),
    messages: messageNames.map((name) => ({
      name,
      fields: Object.entries(rulesOf(name)).map(([name, [id, type, rule]]) => ({
        rule: rule ?? "optional",
        type,
        name,
        id,
      })),
    })),
  };
  const built = protobufjs5.loadJson(JSON.stringify(json)).build() as unknown as {
    GenericCommand: Class5;
  };
  const { GenericCommand } = built;
  return (command) => () => GenericCommand.decode(new GenericCommand(command).toArrayBuffer()).i;
}

function bufbuild(): Prepare {
  const scalars: Record<string, Type> = {
    bool: Type.BOOL,
    bytes: Type.BYTES,
    int32: Type.INT32,
    int64: Type.INT64,
    string: Type.STRING,
  };
  const file = create(FileDescriptorProtoSchema, {
    name: "wire.proto",
    syntax: "proto2",
    enumType: enumNames.map((name) => ({
      name,
      value: Object.entries(valuesOf(name)).map(([value, number]) => ({
        name: `${name}_${value}`,
        number,
      })),
    })),
    messageType: messageNames.map((name) => ({
      name,
      field: Object.entries(rulesOf(name)).map(([name, [number, type, rule]]) => ({
        name,
        jsonName: name,
        number,
        label: rule === "repeated"
          ? Label.REPEATED
          : rule === "required"
          ? Label.REQUIRED
          : Label.OPTIONAL,
        type: scalars[type] ?? (type in enums ? Type.ENUM : Type.MESSAGE),
        ...(type in scalars ? {} : { typeName: `.${type}` }),
      })),
    })),
  });
  const registry = createFileRegistry(file, () => undefined);
  const schema = registry.getMessage("GenericCommand")!;
  const direct = registry.getMessage("DirectCommand")!;
  return (command) => {
    const { directMessage, ...rest } = numbered(command) as unknown as {
      directMessage: { timestamp: number };
    };
    const timestamp = BigInt(directMessage.timestamp);
    return () => {
      const message = create(schema, {
        ...rest,
        directMessage: create(direct, { ...directMessage, timestamp }),
      });
      return (fromBinary(schema, toBinary(schema, message)) as unknown as { i: number }).i;
    };
  };
}

/** The command with the number of `cmd` in place of its name. */
function numbered(command: Command): object {
  return { ...command, cmd: valuesOf("CommandType")[command.cmd!] };
}

/** Measures all codecs with both texts. */
export function measure(rounds = 15): Times[] {
  const codecs: Record<string, Prepare> = {
    ...Object.fromEntries(own.map((codec) => [`curlew ${codec.name}`, curlews(codec)])),
    "protobufjs 5.0.3": protobufjs503(),
    "protobufjs 8.8.1": protobufjs8(),
    "@bufbuild/protobuf 2.17.0": bufbuild(),
    "cbor-x 1.6.9": cborX(),
    JSON: plainJson,
  };
  return Object.entries(texts).map(([text, words]) => {
    const command = envelope(words);
    const runs = Object.entries(codecs).map(([name, prepare]) => ({ name, run: prepare(command) }));
    const times: Record<string, number[]> = {};
    // The first rounds warm up.
    for (let round = -3; round < rounds; round++) {
      for (const { name, run } of runs) {
        const figure = time(run, command.i!);
        if (round >= 0) (times[name] ??= []).push(figure);
      }
    }
    const bytes = Object.fromEntries(own.map((codec) => {
      const frame: Frame = codec.encode(command);
      const length = typeof frame === "string"
        ? new TextEncoder().encode(frame).length
        : frame.length;
      return [codec.name, length];
    }));
    return { text, bytes, times };
  });
}

function time(run: () => number, expected: number): number {
  const times = 4_000;
  const start = performance.now();
  let sum = 0;
  for (let i = 0; i < times; i++) sum += run();
  const figure = (performance.now() - start) / times * 1e6;
  if (sum !== times * expected) throw new Error("A codec lost the serial number");
  return figure;
}
