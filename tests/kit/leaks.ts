/**
 * Sees that a test leaves nothing behind. Deno's own sanitizers don't see `node:test`.
 *
 * @module
 */
import process from "node:process";
import { setTimeout } from "node:timers/promises";

/** Things that must all be gone at the end, each with how many there are. */
export type Counts = () => Readonly<Record<string, number>>;

/** How long what was closed may take to be gone, in ms. */
const PATIENCE = 1_000;

/** What keeps this process alive: timers, sockets, servers and the pipes of child processes. */
function open(): readonly string[] {
  return process.getActiveResourcesInfo();
}

/** What is in `now` beyond what is in `before`. */
function added(before: readonly string[], now: readonly string[]): string[] {
  const rest = [...before];
  return now.filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** What is left: resources that `before` does not have, and whatever does not count 0. */
export function leaksSince(before: readonly string[], counts: readonly Counts[]): string[] {
  const counted = counts.flatMap((count) => Object.entries(count()))
    .filter(([, n]) => n !== 0).map(([what, n]) => `${n} ${what}`);
  return [...added(before, open()), ...counted];
}

/** Fails unless all that was opened after `before` is gone, or goes soon. */
export async function settleLeaks(
  before: readonly string[],
  counts: readonly Counts[] = [],
  patience: number = PATIENCE,
): Promise<void> {
  const end = Date.now() + patience;
  let left = leaksSince(before, counts);
  while (left.length > 0 && Date.now() < end) {
    await setTimeout(5);
    left = leaksSince(before, counts);
  }
  if (left.length > 0) throw new Error(`The test left behind: ${left.join(", ")}`);
}

/**
 * The test, which also fails when it leaves a timer, a socket, a server or a child process behind, or
 * when one of `counts` is not 0. (A hook could not do it: Deno ignores what `afterEach` throws.)
 */
export function checkLeaks(
  test: () => Promise<void> | void,
  ...counts: readonly Counts[]
): () => Promise<void> {
  return async () => {
    const before = open();
    await test();
    await settleLeaks(before, counts);
  };
}
