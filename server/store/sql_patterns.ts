/**
 * Regular expressions as a function of SQL.
 *
 * @module
 */
import type { SqlDriver } from "./driver.ts";
import { type Effort, matcher, usualEffort } from "./pattern.ts";
import { Recent } from "./recent.ts";

/** The function of a regular expression's source, its options and a text that is 1 for a match. */
export const MATCHES = "curlew_matches";

/** How many expressions are kept for the next query. */
const KEPT = 64;

/** The expressions of the queries of a database. */
export class Patterns {
  readonly #tests = new Recent<(text: string) => boolean>(KEPT);
  readonly #effort: Effort = usualEffort();
  #failure: unknown;

  /** Defines the function. */
  constructor(driver: SqlDriver) {
    driver.define(MATCHES, (source, options, text) => {
      // SQLite may ask before it looks at the type.
      if (typeof text !== "string" || this.#failure) return 0;
      try {
        return this.#test(source as string, options as string)(text) ? 1 : 0;
      } catch (error) {
        // Deno's SQLite does not come back from a function that throws.
        this.#failure = error;
        return 0;
      }
    });
  }

  /** Runs one query, whose expressions have an effort of their own. */
  during<T>(query: () => T): T {
    this.#failure = undefined;
    Object.assign(this.#effort, usualEffort());
    const found = query();
    if (this.#failure) throw this.#failure;
    return found;
  }

  #test(source: string, options: string): (text: string) => boolean {
    const key = `${options} ${source}`;
    const known = this.#tests.get(key);
    if (known) return known;
    const test = matcher({ source, options }, this.#effort);
    this.#tests.set(key, test);
    return test;
  }
}
