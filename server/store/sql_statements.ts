/** Statements as tables: each file names its own, prepared once. @module */
import type { SqlDriver, SqlStatement } from "./driver.ts";

/** Prepares each statement of a table of them. */
export function prepareAll<Name extends string>(
  driver: SqlDriver,
  texts: { readonly [name in Name]: string },
): { readonly [name in Name]: SqlStatement } {
  const entries = Object.entries<string>(texts);
  return Object.fromEntries(
    entries.map(([name, text]) => [name, driver.prepare(text)]),
  ) as { [name in Name]: SqlStatement };
}
