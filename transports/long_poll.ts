/**
 * Links over plain HTTP requests, for networks and runtimes where WebSocket is blocked. It needs
 * `fetch` and nothing else.
 *
 * @module
 */
import { systemClock } from "../src/environment/clock.ts";
import type { BodyFetch, Clock } from "../src/environment/mod.ts";
import { TransportError } from "../src/protocol/errors.ts";
import type { Accept, Dial, Frame, Transport } from "../src/protocol/transport.ts";
import { type Channel, runChannel, type Surroundings } from "./long_poll_channel.ts";
import { type Answer, jsonOf, post, refusal } from "./long_poll_request.ts";

/** What long-poll is made with. */
export interface LongPollOptions {
  /** Makes requests; by default the platform's. */
  readonly fetch?: BodyFetch | undefined;
  /** Tells the time and calls back later; by default the platform's. */
  readonly clock?: Clock | undefined;
  /** A number from 0 up to 1, for jitter. */
  readonly random?: (() => number) | undefined;
}

/** How long an attempt may take that nobody gives up, in ms. */
const PATIENCE = 60_000;
/** How long an attempt that was given up may go on, to close a channel that it opened, in ms. */
const LINGER = 500;

/** Where long-poll is spoken, beside a WebSocket's address. */
function addressOf(url: string): string {
  return `${url.replace(/^ws/, "http").replace(/[?#].*/, "").replace(/\/*$/, "")}/lp`;
}

/** The channel that an answer describes; throws a `TransportError` where it does not. */
function channelOf(url: string, answer: Answer, { clock }: Surroundings): Channel {
  const { id, secret, protocol, poll, keep, batch } = jsonOf(answer.body);
  const channel = { url: `${url}/${id}`, secret, protocol, poll, keep, batch };
  const isChannel = answer.status === 200 &&
    [id, secret, protocol].every((text) => typeof text === "string") &&
    [poll, keep, batch].every((number) => Number(number) > 0);
  if (!isChannel) throw refusal(url, answer, clock);
  return channel as Channel;
}

/** Lets a channel go that nobody wants. */
const discard: Accept = (link) => {
  link.close();
  return { frame: () => {}, closed: () => {} };
};

function dialWith(
  surroundings: Surroundings,
  { url: address, protocols, cancelled }: Dial,
  accept: Accept,
): Promise<void> {
  const url = addressOf(address);
  const givenUp = () => new TransportError("timeout", `${url} was given up before it answered`);
  if (cancelled.aborted) return Promise.reject(givenUp());
  const { answer, giveUp } = post(surroundings, url, JSON.stringify({ protocols }), PATIENCE);
  return new Promise((resolve, reject) => {
    const cancel = () => {
      reject(givenUp());
      const timer = surroundings.clock.after(LINGER, giveUp);
      answer.then(timer.cancel, timer.cancel);
    };
    const forget = () => cancelled.removeEventListener("abort", cancel);
    cancelled.addEventListener("abort", cancel);
    answer.then((answer) => {
      forget();
      const channel = channelOf(url, answer, surroundings);
      const { protocol } = channel;
      const fits = protocols.includes(protocol);
      // Without a step in between: once it is accepted, it can't be given up any more.
      runChannel(channel, surroundings, fits && !cancelled.aborted ? accept : discard);
      if (fits) return resolve();
      const message = `${url} chose ${protocol}, which was not offered: check the address`;
      throw new TransportError("subprotocol", message);
    }, (cause) => {
      forget();
      // What failed stands in the cause of the cause, where the platform tells at all.
      const why = cause?.cause?.message ?? cause;
      const message =
        `${url} could not be reached (${why}): check the address, and that a server listens there`;
      throw new TransportError("unreachable", message, { cause });
    }).catch(reject);
  });
}

/**
 * Opens links over HTTP requests: one waits for what the server has to say, and others carry what
 * is sent. Slower than WebSocket, and more work for both sides: a transport to fall back on.
 * Rejects with a `TypeError` where there is no `fetch`.
 *
 * ```ts
 * const realtime = new Realtime({ appId, appKey, server, transports: [longPoll()] });
 * ```
 */
export function longPoll(options: LongPollOptions = {}): Transport<Frame> {
  const { clock = systemClock, random = Math.random } = options;
  return {
    name: "long-poll",
    carries: "any",
    open: async (dial, accept) => {
      const platform = globalThis as { readonly fetch?: BodyFetch };
      if (!options.fetch && !platform.fetch) {
        throw new TypeError("There is no fetch here: pass one, as longPoll({ fetch })");
      }
      // Called on its own object, which browsers insist on.
      const fetch: BodyFetch = options.fetch ?? ((url, init) => platform.fetch!(url, init));
      await dialWith({ fetch, clock, random }, dial, accept);
    },
  };
}
