import { after, before, describe, it } from "node:test";
import { stop as stopEsbuild } from "esbuild";
import { checkLeaks } from "../kit/leaks.ts";
import { Project } from "../kit/npm_project.ts";
import { ServerProcess, withFolder } from "../kit/server_process.ts";
import type { Outcome } from "./cases.ts";
import {
  bundle,
  keepsAll,
  serverAt,
  serverFlags,
  startPackagedServer,
  startWorker,
  writeSuite,
} from "./programs.ts";
import { runAll, waysWith } from "./ways.ts";

type Outcomes = Readonly<Record<string, readonly Outcome[]>>;

let project: Project;
let url: string; // of the packaged server

before(async () => {
  project = await Project.consumer();
  ({ url } = await startPackagedServer(project));
  await writeSuite(project, "esm");
});
after(async () => {
  await project?.remove();
  await stopEsbuild();
});

/**
 * Runs the suite in Node.js: `load` has `runAll`, and what is `lacking`. Its end shows that nothing is
 * left: a timer or a socket would keep the program alive, and is named.
 */
async function runNode(version: number, name: string, load: string): Promise<Outcomes> {
  await project.write(
    name,
    `${load}
const outcomes = await runAll(JSON.parse(process.argv[2]), lacking);
console.log(JSON.stringify(outcomes));
const left = () => process.getActiveResourcesInfo().filter((name) => !/^(?:Pipe|TTY)/.test(name));
for (let i = 0; i < 200 && left().length > 0; i++) await new Promise((go) => setTimeout(go, 10));
if (left().length > 0) throw new Error("It left behind: " + left());`,
  );
  const server = JSON.stringify(serverAt(url));
  const { code, stdout, stderr } = await project.start(await project.node(version), [name, server])
    .ended;
  if (code !== 0 || stderr !== "") throw new Error(`It ended with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
}

/** Runs the suite in this process, and sees that nothing is left. */
async function runHere(server: string): Promise<Outcomes> {
  let outcomes: Outcomes = {};
  await checkLeaks(async () => {
    outcomes = await runAll(serverAt(server));
  })();
  return outcomes;
}

/** Where the suite runs, and how: over the npm packages, but for Deno. */
const runtimes: readonly {
  readonly name: string;
  /** The ways that are left out, since the class has to be handed in. */
  readonly lacks?: boolean;
  readonly run: () => Promise<Outcomes>;
}[] = [
  {
    name: "Deno, to the server that Deno runs",
    run: () =>
      withFolder(async (folder) => {
        await using server = await ServerProcess.start(await serverFlags(folder));
        return await runHere(server.url);
      }),
  },
  { name: "Deno, to the server that Node.js 22 runs from npm", run: () => runHere(url) },
  {
    name: "Node.js 22 by import",
    run: () =>
      runNode(
        22,
        "import.mjs",
        `import { runAll } from "./suite.mjs";
const lacking = {};`,
      ),
  },
  {
    name: "Node.js 22 by require",
    run: async () => {
      await writeSuite(project, "cjs");
      return await runNode(
        22,
        "require.mjs",
        `import { createRequire } from "node:module";
const { runAll } = createRequire(import.meta.url)("./suite.cjs"); // which requires the packages
const lacking = {};`,
      );
    },
  },
  {
    name: "Node.js 20 with the WebSocket of ws",
    lacks: true,
    run: () =>
      runNode(
        20,
        "ws.mjs",
        `import { runAll } from "./suite.mjs";
import WebSocket from "ws";
const lacking = { WebSocket };`,
      ),
  },
  ...["2026-04-01", "2022-06-01"].map((compatibilityDate) => ({
    name: `a Cloudflare Worker as of ${compatibilityDate}`,
    run: async () => {
      await project.write(
        "worker.mjs",
        `import { runAll } from "./suite.mjs";
export default {
  fetch: async (request) => Response.json(await runAll(await request.json())),
};`,
      );
      const worker = await startWorker(project, {
        scriptPath: await bundle(project, "worker.mjs"),
        compatibilityDate,
      });
      try {
        const body = JSON.stringify(serverAt(url));
        const answer = await fetch(worker.url, { method: "POST", body });
        if (!answer.ok) throw new Error(await answer.text());
        return await answer.json();
      } finally {
        await worker.running.stop();
      }
    },
  })),
];

describe("the end-to-end suite", () => {
  for (const { name, lacks, run } of runtimes) {
    describe(`in ${name}`, () => {
      let outcomes: Outcomes;
      before(async () => {
        outcomes = await run();
      });
      const ways = waysWith(lacks ? { WebSocket } : {});
      for (const way of ways) it(`passes ${way}`, () => keepsAll(outcomes[way]));
    });
  }
});
