/**
 * The server as people start it: a process of its own, with the permissions of `deno task start`.
 *
 * @module
 */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import config from "../../deno.json" with { type: "json" };

const root = fileURLToPath(new URL("../../", import.meta.url));

/** The two commands of `deno task start`: the one that bundles the page, and the server. */
const [bundle = [], serve = []] = config.tasks.start.split(" && ").map((command) =>
  command.split(" ").slice(1)
);

/** What `deno task start` allows the server. */
export const permissions: readonly string[] = serve.filter((word) => word.startsWith("--allow-"));

/** How a process ended, and what it had said. */
export interface Ended {
  /** Its exit code; `null` where a signal ended it. */
  readonly code: number | null;
  /** What it wrote. */
  readonly stdout: string;
  /** What it complained about. */
  readonly stderr: string;
}

function run(args: readonly string[], variables: Record<string, string>) {
  const { PATH = "", HOME = "", DENO_DIR } = process.env;
  const env = { PATH, HOME, NO_COLOR: "1", ...(DENO_DIR ? { DENO_DIR } : {}), ...variables };
  const child = spawn(process.execPath, args, {
    cwd: root,
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => void (said.stdout += data));
  child.stderr.on("data", (data) => void (said.stderr += data));
  const ended = new Promise<Ended>((done, failed) => {
    child.once("error", failed);
    child.once("close", (code) => done({ code, ...said }));
  });
  return { child, said, ended };
}

/** Bundles the page, as `deno task start` does first. */
export async function bundlePage(): Promise<void> {
  const { code, stderr } = await run(bundle, {}).ended;
  if (code !== 0) throw new Error(`The page was not bundled: ${stderr}`);
}

/** Runs the server's command line until it ends by itself. */
export const runServer = (
  args: readonly string[],
  variables: Record<string, string> = {},
): Promise<Ended> => run([...serve, ...args], variables).ended;

/** Runs the package's command, with the permissions of the server, until it ends by itself. */
export const runCurlew = (args: readonly string[]): Promise<Ended> => {
  const program = serve.map((word) => word === "server/main.ts" ? "server/curlew.ts" : word);
  return run([...program, ...args], {}).ended;
};

/** A server that runs; `await using` ends it at once where the test did not. */
export class ServerProcess implements AsyncDisposable {
  #over = false;

  private constructor(
    readonly url: string,
    readonly ended: Promise<Ended>,
    readonly said: { readonly stdout: string; readonly stderr: string },
    private readonly child: ChildProcess,
  ) {
    void ended.then(() => this.#over = true);
  }

  /** Starts a server, perhaps without one of its permissions, and waits until it listens. */
  static async start(
    args: readonly string[],
    variables: Record<string, string> = {},
    without?: string,
  ): Promise<ServerProcess> {
    const command = serve.filter((word) => word !== without);
    const { child, said, ended } = run([...command, ...args], variables);
    const listens = new Promise<string>((done) => {
      child.stdout.on("data", () => {
        const url = /listening on (\S+)\n/.exec(said.stdout)?.[1];
        if (url) done(url);
      });
    });
    const url = await Promise.race([
      listens,
      ended.then(({ code, stderr }) => {
        throw new Error(`The server ended with ${code}: ${stderr}`);
      }),
    ]);
    return new ServerProcess(url, ended, said, child);
  }

  /** Starts a server of these apps, as a file of apps states them, that keeps nothing. */
  static async ofApps(apps: readonly object[]): Promise<ServerProcess> {
    const folder = await mkdtemp(join(tmpdir(), "curlew-"));
    try {
      const file = join(folder, "apps.json");
      await writeFile(file, JSON.stringify(apps));
      return await ServerProcess.start(["--port=0", "--db=:memory:", `--apps=${file}`]);
    } finally { // it is read at the start alone
      await rm(folder, { recursive: true });
    }
  }

  /** The port that it listens on. */
  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** Sends a signal, if it still runs. */
  signal(signal: "SIGTERM" | "SIGINT" | "SIGKILL"): void {
    // Not `child.kill`: under Deno that makes the exit code null, whatever it was.
    if (!this.#over && this.child.pid !== undefined) process.kill(this.child.pid, signal);
  }

  /** Ends it, as a service manager would. */
  stop(): Promise<Ended> {
    this.signal("SIGTERM");
    return this.ended;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.signal("SIGKILL");
    await this.ended;
  }
}

/** A folder that is gone when the work with it is done. */
export async function withFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "curlew-"));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
