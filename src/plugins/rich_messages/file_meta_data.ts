/** What is known about a file beside its address. @module */

/** What is known about a file. An app may add to it. */
export interface FileMetaData {
  /** Its name, for people. */
  readonly name?: string | undefined;
  /** What it is, as in the name's extension: `jpg`. */
  readonly format?: string | undefined;
  /** Its size, in bytes. */
  readonly size?: number | undefined;
  /** What an app adds. */
  readonly [more: string]: unknown;
}

/** What is told of files has these types, where it is told. */
const types = {
  name: "string",
  format: "string",
  size: "number",
  width: "number",
  height: "number",
  duration: "number",
} as const;
type Known = typeof types;
type Values = { readonly string: string; readonly number: number };

/** Which values have a type: no number of bytes, pixels or seconds is negative or endless. */
const has: { readonly [T in keyof Values]: (value: unknown) => value is Values[T] } = {
  string: (value) => typeof value === "string",
  number: (value): value is number => Number.isFinite(value) && value as number >= 0,
};

/** Throws a `TypeError` for the first value of another type than it should have. */
export function checkMetaData(metaData: FileMetaData): void {
  for (const [key, type] of Object.entries(types)) {
    const value = metaData[key];
    if (value != null && !has[type](value)) {
      throw new TypeError(`Argument metaData.${key} must be a ${type}, not ${value}`);
    }
  }
}

/** What is known under a name, if it has the type that it should have. */
export function known<K extends keyof Known>(
  metaData: FileMetaData,
  key: K,
): Values[Known[K]] | undefined {
  const value: unknown = metaData[key];
  const is: (value: unknown) => value is Values[Known[K]] = has[types[key]];
  return is(value) ? value : undefined;
}
