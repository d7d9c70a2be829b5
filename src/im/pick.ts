/** Some properties of an object. @module */

/** The properties that `names`, parted by commas, lists; what things say of themselves as JSON. */
export function pick(from: object, names: string): Record<string, unknown> {
  return Object.fromEntries(
    names.split(",").map((name) => [name, (from as Record<string, unknown>)[name]]),
  );
}
