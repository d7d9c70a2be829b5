/**
 * A network that a test can break: it stands between a client and any transport.
 *
 * @module
 */
import {
  type Closed,
  type Dial,
  type Link,
  type Receiver,
  type Transport,
  TransportError,
} from "@curlew/realtime/protocol";

/** What happens to an attempt to open a link. */
export type Weather = "fair" | "blocked" | "hanging";

interface Open {
  readonly inner: Link;
  readonly receiver: Receiver;
  silent: boolean;
}

/** A transport of its own, and what may befall its links. */
export class Network {
  /** What happens to attempts. */
  weather: Weather = "fair";
  /** What a blocked attempt fails with. */
  failure = new TransportError("unreachable", "The network is blocked");
  /** The addresses of all attempts, in order. */
  readonly dials: string[] = [];
  /** The most links that were ever open at once. */
  most = 0;
  readonly transport: Transport;
  readonly #open = new Set<Open>();

  constructor(inner: Transport) {
    this.transport = {
      name: inner.name,
      carries: inner.carries,
      open: async (dial, accept) => {
        this.dials.push(dial.url);
        if (this.weather === "hanging") await givenUp(dial);
        if (this.weather === "blocked") throw this.failure;
        await inner.open(dial, (link) => this.#opened(link, accept));
      },
    };
  }

  /** How many links are open. */
  get links(): number {
    return this.#open.size;
  }

  /** Refuses new links. */
  block(): void {
    this.weather = "blocked";
  }

  /** Lets links be opened again. */
  unblock(): void {
    this.weather = "fair";
  }

  /** Breaks all links; both sides hear of it at once. */
  cut(code = 1006, reason = ""): void {
    for (const open of [...this.#open]) {
      this.#ended(open, { code, reason });
      open.inner.close(code, reason);
    }
  }

  /** Lets nothing through the links that are open, and tells nobody. */
  silence(): void {
    for (const open of this.#open) open.silent = true;
  }

  #opened(inner: Link, accept: (link: Link) => Receiver): Receiver {
    const link: Link = {
      protocol: inner.protocol,
      get pending() {
        return inner.pending;
      },
      send: (frame) => {
        if (!open.silent) inner.send(frame);
      },
      close: inner.close,
    };
    // Counted before it is accepted, since `accept` may close it.
    const open: { -readonly [K in keyof Open]: Open[K] } = {
      inner,
      receiver: { frame: () => {}, closed: () => {} },
      silent: false,
    };
    this.#open.add(open);
    this.most = Math.max(this.most, this.#open.size);
    open.receiver = accept(link);
    return {
      frame: (frame) => {
        if (!open.silent) open.receiver.frame(frame);
      },
      closed: (why) => this.#ended(open, why),
    };
  }

  #ended(open: Open, why: Closed): void {
    if (this.#open.delete(open)) open.receiver.closed(why);
  }
}

function givenUp({ cancelled }: Dial): Promise<never> {
  return new Promise((_, reject) => {
    const giveUp = () => reject(new TransportError("timeout", "The attempt was given up"));
    if (cancelled.aborted) giveUp();
    else cancelled.addEventListener("abort", giveUp);
  });
}
