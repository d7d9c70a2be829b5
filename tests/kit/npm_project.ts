/**
 * A folder with packages from npm, as someone has it who uses Curlew's.
 *
 * @module
 */
import { spawn } from "node:child_process";
import { access, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";

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

  private constructor(readonly folder: string) {}

  /** Makes a folder and installs packages in it, by name or from tarballs. */
  static async install(packages: readonly string[]): Promise<Project> {
    const project = new Project(await mkdtemp(join(tmpdir(), "curlew-npm-")));
    await project.write("package.json", "{}");
    await project.npm("install", "--no-audit", "--no-fund", "--silent", ...packages);
    return project;
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
    const program = join(this.folder, `node${major}`, "node_modules", name, "bin", "node");
    const installed = await access(program).then(() => true, () => false);
    if (!installed) {
      await this.npm("install", "--silent", "--prefix", `node${major}`, `${name}@${major}`);
    }
    return program;
  }

  /** The program of an installed package. */
  bin(name: string): string {
    return join(this.folder, "node_modules", ".bin", name);
  }

  /** Starts a program; what runs for longer than a minute is ended. */
  start(program: string, args: readonly string[]): Running {
    const child = spawn(program, args, {
      cwd: this.folder,
      env: { ...process.env, NO_COLOR: "1" },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const said = { stdout: "", stderr: "" };
    child.stdout.on("data", (data) => void (said.stdout += data));
    child.stderr.on("data", (data) => void (said.stderr += data));
    const limit = setTimeout(() => child.kill("SIGKILL"), 60_000);
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
    await rm(this.folder, { recursive: true, force: true });
  }
}
