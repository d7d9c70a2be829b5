/**
 * What a connection tells.
 *
 * @module
 */
import type { Command } from "../protocol/command.ts";
import type { RealtimeError } from "../protocol/errors.ts";

/** The events of a connection, with their arguments. */
export type ConnectionEvents = {
  /** The link is gone. */
  disconnect: [];
  /** There is a link by another transport than before, or the first one. */
  transport: [name: string];
  /** There is a link again. */
  reconnect: [];
  /** An attempt begins. */
  retry: [attempt: number];
  /** An attempt is planned, `delay` ms from now. */
  schedule: [attempt: number, delay: number];
  /** Nobody sees the page any more: what waits to be sent is to be sent now. */
  hidden: [];
  /** There is no network, or nobody wants it: no attempts are made. */
  offline: [];
  /** Attempts are made again. */
  online: [];
  /** A command that answers no request. */
  push: [command: Command];
  /** It ended for good: by `close()`, or for the reason given. */
  ended: [why: RealtimeError | undefined];
};

/** One event with its arguments. */
export type ConnectionEvent = {
  [K in keyof ConnectionEvents]: readonly [K, ...ConnectionEvents[K]];
}[keyof ConnectionEvents];
