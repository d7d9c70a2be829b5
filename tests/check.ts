/**
 * All that can be told without running the code: format, lint, types, doc comments of what is
 * exported, and the rules of the house. `deno task check`.
 *
 * @module
 */
import root from "../deno.json" with { type: "json" };
import server from "../server/deno.json" with { type: "json" };

const entries = [
  ...Object.values(root.exports),
  ...Object.values(server.exports).map((path) => path.replace("./", "./server/")),
];

/** Each step with the arguments that Deno gets. */
const steps: readonly (readonly [name: string, ...args: string[]])[] = [
  ["format", "fmt", "--check", "--quiet"],
  ["lint", "lint", "--quiet"],
  ["types", "check", "--frozen", "--quiet", "."],
  // Fails where a public type is not stated, too: to find it takes each user's compiler long.
  ["publication", "publish", "--dry-run", "--allow-dirty"],
  [
    "publication of the server",
    "publish",
    "--dry-run",
    "--allow-dirty",
    "--config=server/deno.json",
  ],
  // Fails where a type that only other modules of the package take is not stated.
  ["npm packages", "run", "-A", "--frozen", "npm_build.ts"],
  ["documentation", "doc", "--lint", "--quiet", ...entries],
  ["house", "test", "-A", "--frozen", "--no-check", "--quiet", "tests/house_test.ts"],
];

let failed = 0;
for (const [name, ...args] of steps) {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    env: { NO_COLOR: "1" },
  }).output();
  console.log(`${name} ${success ? "ok" : "FAILED"}`);
  if (success) continue;
  failed++;
  await Deno.stdout.write(stdout);
  await Deno.stderr.write(stderr);
}
console.log(`${steps.length - failed} passed, ${failed} failed`);
Deno.exit(failed === 0 ? 0 : 1);
