import { after, before, describe, it } from "node:test";
import { stop as stopEsbuild } from "esbuild";
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

/** Runs a program of the suite to its end; what it prints is what the cases ended with. */
async function runNode(version: number, name: string, program: string): Promise<Outcomes> {
  await project.write(name, program);
  const server = JSON.stringify(serverAt(url));
  const { code, stdout, stderr } = await project.start(await project.node(version), [name, server])
    .ended;
  if (code !== 0 || stderr !== "") throw new Error(`It ended with ${code}: ${stderr}${stdout}`);
  return JSON.parse(stdout);
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
        return await runAll(serverAt(server.url));
      }),
  },
  { name: "Deno, to the server that Node.js 22 runs from npm", run: () => runAll(serverAt(url)) },
  {
    name: "Node.js 22 by import",
    run: () =>
      runNode(
        22,
        "import.mjs",
        `import { runAll } from "./suite.mjs";
console.log(JSON.stringify(await runAll(JSON.parse(process.argv[2]))));`,
      ),
  },
  {
    name: "Node.js 22 by require",
    run: async () => {
      await writeSuite(project, "cjs");
      return await runNode(
        22,
        "require.cjs",
        `const { runAll } = require("./suite.cjs");
runAll(JSON.parse(process.argv[2])).then((outcomes) => console.log(JSON.stringify(outcomes)));`,
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
console.log(JSON.stringify(await runAll(JSON.parse(process.argv[2]), { WebSocket })));`,
      ),
  },
  {
    name: "a Cloudflare Worker",
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
  },
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
