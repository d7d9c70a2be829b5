/**
 * Links within one process: for tests, and for a server embedded beside its client.
 *
 * @module
 */
import { systemClock } from "../src/environment/clock.ts";
import { TransportError } from "../src/protocol/errors.ts";
import type {
  Accept,
  Closed,
  Frame,
  Link,
  Receiver,
  Transport,
} from "../src/protocol/transport.ts";

/** The other side of the links. */
export interface MemoryOptions {
  /** The subprotocols that the other side speaks. */
  readonly protocols: readonly string[];
  /** Called with the other side's end of each new link, such as a server's `accept`. */
  readonly accept: Accept;
  /** When frames are handed over; by default at the end of the turn. */
  readonly turnEnd?: (run: () => void) => void;
}

const LOST = 1006;

function size(frame: Frame): number {
  return frame.length;
}

/** One end of a link. What it does to the other end happens later, and in order. */
class End implements Link {
  other: End | undefined;
  receiver: Receiver | undefined;
  pending = 0;
  #closing = false;
  #ended = false;

  constructor(readonly protocol: string, readonly turnEnd: (run: () => void) => void) {}

  readonly send = (frame: Frame): void => {
    if (this.#closing) return;
    const copy = typeof frame === "string" ? frame : new Uint8Array(frame);
    this.pending += size(copy);
    this.turnEnd(() => {
      this.pending -= size(copy);
      this.other?.receive(copy);
    });
  };

  readonly close = (code = 1000, reason = ""): void => {
    if (this.#closing) return;
    this.#closing = true;
    this.turnEnd(() => {
      this.other?.end({ code, reason });
      this.end({ code, reason });
    });
  };

  receive(frame: Frame): void {
    if (!this.#closing) this.receiver?.frame(frame);
  }

  end(why: Closed): void {
    if (this.#ended) return;
    this.#closing = this.#ended = true;
    this.receiver?.closed(why);
  }
}

/** Opens links to the other side in the same process. */
export function memory(options: MemoryOptions): Transport<Frame> {
  const { protocols, accept: acceptThere, turnEnd = systemClock.turnEnd } = options;
  return {
    name: "memory",
    carries: "any",
    open: ({ protocols: offered, cancelled }, acceptHere) =>
      new Promise((resolve, reject) => {
        turnEnd(() => {
          if (cancelled.aborted) {
            return reject(new TransportError("timeout", "The attempt to connect was given up"));
          }
          const protocol = offered.find((name) => protocols.includes(name));
          if (protocol === undefined) {
            const message = `The server speaks none of ${offered.join(", ")}`;
            return reject(new TransportError("subprotocol", message));
          }
          const here = new End(protocol, turnEnd);
          const there = new End(protocol, turnEnd);
          here.other = there;
          there.other = here;
          try {
            there.receiver = acceptThere(there);
          } catch (cause) {
            there.close(LOST);
            return reject(new TransportError("refused", "The server failed", { cause }));
          }
          here.receiver = acceptHere(here);
          resolve();
        });
      }),
  };
}
