/**
 * Tables of the wire as a codec wants them: by name for its encoder, by number for its decoder, every
 * type looked up.
 *
 * @module
 */
import { fieldsIn } from "../protocol/notation.ts";

/** Enums and messages, as `protocol/fields.ts` has all of them. */
export interface Tables {
  /** The values, as `protocol/notation.ts` says, by the names of enums. */
  readonly enums: Readonly<Record<string, string>>;
  /** The fields, by the names of messages. */
  readonly messages: Readonly<Record<string, string>>;
  /** Puts values into messages, for some fields by their names in a way that is faster. */
  readonly setters?: Readonly<Record<string, Field["set"]>>;
}

/** A message whose fields are yet to be checked, or being filled in. */
export type Values = Record<string, unknown>;

/** What a field's value is. */
export type Kind = "bool" | "bytes" | "enum" | "int32" | "int64" | "message" | "string";

/** One field of a message. */
export interface Field {
  /** Its key in a command. */
  readonly name: string;
  /** What stands before it in protobuf: its number and how its value is laid out. */
  readonly tag: number;
  /** What its value is. */
  readonly kind: Kind;
  /** Whether it may occur more than once. */
  readonly repeated: boolean;
  /** The fields of what it holds, where it holds a message. */
  readonly plan: Plan | undefined;
  /** An enum's numbers by their names; none where it holds something else. */
  readonly numbers: ReadonlyMap<unknown, number>;
  /** An enum's names by their numbers; none where it holds something else. */
  readonly names: readonly (string | undefined)[];
  /** Puts a value into a message. */
  readonly set: (message: Values, value: unknown) => void;
}

/** The fields of a message. */
export interface Plan {
  /** By name. */
  readonly byName: ReadonlyMap<string, Field>;
  /** By number. */
  readonly byNumber: readonly (Field | undefined)[];
  /** The names of those that a message must have. */
  readonly required: readonly string[];
}

/** The plan of a message, and of all messages in it. */
export function planOf(message: string, tables: Tables): Plan {
  const { enums, messages, setters } = tables;
  const byName = new Map<string, Field>();
  const byNumber: Field[] = [];
  const required: string[] = [];
  for (const { name, number, type, mark } of fieldsIn(messages[message]!)) {
    const plan = type in messages ? planOf(type, tables) : undefined;
    const numbers = new Map<unknown, number>();
    const names: string[] = [];
    for (const { name, number } of fieldsIn(enums[type] ?? "")) {
      numbers.set(name, number);
      names[number] = name;
    }
    const kind = type in enums ? "enum" : plan ? "message" : type as Kind;
    const field: Field = {
      name,
      tag: number << 3 | (kind === "string" || kind === "bytes" || kind === "message" ? 2 : 0),
      kind,
      repeated: mark === "[]",
      plan,
      numbers,
      names,
      set: setters?.[name] ?? ((message, value) => message[name] = value),
    };
    byName.set(name, field);
    byNumber[number] = field;
    if (mark === "!") required.push(name);
  }
  return { byName, byNumber, required };
}

/** The error for a value that is not of a field's type. */
export function wrongValue(path: string, kind: string, value: unknown): TypeError {
  const shown = typeof value === "string"
    ? JSON.stringify(value.slice(0, 40))
    : typeof value === "number"
    ? value
    : value && typeof value;
  return new TypeError(`${path} is no ${kind}: ${shown}`);
}

/** A field's name, with the index where there is one. */
export function pathOf({ name, repeated }: Field, index?: number): string {
  return repeated ? `${name}[${index}]` : name;
}
