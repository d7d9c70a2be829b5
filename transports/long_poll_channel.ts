/**
 * A link over requests: numbers, acknowledges and repeats frames, so that each one arrives once and
 * in order, whatever becomes of a request.
 *
 * @module
 */
import { backoffDelay } from "../src/connection/backoff.ts";
import { DecodeError, TransportError } from "../src/protocol/errors.ts";
import { type Batch, frameRoom, readBatch, writeBatch } from "../src/protocol/long_poll.ts";
import type { Accept, Closed, Frame } from "../src/protocol/transport.ts";
import { jsonOf, post, type Requester } from "./long_poll_request.ts";

/** What a channel is run with. */
export interface Surroundings extends Requester {
  readonly random: () => number;
}

/** A channel that the server opened. Times are in ms. */
export interface Channel {
  /** Where its requests go. */
  readonly url: string;
  /** What shows that they are its own. */
  readonly secret: string;
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** How long the server holds a poll. */
  readonly poll: number;
  /** How long it keeps a channel that it hears nothing of. */
  readonly keep: number;
  /** The most bytes of one batch. */
  readonly batch: number;
}

const LOST = 1006;
const PROTOCOL_ERROR = 1002;
const TOO_LARGE = 1009;

/** What a batch takes beside its frames at most, and of that its reason, in characters. */
const HEAD = 500;
const REASON = 123;

/** How long an answer may take beyond what it was asked to take, in ms. */
const PATIENCE = 10_000;
/** How long a farewell may take, in ms. */
const FAREWELL = 1_000;
/** Between tries, in ms. */
const BACKOFF = { first: 250, max: 4_000 };
/** A poll that was cut after this long was cut for being idle, in ms. */
const IDLE = 5_000;
/** The shortest time that polls are shortened to, in ms. */
const SHORTEST = 2_000;
/** By how much each that is not cut lengthens the next: it may have been the network that failed. */
const LONGER = 1.01;
/** An empty answer that came sooner was no use, in ms. */
const SOON = 1_000;

/** The number of the last frame that the server has. */
function readAck(body: Frame): number {
  const { ack } = jsonOf(body);
  if (!Number.isInteger(ack)) throw new DecodeError("The answer to a batch has no ack", 0);
  return ack as number;
}

/** Runs a channel until it ends. */
export function runChannel(
  { url, secret, protocol, poll, keep, batch: most }: Channel,
  surroundings: Surroundings,
  accept: Accept,
): void {
  const { clock, random } = surroundings;
  /** Frames that the server has not acknowledged; the first one's number is `acked + 1`. */
  const queue: Frame[] = [];
  let acked = 0;
  let sent = 0;
  let got = 0;
  let pending = 0;
  let wait = poll;
  let heard = clock.now();
  let closing: Closed | undefined;
  let over = false;
  let sending = false;
  let failure: unknown;
  /** What runs: requests, and waits between tries. */
  const running = new Set<() => void>();
  const stop = () => {
    for (const one of running) one();
  };

  const end = (why: Closed) => {
    if (over) return;
    over = true;
    pending = 0;
    stop();
    receiver.closed(why);
  };
  const lose = (why: string) => {
    const message = `The link to ${url} broke: ${why}`;
    const error = new TransportError("unreachable", message, { cause: failure });
    end({ code: LOST, reason: "", error });
  };

  /** The server's answer, read; `undefined` where there was none that can be read. */
  const ask = async <T>(
    path: string,
    body: Frame,
    patience: number,
    read: (body: Frame) => T,
  ): Promise<T | undefined> => {
    const { answer, giveUp } = post(surroundings, `${url}/${path}`, body, patience, secret);
    running.add(giveUp);
    let status = 0;
    try {
      const answered = await answer;
      status = answered.status;
      if (status !== 200) throw new Error(`It answered with ${status}`);
      const value = read(answered.body!);
      heard = clock.now();
      return value;
    } catch (error) {
      failure = error;
    } finally {
      running.delete(giveUp);
    }
    if (status === 404) {
      lose("the server does not know it; it was started anew, or a proxy asked another one");
    } else if (status === 413) end({ code: TOO_LARGE, reason: "A frame is too large" });
    else if (clock.now() - heard >= keep) lose("the server did not answer for too long");
    return undefined;
  };

  /** Waits before another try. */
  const pause = (tries: number) =>
    new Promise<void>((resolve) => {
      const go = () => {
        timer.cancel();
        running.delete(go);
        resolve();
      };
      const timer = clock.after(backoffDelay(tries, BACKOFF, random), go);
      running.add(go);
    });

  const acknowledge = (ack: number) => {
    if (ack <= acked || ack > sent) return;
    for (const { length } of queue.splice(0, ack - acked)) pending -= length;
    acked = ack;
  };

  /** Takes what a poll brought; says whether anything was new. */
  const take = ({ first, ack, frames, close: theirs }: Batch): boolean => {
    acknowledge(ack);
    const fresh = frames.slice(Math.max(0, got + 1 - first));
    if (fresh.length && first > got + 1) close(PROTOCOL_ERROR, "A frame is missing");
    for (const frame of fresh) {
      if (closing) break;
      got++;
      receiver.frame(frame);
    }
    if (theirs) end(theirs);
    return fresh.length > 0;
  };

  const listen = async () => {
    for (let tries = 0; !closing && !over;) {
      const start = clock.now();
      const body = JSON.stringify({ ack: got, wait });
      const batch = await ask("poll", body, wait + PATIENCE, readBatch);
      const lasted = Math.min(wait, clock.now() - start);
      if (over) return;
      if (!batch && lasted >= IDLE) wait = Math.max(SHORTEST, Math.floor(lasted * 0.8));
      else if (batch && lasted >= wait) wait = Math.min(poll, Math.ceil(wait * LONGER));
      if (batch && (take(batch) || lasted >= SOON)) tries = 0;
      else if (!closing && !over) await pause(tries++);
    }
  };

  /** As many frames as one batch takes, but one at least. */
  const next = () => {
    let room = most - HEAD;
    const end = queue.findIndex((frame, at) => (room -= frameRoom(frame)) < 0 && at > 0);
    return end < 0 ? queue.slice() : queue.slice(0, end);
  };

  const flush = async () => {
    if (sending) return;
    sending = true;
    for (let tries = 0; !over && (queue.length || closing);) {
      const frames = next();
      const last = acked + frames.length;
      const farewell = closing;
      const close = frames.length === queue.length ? farewell : undefined;
      sent = Math.max(sent, last);
      const body = writeBatch({ first: acked + 1, ack: got, frames, close });
      const ack = await ask("send", body, PATIENCE, readAck);
      if (over) return;
      acknowledge(ack ?? 0);
      if (farewell && (close || acked < last)) return end(farewell);
      if (acked >= last) tries = 0;
      else if (!closing) await pause(tries++);
    }
    sending = false;
  };

  const close = (code = 1000, reason = "") => {
    if (closing || over) return;
    const farewell: Closed = {
      code: code >= 1000 && code < 5000 ? code : 1000,
      reason: reason.slice(0, REASON),
    };
    closing = farewell;
    // What is on its way goes once more with the farewell, at once.
    stop();
    const timer = clock.after(FAREWELL, () => end(farewell));
    running.add(timer.cancel);
    clock.turnEnd(flush);
  };

  const receiver = accept({
    protocol,
    get pending() {
      return pending;
    },
    send: (frame) => {
      if (closing || over) return;
      queue.push(typeof frame === "string" ? frame : new Uint8Array(frame));
      pending += frame.length;
      if (!sending && queue.length === 1) clock.turnEnd(flush);
    },
    close,
  });
  listen();
}
