/**
 * Several transports tried at once: the first over which the server is heard is used.
 *
 * @module
 */
import { type Clock, systemClock } from "../src/environment/mod.ts";
import { TransportError } from "../src/protocol/errors.ts";
import type { AnyTransport, Frame, Transport } from "../src/protocol/transport.ts";
import { type Entry, Heat } from "./heat.ts";

/** A transport that starts later than the others; {@link after} makes one. */
export interface Delayed<T extends AnyTransport = AnyTransport> {
  /** How much later, in ms. */
  readonly delay: number;
  /** The transport. */
  readonly transport: T;
}

/** What a race may be told. */
export interface RaceOptions {
  /** For delays, and for how long a choice is remembered; by default the platform's. */
  readonly clock?: Clock;
}

/** How long a choice is remembered, in ms. */
const MEMORY = 3_600_000;
/** How long the one that was chosen before is alone, in ms. */
const HEAD_START = 2_000;
/** What a timer takes, in ms; a longer one would fire at once. */
const LONGEST = 0x7fffffff;

/** Which entry was chosen for an address, and when. */
interface Choice {
  readonly index: number;
  readonly since: number;
}

/**
 * The same transport, which starts `ms` later than the others, or when all that were started have
 * failed; with `Infinity` only then.
 */
export function after<T extends AnyTransport>(ms: number, transport: T): Delayed<T> {
  if (!(ms >= 0)) throw new TypeError("Argument ms must be a number of milliseconds");
  return { delay: Math.min(ms, LONGEST), transport };
}

/** Scheme, host and port of an address. */
function originOf(url: string): string {
  return /^[^/]*\/\/[^/?#]*/.exec(url)?.[0].toLowerCase() ?? url;
}

/** In the order in which they start. */
function inOrder(entries: readonly Entry[]): Entry[] {
  return [...entries].sort((a, b) => a.delay - b.delay);
}

/**
 * Several transports as one: all are started, each as late as `after` says, and the first over which
 * the server is heard is used. Once all that were started have failed, the next starts at once.
 *
 * A link that opens proves nothing, since there are networks that let a WebSocket open and swallow
 * what it carries. So each link is asked by an `echo`, and nothing else is sent before the winner is
 * known: no command runs twice. The choice is remembered for the server for an hour: while it is, the
 * one chosen is tried first, and the others 2 s later or when it has failed.
 *
 * It rejects when all have failed, with one `TransportError` that says what each said.
 *
 * ```ts
 * const transports = [race([webSocket(), after(2000, longPoll())])];
 * ```
 */
export function race(
  list: readonly (Transport<Frame> | Delayed<Transport<Frame>>)[],
  options?: RaceOptions,
): Transport<Frame>;
/** The same where one of them carries text alone, and so do all. */
export function race(
  list: readonly (AnyTransport | Delayed)[],
  options?: RaceOptions,
): Transport<string>;
export function race(
  list: readonly (AnyTransport | Delayed)[],
  { clock = systemClock }: RaceOptions = {},
): Transport {
  // What carries text alone is given nothing else: the race then says that it does so too.
  const entries = inOrder(
    list.map((entry, index) => {
      const { delay, transport } = "delay" in entry ? entry : { delay: 0, transport: entry };
      return { index, delay, transport: transport as Transport };
    }),
  );
  const transports = entries.map(({ transport }) => transport);
  const [first, ...others] = transports;
  if (!first) throw new TypeError("Argument list must hold a transport");
  if (!others.length) return first;
  const choices = new Map<string, Choice>();

  const holds = ({ since }: Choice) => since <= clock.now() && clock.now() < since + MEMORY;
  const remember = (origin: string, index: number) => {
    for (const [old, choice] of choices) if (!holds(choice)) choices.delete(old);
    choices.set(origin, { index, since: clock.now() });
  };
  const behind = (chosen: number) =>
    inOrder(entries.map((entry) => ({
      ...entry,
      delay: entry.index === chosen ? 0 : Math.max(entry.delay, HEAD_START),
    })));

  return {
    name: "race",
    carries: transports.every(({ carries }) => carries === "any") ? "any" : "text",
    open: async (dial, accept) => {
      if (dial.cancelled.aborted) {
        throw new TransportError("timeout", `${dial.url} was given up before it answered`);
      }
      const origin = originOf(dial.url);
      const choice = choices.get(origin);
      const chosen = choice && holds(choice) ? choice.index : undefined;
      try {
        const heat = new Heat(clock, dial, accept);
        const { index } = await heat.run(chosen === undefined ? entries : behind(chosen));
        // Who wins again is not remembered anew, so that the hour ends.
        if (index !== chosen) remember(origin, index);
      } catch (error) {
        if (!dial.cancelled.aborted) choices.delete(origin);
        throw error;
      }
    },
  };
}
