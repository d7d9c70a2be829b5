/**
 * What the cases of the end-to-end suite are written with. Like the suite, it uses nothing but the
 * language and timers.
 *
 * @module
 */

/** A case of a suite: run it, and it rejects where what its name promises does not hold. */
export interface Case {
  /** What is promised. */
  readonly name: string;
  /** Resolves when the promise was kept. */
  readonly run: () => Promise<void>;
}

/** What a case ended with. */
export interface Outcome {
  /** The case's name. */
  readonly name: string;
  /** What went wrong, where something did. */
  readonly error?: string;
}

/** How long one case may take, in ms: far more than any needs. */
const LIMIT = 20_000;

/** Runs the cases one after the other, up to the first that fails: what follows tells little then. */
export async function runCases(cases: readonly Case[]): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const { name, run } of cases) {
    try {
      await within(run(), "The case");
      outcomes.push({ name });
    } catch (error) {
      const { message, stack } = error as Error;
      outcomes.push({ name, error: stack?.includes(message) ? stack : `${message}\n${stack}` });
      break;
    }
  }
  return outcomes;
}

/** What the promise gives, unless that takes too long. */
export async function within<T>(promise: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took too long`)), LIMIT);
  });
  try {
    return await Promise.race([promise, limit]);
  } finally {
    clearTimeout(timer);
  }
}

/** Fails unless it is so. */
export function check(holds: unknown, what: string): asserts holds {
  if (!holds) throw new Error(`It does not hold that ${what}`);
}

/** Fails unless both are the same when written as JSON. */
export function same(found: unknown, expected: unknown): void {
  const [is, should] = [found, expected].map((value) => JSON.stringify(value));
  if (is !== should) throw new Error(`${is} was found where ${should} was expected`);
}

/** What a refusal says; fails where there is none. */
export async function refusal(promise: Promise<unknown>): Promise<{ code: number; name: string }> {
  const refused = await promise.then(() => undefined, (error) => error);
  check(refused, "it is refused");
  return refused;
}

/** The part of an emitter that listening takes. */
interface Emitter {
  readonly on: (event: never, listener: (...args: never[]) => void) => unknown;
}

/** What an emitter said: kept from the start, so that nothing is missed between two waits. */
export interface Heard<Args extends readonly unknown[]> {
  /** All of it so far. */
  readonly all: readonly Args[];
  /** Waits until there are so many, and gives the last of these. */
  readonly nth: (count: number) => Promise<Args>;
}

/** Listens to an event from now on; what is not `wanted` does not count. */
export function hear<Args extends readonly unknown[]>(
  emitter: Emitter,
  event: string,
  wanted: (...args: Args) => boolean = () => true,
): Heard<Args> {
  const all: Args[] = [];
  const waiting: { readonly count: number; readonly done: (args: Args) => void }[] = [];
  const listener = (...args: unknown[]) => {
    if (!wanted(...args as unknown as Args)) return;
    all.push(args as unknown as Args);
    for (const { count, done } of waiting) if (count === all.length) done(all[count - 1]!);
  };
  emitter.on(event as never, listener as never);
  const nth = (count: number) =>
    within(
      new Promise<Args>((done) => {
        if (all.length >= count) done(all[count - 1]!);
        else waiting.push({ count, done });
      }),
      `Event ${event} no. ${count}`,
    );
  return { all, nth };
}
