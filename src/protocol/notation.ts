/**
 * How tables write the fields of a message: `cid! unread:int32! 10 ids[]`. Each has a name and what
 * it holds, which is a string unless it says otherwise. `!` marks one that must be there, `[]` one that
 * may occur more than once; all others are optional. Numbers count up from 1; one that stands before a
 * name is that field's, and counting goes on from there. The values of an enum are written the same
 * way, as names with numbers.
 *
 * @module
 */

/** A field as a table writes it. */
export interface WrittenField {
  /** Its name. */
  readonly name: string;
  /** Its number on the wire. */
  readonly number: number;
  /** What it holds. */
  readonly type: string;
  /** Whether it must be there (`!`), or may occur more than once (`[]`). */
  readonly mark: string;
}

/** The fields that a text writes, in its order. */
export function fieldsIn(text: string): WrittenField[] {
  let last = 0;
  const fields = text.matchAll(/(\d+ )?(\w+)(?::(\w+))?(!|\[\])?/g);
  return Array.from(fields, ([, given, name = "", type = "string", mark = ""]) => {
    last = Number(given ?? last + 1);
    return { name, number: last, type, mark };
  });
}

/** The fields that a text writes, each as its part of it without the number: `unread:int32!`. */
export type FieldsIn<Text, Found = never> = Text extends ` ${infer Rest}` | `\n${infer Rest}`
  ? FieldsIn<Rest, Found>
  : Text extends `${infer Field} ${infer Rest}` ? FieldsIn<
      Rest,
      Found | (Field extends `${number}` ? never : Field extends `${infer Last}\n` ? Last : Field)
    >
  : Found | Text;

/** The name of a field. */
export type FieldName<Field> = Field extends `${infer Name}:${string}` ? Name
  : Field extends `${infer Name}!` | `${infer Name}[]` ? Name
  : Field;

/** What a field holds. */
export type FieldType<Field> = Field extends `${string}:${infer Type}` ? FieldName<Type> : "string";
