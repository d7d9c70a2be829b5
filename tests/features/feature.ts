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

/** What LeanCloud's SDK has to do with it, and how one knows. */
export type Official =
  /** It has this: each name is in its declarations, or in the package when it runs. */
  | { readonly has: readonly string[] }
  /** It has nothing of this: no name is in either. */
  | { readonly lacks: readonly string[] }
  /** It has less, or something else: what a test shows that runs it. */
  | { readonly only: Words; readonly shown: Shown };

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
export function testsIn(file: string, ...groups: readonly string[]) {
  return (...names: readonly string[]): Shown => ({
    file: `tests/${file}_test.ts`,
    name: [...groups, ...names].join(" > "),
  });
}
