/**
 * How a command ends that failed.
 *
 * @module
 */
import process from "node:process";

/** Says in one line what went wrong, and ends the process with 1. */
export function complain(error: Error): never {
  console.error(`Curlew: ${error.message.replaceAll(/\s*\n\s*/g, " ")}`);
  process.exit(1);
}

/** Runs a command, and complains when it fails. */
export function run(command: () => Promise<void>): void {
  command().catch(complain);
}
