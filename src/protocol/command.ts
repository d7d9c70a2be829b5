/**
 * The command model: what a request, a reply or a push is, whatever bytes carry it. The types are
 * derived from the table in `fields.ts`.
 *
 * @module
 */
import type { EnumName, enums, MessageName, messages } from "./fields.ts";

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

/** What a field of the table holds, without its rule. */
export type FieldValue<Field> = Field extends readonly [number, infer T, ...unknown[]]
  ? T extends keyof Scalars ? Scalars[T]
  : T extends EnumName ? keyof (typeof enums)[T]
  : T extends MessageName ? MessageOf<T>
  : never
  : never;

/** The names of a message's fields under a rule; `undefined` is the rule of the optional ones. */
export type FieldNames<Fields, Rule extends "required" | "repeated" | undefined> = {
  [K in keyof Fields]: Fields[K] extends readonly [number, string, infer R]
    ? R extends Rule ? K : never
    : undefined extends Rule ? K
    : never;
}[keyof Fields];

/**
 * A message of the protocol as a plain object. A field that is absent on the wire has no key (or
 * `undefined`), which is not the same as an empty string or 0: the protocol depends on presence.
 * A repeated field without elements is absent.
 */
export type MessageOf<N extends MessageName> =
  & {
    readonly [K in FieldNames<(typeof messages)[N], "required">]: FieldValue<
      (typeof messages)[N][K]
    >;
  }
  & {
    readonly [K in FieldNames<(typeof messages)[N], "repeated">]?:
      | readonly FieldValue<(typeof messages)[N][K]>[]
      | undefined;
  }
  & {
    readonly [K in FieldNames<(typeof messages)[N], undefined>]?:
      | FieldValue<(typeof messages)[N][K]>
      | undefined;
  };

/** One request, reply or push: the envelope with the message that `cmd` names. */
export type Command = MessageOf<"GenericCommand">;

/** What `cmd` may be. */
export type CommandType = keyof (typeof enums)["CommandType"];

/** What `op` may be. */
export type OpType = keyof (typeof enums)["OpType"];
