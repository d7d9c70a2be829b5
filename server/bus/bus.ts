/**
 * What is passed between sessions, also across processes. **A bus may drop, repeat, delay or
 * reorder, and nothing depends on it for correctness**: durability is the store's job.
 *
 * @module
 */

/** Passes events on. An event is a plain object that can be written as JSON with bytes. */
export interface Bus<Event> {
  /** Hands an event to whoever subscribed to the topic, this process included. Never throws. */
  readonly publish: (topic: string, event: Event) => void;
  /** Calls the listener with each event of the topic, until the function it returns is called. */
  readonly subscribe: (topic: string, listener: (event: Event) => void) => () => void;
  /** Lets go of what it holds. */
  readonly close: () => Promise<void>;
}
