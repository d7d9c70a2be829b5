/**
 * What the tests of runtimes share: the servers, and the suite as a program for each runtime.
 *
 * @module
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type BuildOptions } from "esbuild";
import type { Project, Running } from "../kit/npm_project.ts";
import type { Outcome } from "./cases.ts";
import type { ServerUnderTest } from "./suite.ts";

const open = { id: "open-app", key: "open-key", masterKey: "open-master", login: "open" };
const signed = { id: "signed-app", key: "signed-key", masterKey: "signed-master", login: "signed" };

/** The server's flags, with the two apps that the suite needs; writes the file that names them. */
export async function serverFlags(folder: string): Promise<string[]> {
  const file = join(folder, "apps.json");
  await Deno.writeTextFile(file, JSON.stringify([open, signed]));
  return ["--port=0", "--db=:memory:", `--apps=${file}`];
}

/** The server at this address, as the suite wants it. */
export const serverAt = (url: string): ServerUnderTest => ({
  url,
  appId: open.id,
  appKey: open.key,
  signed: { appId: signed.id, appKey: signed.key },
});

/** Starts the server from its npm package; says where it listens. */
export async function startPackagedServer(
  project: Project,
): Promise<{ readonly url: string; readonly running: Running }> {
  const running = project.start(await project.node(22), [
    project.installed("@curlew/server/curlew.js"),
    "start",
    ...await serverFlags(project.folder),
  ]);
  const [, url = ""] = await running.says(/listening on (\S+)\n/);
  return { url, running };
}

const common: BuildOptions = { bundle: true, target: "es2022", logLevel: "error" };

/** Writes the suite into the project, as a module that imports the packages by their names. */
export async function writeSuite(project: Project, format: "esm" | "cjs"): Promise<string> {
  const name = format === "esm" ? "suite.mjs" : "suite.cjs";
  await build({
    ...common,
    entryPoints: [fileURLToPath(new URL("ways.ts", import.meta.url))],
    outfile: join(project.folder, name),
    packages: "external",
    format,
  });
  return name;
}

/** Starts workerd with a bundled Worker, without `nodejs_compat`; `options` are Miniflare's. */
export async function startWorker(
  project: Project,
  options: object,
): Promise<{ readonly url: string; readonly running: Running }> {
  await project.write(
    "host.mjs",
    `import { Miniflare } from "miniflare";
const worker = new Miniflare(JSON.parse(process.argv[2]));
console.log("ready at " + await worker.ready);
process.once("SIGTERM", () => worker.dispose().then(() => process.exit(0)));`,
  );
  const all = { modules: true, compatibilityDate: "2026-04-01", ...options };
  const running = project.start(await project.node(22), ["host.mjs", JSON.stringify(all)]);
  const [, url = ""] = await running.says(/ready at (\S+)\n/);
  return { url, running };
}

/** Bundles a program that lies in the project with all that it imports. */
export async function bundle(
  project: Project,
  name: string,
  options?: BuildOptions,
): Promise<string> {
  const outfile = `bundled-${name}`;
  await build({
    ...common,
    entryPoints: [join(project.folder, name)],
    outfile: join(project.folder, outfile),
    format: "esm",
    ...options,
  });
  return outfile;
}

/** Fails with every case that failed, and where none ran. */
export function keepsAll(outcomes: readonly Outcome[] | undefined): void {
  assert.ok(outcomes?.length, "no case ran");
  const failed = outcomes.filter(({ error }) => error !== undefined);
  assert.equal(failed.map(({ name, error }) => `${name}: ${error}`).join("\n"), "");
}
