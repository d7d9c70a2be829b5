/**
 * Runs the suite and says how many tests it has: `deno task test [paths and flags of deno test]`.
 *
 * To Deno a `describe` is one test and what is in it are steps, nested ones included. What people
 * call a test is an `it`: a leaf of the JUnit report.
 *
 * @module
 */

/** How many tests ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const testcase = /<testcase name="([^"]*)"[^>]*>([\s\S]*?)<\/testcase>/g;
const separator = " &gt; ";

/**
 * Counts the leaves of a JUnit report. A group that failed although all in it passed (a hook threw)
 * is one failed test more, and so is each file that could not be loaded: the report leaves those
 * out, Deno's summary does not.
 */
export function tally(report: string, summary: string): Tally {
  const cases = [...report.matchAll(testcase)].map(([, name = "", body = ""]) => ({
    name,
    failed: body.includes("<failure"),
    skipped: body.includes("<skipped"),
  }));
  const parents = (name: string) => {
    const parts = name.split(separator);
    return parts.slice(1).map((_, i) => parts.slice(0, i + 1).join(separator));
  };
  const groups = new Set(cases.flatMap(({ name }) => parents(name)));
  const explained = new Set(cases.flatMap(({ name, failed }) => failed ? parents(name) : []));
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
    const { passed, failed, skipped } = tally(await Deno.readTextFile(report), summary);
    const unseen = !status.success && failed === 0; // it died before it could report
    const forbidden = skipped > 0 && Deno.env.get("CI") === "true";
    if (skipped > 0) {
      console.log(`${skipped} skipped${forbidden ? ", which CI does not allow" : ""}`);
    }
    console.log(`${passed} passed, ${failed + Number(unseen)} failed`);
    return status.success && !forbidden ? 0 : 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exit(await main(Deno.args));
