/**
 * The command model: what a request, a reply or a push is, whatever bytes carry it. The types are
 * derived from the table in `fields.ts`.
 *
 * @module
 */
import type { EnumName, enums, MessageName, messages } from "./fields.ts";
import type { FieldName, FieldsIn, FieldType } from "./notation.ts";

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

/** The names of an enum's values. */
export type ValueOf<Name extends EnumName> = FieldName<FieldsIn<(typeof enums)[Name]>>;

/** What a field holds in TypeScript, by its type in the table. */
export type FieldValue<Type> = Type extends keyof Scalars ? Scalars[Type]
  : Type extends EnumName ? ValueOf<Type>
  : Type extends MessageName ? MessageOf<Type>
  : never;

/** A message of fields as the table writes them. */
export type MessageIn<Field> =
  & {
    readonly [F in Extract<Field, `${string}!`> as FieldName<F> & string]: FieldValue<FieldType<F>>;
  }
  & {
    readonly [F in Extract<Field, `${string}[]`> as FieldName<F> & string]?:
      | readonly FieldValue<FieldType<F>>[]
      | undefined;
  }
  & {
    readonly [
      F in Exclude<Field, `${string}!` | `${string}[]`> as FieldName<F> & string
    ]?: FieldValue<FieldType<F>> | undefined;
  };

/**
 * A message of the protocol as a plain object. A field that is absent on the wire has no key (or
 * `undefined`), which is not the same as an empty string or 0: the protocol depends on presence.
 * A repeated field without elements is absent.
 */
export type MessageOf<N extends MessageName> = MessageIn<FieldsIn<(typeof messages)[N]>>;

/** One request, reply or push: the envelope with the message that `cmd` names. */
export type Command = MessageOf<"GenericCommand">;

/** What `cmd` may be. */
export type CommandType = ValueOf<"CommandType">;

/** What `op` may be. */
export type OpType = ValueOf<"OpType">;
