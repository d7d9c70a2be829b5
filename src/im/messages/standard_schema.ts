/**
 * What libraries of schemas have in common, as far as it is needed here.
 *
 * @module
 */

/**
 * A schema of any library that keeps to Standard Schema (https://standardschema.dev), version 1:
 * valibot, Zod, ArkType and others.
 */
export interface StandardSchema<out Output = unknown> {
  /** What the library says for others. */
  readonly "~standard": {
    /** Of Standard Schema. */
    readonly version: 1;
    /** Checks a value, and gives what the schema makes of it. */
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
  };
}

/** What a schema says of a value: what it makes of it, or what is wrong with it. */
export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly { readonly message: string }[] };

/** What a schema makes of the values that it takes. */
export type OutputOf<S extends StandardSchema> = S extends StandardSchema<infer Output> ? Output
  : never;

/** What a schema says of a value; throws a `TypeError` where it says so later only. */
export function check<Output>(
  { "~standard": schema }: StandardSchema<Output>,
  value: unknown,
): SchemaResult<Output> {
  const result = schema.validate(value);
  if ("then" in result) throw new TypeError("A schema of a message can't be asynchronous");
  return result;
}
