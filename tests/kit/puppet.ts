/**
 * A transport whose every move a test makes.
 *
 * @module
 */
import {
  type Accept,
  type Closed,
  type Dial,
  type Frame,
  type Receiver,
  type Transport,
  TransportError,
} from "@curlew/realtime/protocol";

/** One attempt to open a link, and the link that it leads to. */
export class Attempt {
  /** What was sent on the link. */
  readonly sent: Frame[] = [];
  /** The codes that the link was closed with. */
  readonly closes: (number | undefined)[] = [];
  /** What the link says is pending. */
  pending = 0;
  /** Rejects it. */
  readonly fail: (error: unknown) => void;
  readonly #accept: Accept;
  readonly #opened: () => void;
  #receiver: Receiver | undefined;

  constructor(
    readonly dial: Dial,
    accept: Accept,
    opened: () => void,
    fail: (error: unknown) => void,
  ) {
    this.#accept = accept;
    this.#opened = opened;
    this.fail = fail;
    const giveUp = () => fail(new TransportError("timeout", "It was given up"));
    if (dial.cancelled.aborted) giveUp();
    else dial.cancelled.addEventListener("abort", giveUp);
  }

  /** Opens the link. */
  open(protocol = this.dial.protocols[0]!): void {
    const pending = () => this.pending;
    this.#receiver = this.#accept({
      protocol,
      get pending() {
        return pending();
      },
      send: (frame) => void this.sent.push(frame),
      close: (code) => void this.closes.push(code),
    });
    this.#opened();
  }

  /** Something arrives on the link. */
  say(...frames: Frame[]): void {
    for (const frame of frames) this.#receiver!.frame(frame);
  }

  /** The link ends. */
  end(why: Partial<Closed> = {}): void {
    this.#receiver!.closed({ code: 1006, reason: "", ...why });
  }
}

/** A transport that does nothing by itself. */
export class Puppet implements Transport {
  readonly carries = "any";
  /** All attempts, in order. */
  readonly attempts: Attempt[] = [];

  constructor(readonly name: string) {}

  readonly open = (dial: Dial, accept: Accept): Promise<void> =>
    new Promise((opened, fail) => {
      this.attempts.push(new Attempt(dial, accept, opened, fail));
    });

  /** The newest attempt. */
  get last(): Attempt {
    return this.attempts.at(-1)!;
  }
}
