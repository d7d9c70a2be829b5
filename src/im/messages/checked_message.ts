/**
 * Message classes that are declared by what their fields may be.
 *
 * @module
 */
import type { Message } from "./message.ts";
import { messageField, messageType } from "./registration.ts";
import { check, type OutputOf, type StandardSchema } from "./standard_schema.ts";
import { TypedMessage } from "./typed_message.ts";

type Json = Record<string, unknown>;

/** Where two fields that every typed message has are on the wire. */
const wireNames = { text: "_lctext", attributes: "_lcattrs" } as const;

/** What a message has by itself, beside what an instance shows. */
const reserved = ["from", "deliveredAt", "readAt", "_lctype", "_lctext", "_lcattrs"];

/** The names of what a message has by itself. */
export type ReservedField =
  | Exclude<keyof TypedMessage, "text" | "attributes">
  | "_lctype"
  | "_lctext"
  | "_lcattrs"
  | "describe";

/**
 * The fields of a message, each with the schema that it has to pass. `text` and `attributes` are those
 * that every typed message has; the others are the message's own.
 */
export type MessageShape =
  & { readonly [name: string]: StandardSchema }
  & { readonly [K in ReservedField]?: never };

/** The fields of a message as a program has them: what may be `undefined` may be missing. */
export type FieldsOf<S extends MessageShape> =
  & {
    -readonly [K in keyof S as undefined extends OutputOf<S[K]> ? never : K]: OutputOf<S[K]>;
  }
  & {
    -readonly [K in keyof S as undefined extends OutputOf<S[K]> ? K : never]?: OutputOf<S[K]>;
  };

/** A message class as {@link checkedMessage} makes it. */
export interface CheckedMessageClass<S extends MessageShape>
  extends Omit<typeof TypedMessage, "prototype"> {
  /** What all its messages have. */
  readonly prototype: TypedMessage & FieldsOf<S>;
  /** A message with these fields. */
  new (
    ...fields: Record<never, never> extends FieldsOf<S> ? [fields?: FieldsOf<S>] : [FieldsOf<S>]
  ): TypedMessage & FieldsOf<S>;
}

/**
 * A class of messages of a type, whose fields have the types that their schemas say, and which reads
 * only what passes these. A received message that does not pass falls to the next class that can read
 * it: to another one of the same type, or in the end to {@link Message}.
 *
 * The schemas are those of any library that keeps to Standard Schema. What one makes of a received
 * value (a default, a `Date`) is what the message has. When it is sent, it goes out as the JSON of that,
 * unchecked, so that a schema has to take that too. What else is in a received message is left out.
 *
 * Throws a `TypeError` for the names of what a message has by itself, and for asynchronous schemas.
 *
 * @example
 * ```ts
 * import { picklist, pipe, string, maxLength, optional } from "valibot";
 * import { checkedMessage } from "@curlew/realtime";
 *
 * class Vote extends checkedMessage(1, {
 *   choice: picklist(["yes", "no"]),
 *   reason: optional(pipe(string(), maxLength(100))),
 * }) {}
 *
 * realtime.register(Vote);
 * client.on("message", (message) => {
 *   if (message instanceof Vote) console.log(message.choice, message.reason);
 * });
 * await conversation.send(new Vote({ choice: "yes" }));
 * ```
 */
export function checkedMessage<S extends MessageShape>(
  type: number,
  shape: S,
): CheckedMessageClass<S> {
  const schemas = Object.entries<StandardSchema>(shape);
  const names = Object.keys(shape);
  const instance = new TypedMessage();
  for (const [name, schema] of schemas) {
    if (name in instance || reserved.includes(name)) {
      throw new TypeError(`A message has ${name} by itself: name the field otherwise`);
    }
    // Any value shows whether it is asynchronous.
    check(schema, undefined);
  }

  /** What the schemas make of a content; `undefined` where it does not pass one. */
  const read = (content: Json): Json | undefined => {
    const fields: Json = {};
    for (const [name, schema] of schemas) {
      const result = check(schema, content[wireNames[name as keyof typeof wireNames] ?? name]);
      if (result.issues) return undefined;
      fields[name] = result.value;
    }
    return fields;
  };

  class CheckedMessage extends TypedMessage {
    // A received message is made without fields, and filled afterwards.
    constructor(fields: Json = {}) {
      super();
      for (const [name] of schemas) {
        if (name in fields) Object.assign(this, { [name]: fields[name] });
      }
    }

    static override validate(content: unknown): boolean {
      return super.validate(content) && read(content as Json) !== undefined;
    }

    static override parse(content: unknown, message?: Message): Message {
      const fields = read(content as Json);
      if (!fields) throw new TypeError("The content does not pass the schemas of its class");
      return Object.assign(super.parse(content, message), fields);
    }

    protected override describe(): Json {
      const own = names.map((name) => [name, (this as unknown as Json)[name]]);
      return { ...super.describe(), ...Object.fromEntries(own) };
    }
  }
  messageField(names.filter((name) => !(name in wireNames)))(
    CheckedMessage,
  );
  return messageType(type)(CheckedMessage) as unknown as CheckedMessageClass<S>;
}
