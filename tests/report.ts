/**
 * Reads the report of tests in JUnit's format, as `deno test --junit-path` writes it.
 *
 * @module
 */

/** What is between the names of groups and of the test in them. */
export const separator = " > ";

/** A test, or a group of tests. */
export interface Case {
  /** The names of the groups around it, and its own. */
  readonly name: string;
  /** The file, of a test or group that is in no group; the report tells it of no other. */
  readonly file: string | undefined;
  readonly failed: boolean;
  readonly skipped: boolean;
}

const testcase = /<testcase name="([^"]*)" classname="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g;

const entities: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
};

const text = (escaped: string): string =>
  escaped.replaceAll(/&(\w+);/g, (whole, name) => entities[name] ?? whole);

/** What a report tells of. */
export function casesIn(report: string): readonly Case[] {
  return [...report.matchAll(testcase)].map(([, name = "", place = "", body = ""]) => ({
    name: text(name),
    file: place.endsWith("_test.ts") ? text(place).replace(/^\.\//, "") : undefined,
    failed: body.includes("<failure"),
    skipped: body.includes("<skipped"),
  }));
}

/** The names of the groups around a test, the outermost first. */
export function groupsAround(name: string): readonly string[] {
  const parts = name.split(separator);
  return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(separator));
}
