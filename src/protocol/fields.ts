/**
 * The whole wire: every enum and every message of the protocol, with each field's number, type and
 * rule, joined from what IM clients speak and the rest, so that they need not ship that. The codecs
 * read it at run time and `command.ts` derives the types of commands from it, so that there is one
 * place where a field is named. PROTOCOL.md explains the fields.
 *
 * @module
 */
import { imEnums, imMessages } from "./im_fields.ts";
import { fieldsIn } from "./notation.ts";
import { otherEnums, otherMessages } from "./other_fields.ts";

/** What a field may hold when it is neither an enum nor a message. */
export type ScalarType = "bool" | "bytes" | "int32" | "int64" | "string";

/** The texts of two tables, joined for a name in both. */
export type Joined<One, Two> = {
  readonly [Name in keyof One | keyof Two]: Name extends keyof One & keyof Two
    ? `${One[Name] & string} ${Two[Name] & string}`
    : Name extends keyof One ? One[Name]
    : Name extends keyof Two ? Two[Name]
    : never;
};

/** The enums of the protocol: the values of each, as `notation.ts` says. */
export const enums: Joined<typeof imEnums, typeof otherEnums> = /* @__PURE__ */ joined(
  imEnums,
  otherEnums,
);

/**
 * The messages of the protocol: the fields of each. `GenericCommand` is the envelope: one of it is one
 * frame.
 */
export const messages: Joined<typeof imMessages, typeof otherMessages> = /* @__PURE__ */ joined(
  imMessages,
  otherMessages,
);

type Table = Readonly<Record<string, string>>;

/** By a function, since what one makes may be left out by bundlers where nobody needs it. */
function joined<One extends Table, Two extends Table>(one: One, two: Two): Joined<One, Two> {
  const table: Record<string, string> = { ...one };
  for (const [name, more] of Object.entries(two)) {
    table[name] = name in table ? `${table[name]} ${more}` : more;
  }
  return table as Joined<One, Two>;
}

/** The name of an enum of the protocol. */
export type EnumName = keyof typeof enums;

/** The name of a message of the protocol. */
export type MessageName = keyof typeof messages;

/** What is known of one field, for code that walks a table. */
export type FieldRule = readonly [
  number: number,
  type: ScalarType | EnumName | MessageName,
  rule?: "required" | "repeated",
];

/** The numbers of an enum's values by their names. */
export function valuesOf(name: EnumName): Record<string, number> {
  return Object.fromEntries(fieldsIn(enums[name]).map(({ name, number }) => [name, number]));
}

/** The rules of a message's fields by their names, in the order of their numbers. */
export function rulesOf(message: MessageName): Record<string, FieldRule> {
  const rules = fieldsIn(messages[message]).sort((one, two) => one.number - two.number).map(
    ({ name, number, type, mark }): [name: string, rule: FieldRule] => {
      const held = type as FieldRule[1];
      const rule = mark === "!" ? "required" : "repeated";
      return [name, mark === "" ? [number, held] : [number, held, rule]];
    },
  );
  return Object.fromEntries(rules);
}
