/**
 * Waiting in real time, by the platform's timers: over a network nobody can say when.
 *
 * @module
 */
import { systemClock } from "../environment/mod.ts";

/** How long what must come may take, in ms, unless a test says otherwise. */
export const PATIENCE = 5_000;

/** How often to look, in ms. */
const EVERY = 5;

/** Resolves after this time. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

function inVain(patience: number, what: string): Error {
  return new Error(`Waited ${patience} ms in vain for ${what}`);
}

/** The promise, unless it takes too long: then an error that names what was waited for. */
export async function within<T>(
  patience: number,
  what: () => string,
  promise: Promise<T>,
): Promise<T> {
  let give = (_: Error) => {};
  const late = new Promise<never>((_, reject) => give = reject);
  const timer = systemClock.after(patience, () => give(inVain(patience, what())));
  try {
    return await Promise.race([promise, late]);
  } finally {
    timer.cancel();
  }
}

/** Looks again and again until it holds, or for too long. */
export async function until(
  patience: number,
  what: string,
  holds: () => boolean,
): Promise<void> {
  const end = systemClock.now() + patience;
  while (!holds()) {
    if (systemClock.now() > end) throw inVain(patience, what);
    await pause(EVERY);
  }
}
