/**
 * One channel of long-poll: a link whose frames go out in the answers to polls, and are kept until
 * the client says that it has them.
 *
 * @module
 */
import { utf8ToBytes } from "@noble/hashes/utils.js";
import type { Clock, Log, Timer } from "@curlew/realtime/environment";
import {
  type Batch,
  type Cancel,
  type Closed,
  ErrorCode,
  type Frame,
  frameRoom,
  type Link,
  type Receiver,
  writeBatch,
} from "@curlew/realtime/protocol";
import type { Limits } from "./limits.ts";
import { type Answer, answer, refusal } from "./long_poll_answer.ts";

/** Whom a channel reports to. */
export interface Guest extends Receiver {
  /** Whether somebody has logged in, so that the channel may live on; without it, it may. */
  readonly known?: () => boolean;
}

/** The bounds of a channel. */
export type ChannelBounds = Omit<Limits, "loginTimeout" | "sessionsPerLink" | "unanswered">;

/** What a channel shares with the others. */
export interface Surroundings {
  /** Its bounds. */
  readonly limits: ChannelBounds;
  /** Tells the time. */
  readonly clock: Clock;
  /** Where log lines go. */
  readonly log: Log;
  /** Calls `flush` of the channel at the end of the turn. */
  readonly turnEnd: (channel: Channel) => void;
  /** Called when nothing is left to be said: the channel need not be known any more. */
  readonly forget: () => void;
}

/** The close codes that a channel ends with by itself. */
const LOST = 1006;
const BROKEN = 1002;
const TOO_LARGE = 1009;
const FAILED = 1011;
const OVERLOADED = 1013;
const GOING_AWAY = 1001;

/** Numbers take 32 bits on the wire. */
const LAST_NUMBER = 2 ** 32 - 1;

/** How long the end is told again after it was, in ms: the answer that told it may be lost. */
const FAREWELL = 10_000;

/** How much a close reason may take on a WebSocket. */
const REASON = 123;

/** Whether a frame has more bytes than `most`. */
function exceeds(frame: Frame, most: number): boolean {
  if (frameRoom(frame) <= most) return false; // What it takes at most: counting is rare.
  return (typeof frame === "string" ? utf8ToBytes(frame) : frame).length > most;
}

/** One channel. */
export class Channel implements Link {
  readonly #around: Surroundings;
  #guest: Guest | undefined;
  /** What was sent and not acknowledged; the first of them has the number `#first`. */
  #frames: Frame[] = [];
  #first: number;
  #bytes = 0;
  /** The last number that stood in an answer. */
  #told: number;
  /** The last number that arrived. */
  #got = 0;
  /** Answers the poll that waits. */
  #waiter: ((answer: Answer) => void) | undefined;
  #flushing = false;
  /** Runs while nobody polls, and after the end. */
  #keep: Timer | undefined;
  #login: Timer | undefined;
  /** How it ended, once it has. */
  #end: Batch["close"];

  /** Its first frame has the number `first`. */
  constructor(readonly protocol: string, around: Surroundings, first = 1) {
    this.#around = around;
    this.#first = first;
    this.#told = first - 1;
  }

  /** Says whom it reports to: it was made with the channel, and so after it. */
  begin(guest: Guest): void {
    this.#guest = guest;
    if (this.#end) return;
    this.#waitForPoll();
    if (!guest.known) return;
    const { clock, limits } = this.#around;
    this.#login = clock.after(limits.channelLogin, () => {
      if (!this.#isKnown()) this.close(ErrorCode.LOGIN_TIMEOUT, "LOGIN_TIMEOUT");
    });
  }

  get pending(): number {
    return this.#end ? 0 : this.#bytes;
  }

  /** How large the body of a request may be. */
  get room(): number {
    const { batch, channelPending } = this.#around.limits;
    return this.#isKnown() ? batch : Math.min(batch, channelPending);
  }

