/**
 * What the program around LeanCloud's official Java SDK takes: its jars, from Maven, and a compiler.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { findProgram } from "./nginx.ts";

const source = fileURLToPath(new URL("../interop/java/", import.meta.url));

/** The programs that it takes and that are missing here. */
export async function missingForJava(): Promise<string[]> {
  const programs = ["java", "javac", "mvn"];
  const found = await Promise.all(programs.map(findProgram));
  return programs.filter((_, i) => !found[i]);
}

/** Runs a program to its end; what it says is told only if it fails. */
async function run(program: string, args: readonly string[], cwd: string): Promise<void> {
  const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => said += data);
  const code = await new Promise((done, failed) => {
    child.once("error", failed);
    child.once("close", done);
  });
  if (code !== 0) throw new Error(`${program} ended with ${code}: ${said.slice(-4_000)}`);
}

/** The folder with the jars that `pom.xml` names: Maven fetches them once for each `pom.xml`. */
async function fetchJars(): Promise<string> {
  const pom = await readFile(join(source, "pom.xml"));
  const hash = createHash("sha256").update(pom).digest("hex").slice(0, 16);
  const target = join(source, "target");
  const folder = join(target, hash);
  if (await stat(folder).then(() => true, () => false)) return folder;
  await mkdir(target, { recursive: true });
  const partial = await mkdtemp(join(target, "fetching-"));
  const goal = ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${partial}`];
  try {
    for (let attempt = 1;; attempt++) {
      try {
        await run("mvn", goal, source);
        break;
      } catch (error) { // the network's fault more often than not
        if (attempt === 3) throw error;
      }
    }
    await rename(partial, folder);
    return folder;
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

/** Compiles the program into a folder, and returns its class path. */
export async function buildJava(classes: string): Promise<string> {
  const path = `${await fetchJars()}/*:${classes}`;
  const files = (await readdir(source)).filter((name) => name.endsWith(".java"));
  await run("javac", ["-proc:none", "-d", classes, "-cp", path, ...files], source);
  return path;
}
