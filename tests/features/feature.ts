/**
 * What a row of README's table of features says, and by what it is held to be true.
 *
 * @module
 */

/** The same in both languages of README. */
export type Words = readonly [english: string, chinese: string];

/** A test that shows something. */
export interface Shown {
  /** Its file in the repository. */
  readonly file: string;
  /** The names of its groups and its own, joined as the report of tests joins them. */
  readonly name: string;
}

/** That it can be done, and that it can't. */
export const yes: Words = ["✓", "✓"], no: Words = ["—", "—"];

/** What LeanCloud's SDK has to do with it, and how one knows. */
export type Official =
  /** It has this: each name is in its declarations, in what it is when it runs, or a file of it. */
  | { readonly has: readonly string[] }
  /** It has nothing of this: no name is in either. */
  | { readonly lacks: readonly string[] }
  /** What a test shows that runs it, in a word. */
  | { readonly is: Words; readonly shown: Shown }
  /** What LeanCloud says of it, and where. */
  | { readonly said: Words; readonly at: string }
  /** Nobody has tried. */
  | { readonly untried: true };

/** One row. */
export interface Feature {
  /** What an app can do. */
  readonly what: Words;
  readonly official: Official;
  /** What there is to say of Curlew, but that it has it. */
  readonly curlew?: Words;
  /** The tests that show that Curlew has it. */
  readonly shown: readonly Shown[];
}

/** Rows that belong together. */
export interface Area {
  readonly name: Words;
  readonly features: readonly Feature[];
}

/** The tests of a file: each by its name, and by the groups in which all that are named are. */
export function testsIn(
  file: string,
  ...groups: readonly string[]
): (...names: readonly string[]) => Shown {
  return (...names) => ({
    file: `tests/${file}_test.ts`,
    name: [...groups, ...names].join(" > "),
  });
}

/** Of a file with a group for each side, the tests of this name: both clients do it, and hear it. */
export function bothWays(
  file: string,
  group: (title: string) => readonly string[],
): (name: string) => readonly Shown[] {
  const titles = ["Curlew acts and LeanCloud hears of it", "LeanCloud acts and Curlew hears of it"];
  return (name) => titles.map((title) => testsIn(file, ...group(title))(name));
}

/** Of a file with a group for each client, the tests of this name. */
export function eachClient(
  file: string,
  group: (client: string) => string,
): (name: string) => readonly Shown[] {
  return (name) => ["Curlew", "LeanCloud"].map((client) => testsIn(file, group(client))(name));
}
