/**
 * Whether the tests that README's table of features names were there, and passed.
 *
 * @module
 */
import { type Case, groupsAround } from "../report.ts";
import type { Area, Shown } from "./feature.ts";

/** A test that does not show what it should. */
export interface Gap {
  /** What it should show. */
  readonly feature: string;
  readonly shown: Shown;
  /** Why it does not. */
  readonly why: "is not there" | "failed" | "was skipped";
}

/** What keeps a test from showing anything; nothing where it passed. */
function gapOf({ file, name }: Shown, cases: ReadonlyMap<string, readonly Case[]>) {
  // The report tells the file of the outermost group alone.
  const outermost = cases.get(groupsAround(name)[0] ?? name) ?? [];
  if (!outermost.some((each) => each.file === file)) return "is not there";
  const around = [...groupsAround(name), name].flatMap((group) => cases.get(group) ?? []);
  if (around.some(({ skipped }) => skipped)) return "was skipped";
  const itself = cases.get(name) ?? [];
  if (itself.length === 0) return "is not there";
  return itself.some(({ failed }) => failed) ? "failed" : undefined;
}

/** The tests of these areas that a run of the whole suite does not have among those that passed. */
export function gaps(areas: readonly Area[], report: readonly Case[]): readonly Gap[] {
  const cases = Map.groupBy(report, ({ name }) => name);
  return areas.flatMap(({ features }) =>
    features.flatMap(({ what, official, shown }) =>
      ["is" in official ? official.shown : [], shown].flat().flatMap((each) => {
        const why = gapOf(each, cases);
        return why ? [{ feature: what[0], shown: each, why } as const] : [];
      })
    )
  );
}
