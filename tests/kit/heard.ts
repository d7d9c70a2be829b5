/**
 * Waiting for what an event emitter, anybody's, has to say.
 *
 * @module
 */

interface Emitter {
  once(event: string, listener: (...args: unknown[]) => void): unknown;
}

/** The arguments of the next event of this name; rejects when none comes within 10 s. */
export function heard<A extends readonly unknown[]>(emitter: object, event: string): Promise<A> {
  return new Promise((done, failed) => {
    const limit = setTimeout(() => failed(new Error(`No "${event}" within 10 s`)), 10_000);
    (emitter as Emitter).once(event, (...args) => {
      clearTimeout(limit);
      done(args as unknown as A);
    });
  });
}
