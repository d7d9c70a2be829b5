/**
 * Runs the suite and says how many tests it has: `deno task test [paths and flags of deno test]`.
 *
 * To Deno a `describe` is one test and what is in it are steps, nested ones included. What people
 * call a test is an `it`: a leaf of the JUnit report. Where the whole suite runs, what README's
 * table of features says must be shown by it.
 *
 * @module
 */
import { areas } from "./features/areas.ts";
import { gaps } from "./features/proof.ts";
import { casesIn, groupsAround, separator } from "./report.ts";

/** How many tests ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/**
 * Counts the leaves of a JUnit report. A group that failed although all in it passed (a hook threw)
 * is one failed test more, and so is each file that could not be loaded: the report leaves those
 * out, Deno's summary does not.
 */
export function tally(report: string, summary: string): Tally {
  const cases = casesIn(report);
  const groups = new Set(cases.flatMap(({ name }) => groupsAround(name)));
  const explained = new Set(cases.flatMap(({ name, failed }) => failed ? groupsAround(name) : []));
  const leaves = cases.filter(({ name }) => !groups.has(name));
  const hooks = cases.filter(({ name, failed }) =>
    failed && groups.has(name) && !explained.has(name)
  );
  const failed = leaves.filter((leaf) => leaf.failed).length;
  const skipped = leaves.filter((leaf) => leaf.skipped).length;
  const reported = cases.filter((one) => one.failed && !one.name.includes(separator)).length;
  const summed = Number(/\| (\d+) failed/.exec(summary)?.[1] ?? reported);
  return {
    passed: leaves.length - failed - skipped,
    failed: failed + hooks.length + Math.max(0, summed - reported),
    skipped,
  };
}

/**
 * What README's table of features says and the whole suite did not show, one a line. A test that
 * this machine had to skip counts where nothing may be skipped.
 */
export function untrue(report: string, strict: boolean): readonly string[] {
  return gaps(areas, casesIn(report))
    .filter(({ why }) => strict || why !== "was skipped")
    .map(({ feature, shown, why }) => `${feature}: ${shown.file}, "${shown.name}" ${why}`);
}

/** Passes a stream on to the terminal, and returns its end. */
async function show(stream: ReadableStream<Uint8Array>): Promise<string> {
  const decoder = new TextDecoder();
  let end = "";
  for await (const chunk of stream) {
    await Deno.stdout.write(chunk);
    end = (end + decoder.decode(chunk, { stream: true })).slice(-4_096);
  }
  return end;
}

async function main(args: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir(); // also for what several test files need
  const report = `${folder}/report.xml`;
  try {
    const child = new Deno.Command(Deno.execPath(), {
      args: ["test", "-A", "--frozen", "--no-check", `--junit-path=${report}`, ...args],
      env: { NO_COLOR: "1", CURLEW_TEST_FOLDER: folder },
      stdout: "piped",
    }).spawn();
    const [summary, status] = await Promise.all([show(child.stdout), child.status]);
    const told = await Deno.readTextFile(report);
    const { passed, failed, skipped } = tally(told, summary);
    const unseen = !status.success && failed === 0; // it died before it could report
    const strict = Deno.env.get("CI") === "true";
    const forbidden = skipped > 0 && strict;
    const wrong = args.length === 0 ? untrue(told, strict) : []; // a part shows a part of it
    for (const line of wrong) console.log(`Not shown, and so not to be in README: ${line}`);
    if (skipped > 0) {
      console.log(`${skipped} skipped${forbidden ? ", which CI does not allow" : ""}`);
    }
    console.log(`${passed} passed, ${failed + Number(unseen)} failed`);
    return status.success && !forbidden && wrong.length === 0 ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
