/**
 * A folder with packages from npm, as someone has it who uses Curlew's.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { access, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join } from "node:path";
import process from "node:process";
import { pathToFileURL } from "node:url";
import { buildPackages } from "../../npm_build.ts";

/** What the tests of the packages use beside them. */
const tools = [
  "ws@8.23.0",
  "@arethetypeswrong/cli@0.18.5",
  "@types/node@22",
  "@types/ws@8.18.1",
  "esbuild@0.25.12",
  "miniflare@4.20260426.0",
  "publint@0.3.25",
  "typescript@5.9.3",
];

/** Where what several test files need is kept until the run is over; `tests/run.ts` says so. */
const kept = "CURLEW_TEST_FOLDER";

/** How a program ended, and what it had said. */
export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program that runs. */
export interface Running {
  /** Resolves once what it has said matches; rejects when it ends before. */
  readonly says: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<Ran>;
  readonly stop: () => Promise<Ran>;
}

/** A project, gone when the test is over. */
export class Project {
  readonly #running = new Set<() => Promise<unknown>>();
  /** Where its packages are installed. */
  readonly #root: string;
  /** What is gone with it. */
  readonly #own: string;

  private constructor(readonly folder: string, root = folder, own = folder) {
    this.#root = root;
    this.#own = own;
  }

  /** Makes a folder and installs packages in it, by name or from tarballs. */
  static async install(packages: readonly string[]): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "curlew-npm-")));
    await project.#install(packages);
    return project;
  }

  /**
   * A folder for whose programs both packages are installed, from their tarballs, and what the
   * tests need beside them. They are built and installed once for all test files of a run.
   */
  static async consumer(): Promise<Project> {
    const shared = process.env[kept];
    const base = shared ?? await mkdtemp(join(tmpdir(), "curlew-npm-"));
    const root = join(base, "consumer");
    try {
      if (!await access(root).then(() => true, () => false)) await Project.#prepare(base, root);
    } catch (error) {
      if (shared === undefined) await rm(base, { recursive: true, force: true });
      throw error;
    }
    const folder = await mkdtemp(join(root, "programs-"));
    return new Project(folder, root, shared === undefined ? base : folder);
  }

  /** Builds the packages and installs them, at once: a folder that is there is complete. */
  static async #prepare(base: string, root: string): Promise<void> {
    const project = new Project(await mkdtemp(join(base, "installing-")));
    const packages = join(project.folder, "packages");
    const tarballs = await buildPackages(pathToFileURL(packages + "/"));
    await project.#install([...tarballs.map((name) => join(packages, name)), ...tools]);
    await rename(project.folder, root);
  }

  async #install(packages: readonly string[]): Promise<void> {
    await this.write("package.json", "{}");
    await this.npm("install", "--no-audit", "--no-fund", "--silent", ...packages);
  }

  /** Runs npm to its end. */
  async npm(...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.start("npm", args).ended;
    if (code !== 0) throw new Error(`npm ${args.join(" ")} failed: ${stderr}${stdout}`);
    return stdout;
  }

  /** Writes a file. */
  write(name: string, text: string): Promise<void> {
    return writeFile(join(this.folder, name), text);
  }

  /** Reads a file. */
  read(name: string): Promise<string> {
    return readFile(join(this.folder, name), "utf8");
  }

  /** A Node.js of this major version: the one at hand where it is, else npm's. */
  async node(major: number): Promise<string> {
    const { stdout } = await this.start("node", ["--version"]).ended;
    if (stdout.startsWith(`v${major}.`)) return "node";
    const name = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;
    const folder = join(this.#root, `node${major}`);
    const program = join(folder, "node_modules", name, "bin", "node");
    const installed = await access(program).then(() => true, () => false);
    if (!installed) {
      await this.npm("install", "--silent", "--prefix", folder, `${name}@${major}`);
    }
    return program;
  }

  /** Where an installed package lies, or a file of it. */
  installed(path: string): string {
    return join(this.#root, "node_modules", path);
  }

  /** The tarball of one of our packages. */
  tarball(name: string, version: string): string {
    return join(this.#root, "packages", `${name.slice(1).replace("/", "-")}-${version}.tgz`);
  }

  /** The program of an installed package. */
  bin(name: string): string {
    return this.installed(`.bin/${name}`);
  }

  /** Starts a program, on another Node.js where one is named; after three minutes it is ended. */
  start(program: string, args: readonly string[], node?: string): Running {
    const first = node !== undefined && isAbsolute(node) ? dirname(node) + delimiter : "";
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, PATH: first + process.env.PATH, NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => void (said.stdout += data));
    child.stderr.on("data", (data) => void (said.stderr += data));
    const limit = setTimeout(() => child.kill("SIGKILL"), 180_000);
    const ended = new Promise<Ran>((done, failed) => {
      child.once("error", failed);
      child.once("close", (code) => done({ code, ...said }));
    }).finally(() => {
      clearTimeout(limit);
      this.#running.delete(stop);
    });
    const stop = () => {
      // Deno's `child.kill` reports the signal in place of the exit code.
      if (child.pid !== undefined && child.exitCode === null) process.kill(child.pid, "SIGTERM");
      return ended;
    };
    this.#running.add(stop);
    const says = (pattern: RegExp) =>
      new Promise<RegExpExecArray>((done, failed) => {
        const look = () => {
          const found = pattern.exec(said.stdout + said.stderr);
          if (found) done(found);
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        look();
        ended.then(
          ({ code }) => failed(new Error(`It ended with ${code}: ${said.stderr}${said.stdout}`)),
          failed,
        );
      });
    return { says, ended, stop };
  }

  /** Ends what runs and removes the folder. */
  async remove(): Promise<void> {
    await Promise.all([...this.#running].map((stop) => stop()));
    await rm(this.#own, { recursive: true, force: true });
  }
}
