import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build, stop as stopEsbuild } from "esbuild";
import { launchBrowser } from "../kit/browser.ts";
import { Project } from "../kit/npm_project.ts";
import { bundle, keepsAll, startWorker } from "./programs.ts";

// Asked here, since a test that skips itself while it runs counts as passed.
const browser = await launchBrowser();

describe("the contract of transports, from the npm package", () => {
  let project: Project;
  let script: string; // which makes `app`

  before(async () => {
    project = await Project.consumer();
    await build({
      entryPoints: [fileURLToPath(new URL("contract_program.ts", import.meta.url))],
      outfile: join(project.folder, "contract.mjs"),
      bundle: true,
      packages: "external",
      format: "esm",
      target: "es2022",
      logLevel: "error",
    });
    const options = { format: "iife", globalName: "app" } as const;
    script = await project.read(await bundle(project, "contract.mjs", options));
  });
  after(async () => {
    await browser?.close();
    await project?.remove();
    await stopEsbuild();
  });

  it("runs where there is the language, timers, and nothing else", async () => {
    const context = vm.createContext({ setTimeout, clearTimeout });
    vm.runInContext(script, context);
    keepsAll(await vm.runInContext("app.runContract()", context));
  });

  it("runs in Node.js 22", async () => {
    await project.write(
      "contract_node.mjs",
      `import { runContract } from "./contract.mjs";
console.log(JSON.stringify(await runContract()));`,
    );
    const { stdout } = await project.start(await project.node(22), ["contract_node.mjs"]).ended;
    keepsAll(JSON.parse(stdout));
  });

  it("runs in a Cloudflare Worker", async () => {
    await project.write(
      "contract_worker.mjs",
      `import { runContract } from "./contract.mjs";
export default { fetch: async () => Response.json(await runContract()) };`,
    );
    const scriptPath = await bundle(project, "contract_worker.mjs");
    const { url, running } = await startWorker(project, { scriptPath });
    try {
      keepsAll(await (await fetch(url)).json());
    } finally {
      await running.stop();
    }
  });

  it("runs in Chromium", { skip: browser === undefined }, async () => {
    const page = await browser!.newPage();
    await page.addScriptTag({ content: script });
    keepsAll(JSON.parse(await page.evaluate("app.runContract().then(JSON.stringify)")));
    await page.close();
  });
});