  readonly send = (frame: Frame): void => {
    if (this.#end) return;
    const { pending, channelPending } = this.#around.limits;
    // Before and not after: a single answer may be larger than what may wait.
    if (this.#bytes > (this.#isKnown() ? pending : channelPending)) {
      this.#around.log.warn("A channel was closed: its client does not keep up");
      return this.close(OVERLOADED, "Too much is waiting to be sent");
    }
    if (this.#first + this.#frames.length > LAST_NUMBER) {
      return this.close(GOING_AWAY, "The numbers of this channel are used up");
    }
    this.#frames.push(typeof frame === "string" ? frame : frame.slice());
    this.#bytes += frame.length;
    this.#flushLater();
  };

  readonly close = (code = 1000, reason = ""): void => {
    if (this.#end) return;
    const { clock } = this.#around;
    const known = Number.isInteger(code) && code >= 1000 && code < 5000;
    const end = { code: known ? code : 1000, reason: reason.slice(0, REASON) };
    this.#over(end);
    clock.turnEnd(() => this.#guest?.closed(end));
    this.#keep = clock.after(FAREWELL, () => this.#forget());
    this.#flushLater();
  };

  /** Takes what a client sent. */
  receive({ first, ack, frames, close }: Batch): Answer {
    const refused = this.#acknowledge(ack);
    if (refused) return refused;
    const last = first + frames.length - 1;
    // After the end all is taken and dropped: the poll says that it ended, and why.
    if (!this.#end && (first < 1 || first > this.#got + 1)) {
      return this.#break(`The frame ${this.#got + 1} is missing`);
    }
    for (const frame of frames.slice(this.#got + 1 - first)) {
      if (this.#end) break;
      this.#got++;
      this.#deliver(frame);
    }
    if (close && !this.#end) this.#leave(close);
    return answer({ ack: Math.max(this.#got, last) });
  }

  /** Answers a poll as soon as there is something to say, and after `wait` ms in any case. */
  poll(ack: number, wait: number, cancelled: Cancel): Promise<Answer> | Answer {
    const refused = this.#acknowledge(ack);
    if (refused) return refused;
    this.#waiter?.(refusal(409, "Another poll took over"));
    if (this.#end) return this.#batch();
    if (wait <= 0 || cancelled.aborted) {
      this.#waitForPoll();
      return this.#batch();
    }
    this.#keep?.cancel();
    return new Promise((resolve) => {
      const settle = (answer: Answer) => {
        timer.cancel();
        cancelled.removeEventListener("abort", gone);
        this.#waiter = undefined;
        if (!this.#end) this.#waitForPoll();
        resolve(answer);
      };
      // Nobody hears this answer; what there is to say stays for the next poll.
      const gone = () => settle(refusal(499, "The client went away"));
      const timer = this.#around.clock.after(wait, () => settle(this.#batch()));
      cancelled.addEventListener("abort", gone);
      this.#waiter = settle;
      if (this.#frames.length > 0) this.#flushLater();
    });
  }

  /** Answers the poll that waits, if there is something to say. */
  flush(): void {
    this.#flushing = false;
    if (this.#frames.length > 0 || this.#end) this.#waiter?.(this.#batch());
  }

  /** Tells a poll that waits of the end, and no other. */
  drop(code: number, reason: string): void {
    this.close(code, reason);
    this.flush();
    this.#forget();
  }

  #isKnown(): boolean {
    return this.#guest?.known?.() ?? true;
  }

  #deliver(frame: Frame): void {
    if (exceeds(frame, this.#around.limits.message)) {
      return this.close(TOO_LARGE, "The message is too large");
    }
    try {
      this.#guest?.frame(frame);
    } catch (error) {
      this.#around.log.error("A frame could not be handled", { error });
      this.close(FAILED, "Internal error");
    }
  }

  /** Forgets what the client has. */
  #acknowledge(ack: number): Answer | undefined {
    if (ack > this.#told) {
      return this.#break(`The frame ${ack} was acknowledged, and was never sent`);
    }
    const known = this.#frames.splice(0, Math.max(0, ack + 1 - this.#first));
    this.#first += known.length;
    for (const frame of known) this.#bytes -= frame.length;
    return undefined;
  }

  /** What there is to say, as much as fits into one answer. */
  #batch(): Answer {
    let room = this.#around.limits.batch;
    const beyond = this.#frames.findIndex((frame, at) => (room -= frameRoom(frame)) < 0 && at > 0);
    const frames = beyond < 0 ? this.#frames : this.#frames.slice(0, beyond);
    this.#told = Math.max(this.#told, this.#first + frames.length - 1);
    const close = beyond < 0 ? this.#end : undefined;
    const body = writeBatch({ first: this.#first, ack: this.#got, frames, close });
    return { status: 200, body };
  }

  #flushLater(): void {
    if (this.#flushing || !this.#waiter) return;
    this.#flushing = true;
    this.#around.turnEnd(this);
  }

  #waitForPoll(): void {
    const { clock, limits } = this.#around;
    this.#keep?.cancel();
    this.#keep = clock.after(limits.channelKeep, () => this.#leave({ code: LOST, reason: "" }));
  }

  /** The client broke the protocol. */
  #break(what: string): Answer {
    this.close(BROKEN, what);
    return refusal(409, what, { code: BROKEN });
  }

  /** The client is gone, and hears at most the answer to the poll that it left behind. */
  #leave(why: Pick<Closed, "code" | "reason">): void {
    this.#over(why);
    this.#guest?.closed(why);
    this.flush();
    this.#forget();
  }

  #over(end: Batch["close"]): void {
    this.#end = end;
    this.#keep?.cancel();
    this.#login?.cancel();
  }

  #forget(): void {
    this.#keep?.cancel();
    this.#around.forget();
  }
}
