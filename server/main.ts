/**
 * What `deno task start` runs.
 *
 * @module
 */
import process from "node:process";
import { run } from "./program.ts";
import { startCommand } from "./start.ts";

run(() => startCommand(process.argv.slice(2)));
