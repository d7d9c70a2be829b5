/**
 * Servers as processes of their own on the first core, while the load runs on the second.
 *
 * @module
 */

/** A server process that listens. */
export interface Listening {
  /** Its port on loopback. */
  readonly port: number;
  /** Its resident memory, in bytes. */
  readonly memory: () => number;
  /** Ends it. */
  readonly stop: () => Promise<void>;
}

const pinned = await new Deno.Command("taskset", { args: ["-c", "0", "true"] }).output()
  .then((result) => result.success, () => false);

/** Starts a Deno program that prints a line with its port, and waits for that line. */
export async function start(file: string, ...args: string[]): Promise<Listening> {
  const run = ["run", "-A", "--no-check", new URL(file, import.meta.url).pathname, ...args];
  const command = pinned
    ? new Deno.Command("taskset", {
      args: ["-c", "0", Deno.execPath(), ...run],
      stdout: "piped",
      stderr: "inherit",
    })
    : new Deno.Command(Deno.execPath(), { args: run, stdout: "piped", stderr: "inherit" });
  const child = command.spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  let port: number | undefined;
  while (port === undefined) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`${file} ended before it listened: ${text}`);
    text += value;
    const found = /listening on \S*?:(\d+)/i.exec(text);
    if (found) port = Number(found[1]);
  }
  void (async () => {
    while (!(await reader.read()).done);
  })().catch(() => {});
  return {
    port,
    memory: () => {
      const status = Deno.readTextFileSync(`/proc/${child.pid}/status`);
      return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) * 1024;
    },
    stop: async () => {
      try {
        child.kill("SIGTERM");
      } catch {
        // It had ended already.
      }
      await child.status;
    },
  };
}
