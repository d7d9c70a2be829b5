/**
 * Events, as eventemitter3 has them, which LeanCloud's users know. Of our own, since every app ships
 * it: that package is CommonJS and serves engines without `Map`, for 900 bytes more.
 *
 * @module
 */
import type { Log } from "../environment/mod.ts";

/**
 * What is called at an event. It may state a narrower type for what it is given, as programs do that
 * know better (`(message: TextMessage) => …`); a method's arguments are compared that way alone.
 */
export type Listener<Args extends unknown[]> = { bivariant(...args: Args): void }["bivariant"];

/** A listener, and how it is to be called. */
interface Entry<Args extends unknown[]> {
  readonly listener: Listener<Args>;
  readonly context: unknown;
  readonly once: boolean;
}

/** Emits events by their names; `Events` says which arguments each of them has. */
export class EventEmitter<Events extends { [K in keyof Events]: unknown[] }> {
  /** A list is never changed, but replaced: `emit` goes through the one that it began with. */
  readonly #lists = new Map<keyof Events, readonly unknown[]>();

  /** Calls the listener at each event of that name, with `context` as its `this`. */
  on<K extends keyof Events>(
    event: K,
    listener: Listener<Events[K]>,
    context: unknown = this,
  ): this {
    return this.#add(event, { listener, context, once: false });
  }

  /** Calls the listener at the next event of that name. */
  once<K extends keyof Events>(
    event: K,
    listener: Listener<Events[K]>,
    context: unknown = this,
  ): this {
    return this.#add(event, { listener, context, once: true });
  }

  /** Forgets that listener, or all of that name; with `once` only if it was added by `once`. */
  off<K extends keyof Events>(
    event: K,
    listener?: Listener<Events[K]>,
    context?: unknown,
    once?: boolean,
  ): this {
    return this.#keep(event, (known) =>
      listener !== undefined &&
      (known.listener !== listener || once && !known.once || context && known.context !== context));
  }

  /** The same as `on`. */
  addListener<K extends keyof Events>(
    event: K,
    listener: Listener<Events[K]>,
    context?: unknown,
  ): this {
    return this.on(event, listener, context);
  }

  /** The same as `off`. */
  removeListener<K extends keyof Events>(
    event: K,
    listener?: Listener<Events[K]>,
    context?: unknown,
    once?: boolean,
  ): this {
    return this.off(event, listener, context, once);
  }

  /** Forgets all listeners, or all of that name. */
  removeAllListeners(event?: keyof Events): this {
    if (event === undefined) this.#lists.clear();
    else this.#lists.delete(event);
    return this;
  }

  /** Calls the listeners of that name, in the order in which they came; says whether there was one. */
  emit<K extends keyof Events>(event: K, ...args: Events[K]): boolean {
    return this.deliver(event, args, (error) => {
      throw error;
    });
  }

  /**
   * What `emit` does, with a word on what a listener throws.
   *
   * @internal
   */
  deliver<K extends keyof Events>(
    event: K,
    args: Events[K],
    failed: (error: unknown) => void,
  ): boolean {
    const list = this.#of(event);
    for (const entry of list) {
      if (entry.once) this.#keep(event, (known) => known !== entry);
      try {
        entry.listener.apply(entry.context, args);
      } catch (error) {
        failed(error);
      }
    }
    return list.length > 0;
  }

  /** The names that have listeners. */
  eventNames(): (keyof Events)[] {
    return [...this.#lists.keys()];
  }

  /** The listeners of a name. */
  listeners<K extends keyof Events>(event: K): Listener<Events[K]>[] {
    return this.#of(event).map(({ listener }) => listener);
  }

  /** How many listeners a name has. */
  listenerCount(event: keyof Events): number {
    return this.#of(event).length;
  }

  #of<K extends keyof Events>(event: K): readonly Entry<Events[K]>[] {
    return (this.#lists.get(event) ?? []) as readonly Entry<Events[K]>[];
  }

  #add<K extends keyof Events>(event: K, entry: Entry<Events[K]>): this {
    if (typeof entry.listener !== "function") {
      throw new TypeError("Argument listener must be a function");
    }
    this.#lists.set(event, [...this.#of(event), entry]);
    return this;
  }

  #keep<K extends keyof Events>(event: K, kept: (entry: Entry<Events[K]>) => unknown): this {
    const list = this.#of(event).filter(kept);
    if (list.length > 0) this.#lists.set(event, list);
    else this.#lists.delete(event);
    return this;
  }
}

/** An emitter of whatever events. */
export type AnyEmitter = EventEmitter<Record<string, unknown[]>>;

/** Emits an event; what a listener throws reaches the log, and keeps it from no other listener. */
export function announce(
  emitter: object,
  event: string,
  args: unknown[],
  log: Log,
): void {
  (emitter as AnyEmitter).deliver(
    event,
    args,
    (error) => log.error("A listener threw", { event, error }),
  );
}
