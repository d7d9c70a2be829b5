/**
 * Events: eventemitter3, with the types that its users see.
 *
 * @module
 */
import { EventEmitter as Implementation } from "eventemitter3";
import type { Log } from "../environment/mod.ts";

/** Emits events by their names; `Events` says which arguments each of them has. */
export interface EventEmitter<Events extends { [K in keyof Events]: unknown[] }> {
  /** Calls the listener at each event of that name, with `context` as its `this`. */
  on<K extends keyof Events>(
    event: K,
    listener: (...args: Events[K]) => void,
    context?: unknown,
  ): this;
  /** Calls the listener at the next event of that name. */
  once<K extends keyof Events>(
    event: K,
    listener: (...args: Events[K]) => void,
    context?: unknown,
  ): this;
  /** Forgets that listener, or all of that name; with `once` only if it was added by `once`. */
  off<K extends keyof Events>(
    event: K,
    listener?: (...args: Events[K]) => void,
    context?: unknown,
    once?: boolean,
  ): this;
  /** The same as `on`. */
  addListener<K extends keyof Events>(
    event: K,
    listener: (...args: Events[K]) => void,
    context?: unknown,
  ): this;
  /** The same as `off`. */
  removeListener<K extends keyof Events>(
    event: K,
    listener?: (...args: Events[K]) => void,
    context?: unknown,
    once?: boolean,
  ): this;
  /** Forgets all listeners, or all of that name. */
  removeAllListeners(event?: keyof Events): this;
  /** Calls the listeners of that name; says whether there was one. */
  emit<K extends keyof Events>(event: K, ...args: Events[K]): boolean;
  /** The names that have listeners. */
  eventNames(): (keyof Events)[];
  /** How many listeners a name has. */
  listenerCount(event: keyof Events): number;
}

/** Emits events by their names; `Events` says which arguments each of them has. */
export const EventEmitter: new <
  Events extends { [K in keyof Events]: unknown[] },
>() => EventEmitter<Events> = Implementation as never;

/** An emitter of whatever events. */
export type AnyEmitter = EventEmitter<Record<string, unknown[]>>;

/** Emits an event; what a listener throws reaches the log, and nobody else. */
export function announce(
  emitter: object,
  event: string,
  args: readonly unknown[],
  log: Log,
): void {
  try {
    (emitter as AnyEmitter).emit(event, ...args);
  } catch (error) {
    log.error("A listener threw", { event, error });
  }
}
