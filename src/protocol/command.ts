/**
 * The command model: what a request, a reply or a push is, whatever bytes carry it. The types are
 * derived from the table in `fields.ts`.
 *
 * @module
 */
import type { EnumName, enums, FieldRule, MessageName, messages } from "./fields.ts";

/** What each scalar type is in TypeScript. An int64 stays below 2^53, so that a number holds it. */
export interface Scalars {
  /** True or false. */
  bool: boolean;
  /** Bytes. */
  bytes: Uint8Array;
  /** A signed 32-bit integer. */
  int32: number;
  /** An integer below 2^53 either way. */
  int64: number;
  /** Text. */
  string: string;
}

/** What a field holds by its type in the table, without its mark. */
export type FieldValue<Type> = Type extends `${infer Unmarked}!` | `${infer Unmarked}[]`
  ? FieldValue<Unmarked>
  : Type extends keyof Scalars ? Scalars[Type]
  : Type extends EnumName ? keyof (typeof enums)[Type]
  : Type extends MessageName ? MessageOf<Type>
  : never;

/** The types of a message's fields under a rule, with their marks. */
export type FieldTypes<Fields, Rule extends FieldRule[2]> = Exclude<
  Rule extends "required" ? keyof Fields & `${string}!`
    : Rule extends "repeated" ? keyof Fields & `${string}[]`
    : keyof Fields,
  Rule extends undefined ? `${string}!` | `${string}[]` : never
>;

/** The names of a message's fields under a rule; `undefined` is the rule of the optional ones. */
export type FieldNames<Fields, Rule extends FieldRule[2]> = {
  [Type in FieldTypes<Fields, Rule>]: keyof Fields[Type];
}[FieldTypes<Fields, Rule>];

/** The type of a message's field, with its mark. */
export type FieldType<Fields, Name> = {
  [Type in keyof Fields]: Name extends keyof Fields[Type] ? Type : never;
}[keyof Fields];

/**
 * A message of the protocol as a plain object. A field that is absent on the wire has no key (or
 * `undefined`), which is not the same as an empty string or 0: the protocol depends on presence.
 * A repeated field without elements is absent.
 */
export type MessageOf<N extends MessageName> =
  & {
    readonly [K in FieldNames<(typeof messages)[N], "required">]: FieldValue<
      FieldType<(typeof messages)[N], K>
    >;
  }
  & {
    readonly [K in FieldNames<(typeof messages)[N], "repeated">]?:
      | readonly FieldValue<FieldType<(typeof messages)[N], K>>[]
      | undefined;
  }
  & {
    readonly [K in FieldNames<(typeof messages)[N], undefined>]?:
      | FieldValue<FieldType<(typeof messages)[N], K>>
      | undefined;
  };

/** One request, reply or push: the envelope with the message that `cmd` names. */
export type Command = MessageOf<"GenericCommand">;

/** What `cmd` may be. */
export type CommandType = keyof (typeof enums)["CommandType"];

/** What `op` may be. */
export type OpType = keyof (typeof enums)["OpType"];
