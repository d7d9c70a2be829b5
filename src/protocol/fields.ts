/**
 * The whole wire: every enum and every message of the protocol, with each field's number, type and
 * rule, joined from what IM clients speak and the rest, so that they need not ship that. The codecs
 * read it at run time and `command.ts` derives the types of commands from it, so that there is one
 * place where a field is named. PROTOCOL.md explains the fields.
 *
 * @module
 */
import { imEnums, imMessages } from "./im_fields.ts";
import { otherEnums, otherMessages } from "./other_fields.ts";

/** What a field may hold when it is neither an enum nor a message. */
export type ScalarType = "bool" | "bytes" | "int32" | "int64" | "string";

/** What either table has, and for a name in both what both have. */
export type Joined<One, Two> = {
  readonly [Name in keyof One | keyof Two]:
    & (Name extends keyof One ? One[Name] : unknown)
    & (Name extends keyof Two ? Two[Name] : unknown);
};

/** The enums of the protocol: each value's name and its number on the wire. */
export const enums: Joined<typeof imEnums, typeof otherEnums> = /* @__PURE__ */ joined(
  imEnums,
  otherEnums,
);

/**
 * The messages of the protocol: the fields of each, with their numbers, by what they hold. `!` after
 * a type marks fields that must be there, `[]` those that may occur more than once; all others are
 * optional. `GenericCommand` is the envelope: one of it is one frame.
 */
export const messages: Joined<typeof imMessages, typeof otherMessages> = /* @__PURE__ */ joined(
  imMessages,
  otherMessages,
);

type Table = Readonly<Record<string, object>>;

/** A function's result may be left out by bundlers, which an object spread from others may not. */
function joined<One extends Table, Two extends Table>(one: One, two: Two): Joined<One, Two> {
  const both: Record<string, object> = { ...one };
  for (const [name, more] of Object.entries(two)) both[name] = { ...both[name], ...more };
  return both as Joined<One, Two>;
}

/** The name of an enum of the protocol. */
export type EnumName = keyof typeof enums;

/** The name of a message of the protocol. */
export type MessageName = keyof typeof messages;

/** The numbers of fields by their names. */
export type FieldNumbers = Readonly<Record<string, number>>;

/** What is known of one field, for code that walks a table. */
export type FieldRule = readonly [
  number: number,
  type: ScalarType | EnumName | MessageName,
  rule?: "required" | "repeated",
];

/** The rules of a message's fields by their names, in the order of their numbers. */
export function rulesOf(message: MessageName): Record<string, FieldRule> {
  const rules: [name: string, rule: FieldRule][] = [];
  for (const [mark, fields] of Object.entries<FieldNumbers>(messages[message])) {
    const type = mark.replace(/\W+/, "") as FieldRule[1];
    const rule = mark.endsWith("!") ? "required" : "repeated";
    for (const [name, number] of Object.entries(fields)) {
      rules.push([name, mark === type ? [number, type] : [number, type, rule]]);
    }
  }
  return Object.fromEntries(rules.sort(([, [one]], [, [two]]) => one - two));
}
