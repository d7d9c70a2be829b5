/**
 * Runs the end-to-end suite and the example in Bun, from its npm package, and says how they ended:
 * `deno run -A tests/runtimes/bun.ts`. Bun is not in the gate: `deno task test` does not run it.
 *
 * @module
 */
import { join } from "node:path";
import { stop as stopEsbuild } from "esbuild";
import { repository } from "../kit/modules.ts";
import { Project } from "../kit/npm_project.ts";
import { ServerProcess } from "../kit/server_process.ts";
import type { Outcome } from "./cases.ts";
import { serverAt, startPackagedServer, writeSuite } from "./programs.ts";

const project = await Project.consumer();
let failed = 0;
try {
  await project.npm("install", "--silent", "--prefix", "bun", "bun@1.4.5");
  const bun = join(project.folder, "bun/node_modules/.bin/bun");

  const suite = await writeSuite(project, "esm");
  await project.write(
    "suite_bun.mjs",
    `import { runAll } from "./${suite}";
console.log(JSON.stringify(await runAll(JSON.parse(process.argv[2]))));`,
  );
  const { url } = await startPackagedServer(project);
  const ran = await project.start(bun, ["suite_bun.mjs", JSON.stringify(serverAt(url))]).ended;
  if (ran.code !== 0) throw new Error(`Bun ended with ${ran.code}: ${ran.stderr}${ran.stdout}`);
  for (const [way, outcomes] of Object.entries<Outcome[]>(JSON.parse(ran.stdout))) {
    const wrong = outcomes.filter(({ error }) => error !== undefined);
    console.log(`${way}: ${wrong.length ? "FAILED" : `ok, ${outcomes.length} cases`}`);
    for (const { name, error } of wrong) console.log(`${name}\n${error}`);
    failed += wrong.length;
  }

  await using server = await ServerProcess.start(["--port", "0", "--db", ":memory:"]);
  for (const name of ["node.mjs", "bun.ts"]) {
    const program = await Deno.readTextFile(new URL(`examples/${name}`, repository));
    await project.write(name, program.replaceAll("http://127.0.0.1:8450", server.url));
  }
  const bot = project.start(await project.node(22), ["node.mjs"]);
  await bot.says(/listens/);
  const example = await project.start(bun, ["bun.ts"]).ended;
  const well = example.stdout === "bot: You said: How are you?\n" && example.code === 0;
  console.log(well ? "the example: ok" : `the example: FAILED\n${example.stdout}${example.stderr}`);
  failed += Number(!well);
} finally {
  await project.remove();
  await stopEsbuild();
}
Deno.exit(failed === 0 ? 0 : 1);
