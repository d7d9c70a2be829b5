/**
 * The tables of `protocol/fields.ts` as the binary codecs want them: by name for the encoder, by
 * number for the decoder, every type looked up.
 *
 * @module
 */
import {
  type EnumName,
  enums,
  type FieldRule,
  type MessageName,
  messages,
} from "../protocol/fields.ts";

/** How a field's value is written. */
export type Kind = "bool" | "bytes" | "enum" | "int32" | "int64" | "message" | "string";

/** One field of a message. */
export interface Field {
  /** Its key in a command. */
  readonly name: string;
  /** Its number on the wire. */
  readonly number: number;
  /** How its value is written. */
  readonly kind: Kind;
  /** Whether it may occur more than once. */
  readonly repeated: boolean;
  /** Whether a message without it is none. */
  readonly required: boolean;
  /** The fields of what it holds, where it holds a message. */
  readonly plan: Plan | undefined;
  /** An enum's numbers by their names, where it holds one. */
  readonly numbers: ReadonlyMap<unknown, number> | undefined;
  /** An enum's names by their numbers, where it holds one. */
  readonly names: ReadonlyMap<number, string> | undefined;
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
export function planOf(name: MessageName): Plan {
  const byName = new Map<string, Field>();
  const byNumber: Field[] = [];
  const required: string[] = [];
  for (const [key, rule] of Object.entries<FieldRule>(messages[name])) {
    const [number, type, presence] = rule;
    const values = type in enums ? Object.entries<number>(enums[type as EnumName]) : undefined;
    const field: Field = {
      name: key,
      number,
      kind: values ? "enum" : type in messages ? "message" : type as Kind,
      repeated: presence === "repeated",
      required: presence === "required",
      plan: type in messages ? planOf(type as MessageName) : undefined,
      numbers: values && new Map(values),
      names: values && new Map(values.map(([value, code]) => [code, value])),
    };
    byName.set(key, field);
    byNumber[number] = field;
    if (field.required) required.push(key);
  }
  return { byName, byNumber, required };
}
