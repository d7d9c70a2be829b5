/** What apps note on conversations, read and changed by paths such as `attr.color`. @module */

/** What an app notes on a conversation, its name included. */
export type Attributes = Readonly<Record<string, unknown>>;

/** What leads to an attribute: its name, or a path that begins with it. */
export type AttributePath<A extends object> = (keyof A & string) | `${keyof A & string}.${string}`;

/** What is at a path. */
export type AttributeAt<A, Path extends string> = Path extends keyof A ? A[Path]
  : Path extends `${infer Name}.${infer Rest}`
    ? Name extends keyof A ? unknown extends A[Name] ? A[Name]
      : AttributeAt<NonNullable<A[Name]>, Rest> | Extract<A[Name], undefined>
    : undefined
  : undefined;

/** What the name of a conversation is: a text, unless its attributes say more of it. */
export type NameIn<A extends object> = string extends keyof A ? string
  : "name" extends keyof A ? A["name"]
  : string;

/** What is at a path. */
export function at(attributes: Attributes, path: string): unknown {
  return path.split(".").reduce<unknown>(
    (inside, key) => Object.hasOwn(Object(inside), key) ? (inside as Attributes)[key] : undefined,
    attributes,
  );
}

/** The attributes with another value at a path; what lies on the way there is copied. */
export function withPath(
  attributes: unknown,
  [key = "", ...rest]: readonly string[],
  value: unknown,
): Attributes {
  const inside = Object(attributes) as Attributes;
  return { ...inside, [key]: rest.length ? withPath(inside[key], rest, value) : value };
}
