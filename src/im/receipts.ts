/**
 * What a client tells the server about what it received and read: gathered, and sent at most once a
 * second.
 *
 * @module
 */
import type { Clock, Timer } from "../environment/mod.ts";
import type { Command } from "../protocol/mod.ts";

const INTERVAL = 1000;

/** How far a conversation was read. */
export interface ReadMark {
  /** When the last message that was read was sent, in ms since the epoch. */
  readonly timestamp: number | undefined;
  /** Its id; not that of one's own message, which the server does not take. */
  readonly mid: string | undefined;
}

/** A range of messages by their times, in ms since the epoch, both ends included. */
interface Range {
  readonly fromts: number;
  readonly tots: number;
}

/** Gathers what was received and read. */
export class Receipts {
  readonly #clock: Clock;
  readonly #push: (command: Command) => boolean;
  readonly #received = new Map<string, Range>();
  readonly #read = new Map<string, ReadMark>();
  #unsent = new Set<string>();
  #timer: Timer | undefined;
  #next = 0;

  /** `push` sends a command without a reply and says whether it could. */
  constructor(clock: Clock, push: (command: Command) => boolean) {
    this.#clock = clock;
    this.#push = push;
  }

  /** A message arrived. */
  received(cid: string, timestamp: number): void {
    const known = this.#received.get(cid);
    this.#received.set(cid, {
      fromts: Math.min(timestamp, known?.fromts ?? timestamp),
      tots: Math.max(timestamp, known?.tots ?? timestamp),
    });
    this.#plan();
  }

  /** The client read this far; remembered until the server says that it knows. */
  read(cid: string, mark: ReadMark): void {
    this.#read.set(cid, mark);
    this.#unsent.add(cid);
    this.#plan();
  }

  /** The server knows how far the conversation was read. */
  confirmed(cid: string): void {
    if (!this.#unsent.has(cid)) this.#read.delete(cid);
  }

  /** Sends what a lost link may have swallowed. */
  reopened(): void {
    for (const cid of this.#read.keys()) this.#unsent.add(cid);
    this.flush();
  }

  #plan(): void {
    this.#timer ??= this.#clock.after(
      Math.max(0, this.#next - this.#clock.now()),
      () => this.flush(),
    );
  }

  /** Sends what is gathered, and without a link keeps it. */
  flush(): void {
    this.stop();
    for (const [cid, range] of this.#received) {
      if (!this.#push({ cmd: "ack", ackMessage: { cid, ...range } })) return;
      this.#received.delete(cid);
    }
    if (this.#unsent.size) {
      const convs = [...this.#unsent].map((cid) => ({ cid, ...this.#read.get(cid) }));
      if (!this.#push({ cmd: "read", readMessage: { convs } })) return;
      this.#unsent.clear();
    }
    this.#next = this.#clock.now() + INTERVAL;
  }

  /** Ends the wait for the next sending. */
  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
