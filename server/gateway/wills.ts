/**
 * Last wills of clients that may be back on another node before their old link is noticed to be
 * dead: the others are asked first. Who has the client takes its will over.
 *
 * @module
 */
import type { Clock, Timer } from "@curlew/realtime/environment";
import type { ExecutedEvent } from "../service/events.ts";

/** How long the other nodes have for an answer, in ms. */
const PATIENCE = 1_000;

/** What the nodes are told of a will that was sent. */
export function executed(client: string, will: string): ExecutedEvent {
  return { kind: "executed", id: `executed ${will}`, client, will };
}

interface Waiting {
  readonly timer: Timer;
  readonly decide: (taken: boolean) => void;
}

/** The wills of a node that others are asked about. */
export class Wills {
  readonly #clock: Clock;
  readonly #alone: boolean;
  readonly #waiting = new Map<string, Waiting>();

  /** None yet. A node that is alone asks nobody. */
  constructor(clock: Clock, alone: boolean) {
    this.#clock = clock;
    this.#alone = alone;
  }

  /** Waits for who takes over the will of an event that is about to be published. */
  async isTaken(event: string): Promise<boolean> {
    if (this.#alone) return false;
    const taken = await new Promise<boolean>((decide) => {
      const timer = this.#clock.after(PATIENCE, () => decide(false));
      this.#waiting.set(event, { timer, decide });
    });
    this.#waiting.delete(event);
    return taken;
  }

  /** A node took over the will of an event. */
  take(event: string): void {
    const waiting = this.#waiting.get(event);
    waiting?.timer.cancel();
    waiting?.decide(true);
  }

  /** Waits no longer: nobody takes what is left. */
  close(): void {
    for (const { timer, decide } of this.#waiting.values()) {
      timer.cancel();
      decide(false);
    }
  }
}
