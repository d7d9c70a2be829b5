/**
 * Commands checked by the tables and put into another form: what the encoders have in common that
 * leave the writing to a library.
 *
 * @module
 */
import { type Field, pathOf, type Plan, type Values, wrongValue } from "./plan.ts";

/** What becomes of a checked command. */
export interface Form<M> {
  /** A message without any field. */
  readonly empty: () => M;
  /** Puts a field's value, or the list of them, into a message. */
  readonly put: (message: M, field: Field, value: unknown) => void;
  /** An integer of up to 53 bits. */
  readonly int64: (value: number) => unknown;
  /** A value of an enum, by its name. */
  readonly enum: (field: Field, name: string) => unknown;
  /** Bytes. */
  readonly bytes: (value: Uint8Array) => unknown;
}

/** The text with U+FFFD for each lone surrogate, which no UTF-8 can hold. */
export function wellFormed(text: string): string {
  // Younger than the language that is assumed, and many times as fast.
  const known: boolean | undefined = text.isWellFormed?.();
  return known ? text : text.replace(/[\ud800-\udfff]/gu, "\ufffd");
}

/** The message in a form; throws a `TypeError` that names the field that is wrong. */
export function messageIn<M>(form: Form<M>, plan: Plan, values: Values): M {
  const message = form.empty();
  for (const key in values) {
    const value = values[key];
    const field = value === undefined ? undefined : plan.byName.get(key);
    if (field !== undefined) putIn(form, message, field, value);
  }
  for (const name of plan.required) {
    if (values[name] === undefined) throw new TypeError(`${name} is missing`);
  }
  return message;
}

/** Puts one field into a message; an empty list is absent. */
export function putIn<M>(form: Form<M>, message: M, field: Field, value: unknown): void {
  if (!field.repeated) return form.put(message, field, valueIn(form, field, value));
  if (!Array.isArray(value)) throw wrongValue(field.name, "array", value);
  if (value.length === 0) return;
  // Not `map`, which leaves out what a list lacks.
  form.put(message, field, Array.from(value, (item, index) => valueIn(form, field, item, index)));
}

/** One value of a field in a form. */
export function valueIn<M>(form: Form<M>, field: Field, value: unknown, index?: number): unknown {
  switch (field.kind) {
    case "string":
      if (typeof value === "string") return wellFormed(value);
      break;
    case "int64":
      if (Number.isSafeInteger(value)) return form.int64(value as number);
      break;
    case "bool":
      if (typeof value === "boolean") return value;
      break;
    case "int32":
      if (typeof value === "number" && value === (value | 0)) return value | 0;
      break;
    case "enum":
      if (field.numbers!.has(value)) return form.enum(field, value as string);
      break;
    case "bytes":
      if (value instanceof Uint8Array) return form.bytes(value);
      break;
    case "message":
      if (value && typeof value === "object") return inner(form, field, value as Values, index);
  }
  throw wrongValue(pathOf(field, index), field.kind, value);
}

function inner<M>(form: Form<M>, field: Field, values: Values, index?: number): M {
  try {
    return messageIn(form, field.plan!, values);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new TypeError(`${pathOf(field, index)}.${error.message}`);
  }
}
