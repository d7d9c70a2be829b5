/**
 * What turns a class into a message class: usable as decorators, and as plain functions.
 *
 * @module
 */
import type { TypedMessage } from "./typed_message.ts";

/** Turns a class into one with a type or with fields, and returns it. */
export type TypedMessageDecorator = <T extends typeof TypedMessage>(target: T) => T;

/**
 * Gives a message class the number of its type. An app's own types are positive.
 *
 * @example
 * ```ts
 * class Vote extends TypedMessage {}
 * messageType(1)(Vote);
 * messageField(["choice"])(Vote);
 * realtime.register(Vote);
 * ```
 */
export function messageType(type: number): TypedMessageDecorator {
  if (!Number.isInteger(type)) throw new TypeError(`Argument type must be an integer, not ${type}`);
  return (target) => define(target, "TYPE", type);
}

/** Names the fields that a message class has on the wire, beside those of its base class. */
export function messageField(fields: string | readonly string[]): TypedMessageDecorator {
  const names = typeof fields === "string" ? [fields] : fields;
  if (!Array.isArray(names) || !names.every((name) => typeof name === "string")) {
    throw new TypeError("Argument fields must be a string or an array of strings");
  }
  // A class of ES5 may not inherit what is static: see IE10Compatible.
  return (target) => define(target, "FIELDS", [...target.FIELDS ?? [], ...names]);
}

function define<T extends object>(target: T, key: string, value: unknown): T {
  return Object.defineProperty(target, key, { value, writable: true, configurable: true });
}
