/**
 * The package's command: `curlew start` and `curlew doctor`.
 *
 * @module
 */
import process from "node:process";
import { run } from "./program.ts";
import { version } from "./version.ts";

type Command = (args: readonly string[]) => Promise<void>;

/** Gets the command that serves, for which the platform must have SQLite. */
async function loadStart(): Promise<Command> {
  try {
    return (await import("./start.ts")).startCommand;
  } catch (cause) {
    if ((cause as { code?: string }).code !== "ERR_UNKNOWN_BUILTIN_MODULE") throw cause;
    const message = `It needs Node.js 22.13 or newer, and this is ${process.version}`;
    throw new Error(message, { cause });
  }
}

/** What can be asked for by name; each is loaded when it is, since older platforms run only some. */
const commands: Readonly<Record<string, { says: string; load: () => Promise<Command> }>> = {
  start: { says: "serves", load: loadStart },
  doctor: {
    says: "examines a server from where its clients are",
    load: async () => (await import("./doctor/command.ts")).doctorCommand,
  },
};

const help = [
  "Curlew: a realtime messaging server",
  "",
  ...Object.entries(commands).map(([name, { says }]) => `  curlew ${name.padEnd(6)}  ${says}`),
  "",
  "curlew COMMAND --help lists the flags of a command; curlew --version prints the version.",
].join("\n");

run(async () => {
  const [name, ...args] = process.argv.slice(2);
  if (name === undefined || name === "--help") return console.log(help);
  if (name === "--version") return console.log(version);
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
  if (!command) {
    throw new Error(`There is no command ${JSON.stringify(name)}; curlew --help lists them`);
  }
  await (await command.load())(args);
});
