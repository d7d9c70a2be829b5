/**
 * The package's command: `curlew start` and `curlew doctor`.
 *
 * @module
 */
import process from "node:process";
import { doctorCommand } from "./doctor/command.ts";
import { run } from "./program.ts";
import { startCommand } from "./start.ts";
import { version } from "./version.ts";

/** What can be asked for by name. */
const commands: Readonly<
  Record<string, { says: string; run: (args: readonly string[]) => Promise<void> }>
> = {
  start: { says: "serves", run: startCommand },
  doctor: { says: "examines a server from where its clients are", run: doctorCommand },
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
  await command.run(args);
});
