/** What apps note on conversations, read and changed by paths such as `attr.color`. @module */

/** What an app notes on a conversation, its name included. */
export type Attributes = Readonly<Record<string, unknown>>;

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
