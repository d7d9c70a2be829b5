/**
 * One race: from the start to the first word of a server, or to the last failure.
 *
 * @module
 */
import { Cancellation } from "../src/connection/cancel.ts";
import type { Clock, Timer } from "../src/environment/mod.ts";
import { TransportError, type TransportFailure } from "../src/protocol/errors.ts";
import type {
  Accept,
  Closed,
  Dial,
  Frame,
  Link,
  Receiver,
  Transport,
} from "../src/protocol/transport.ts";

/** What runs: a transport, and how long after the start it starts. */
export interface Entry {
  /** Which one of the race it is; the same transport may run twice. */
  readonly index: number;
  /** How late, in ms. */
  readonly delay: number;
  /** The transport. */
  readonly transport: Transport;
}

/** The failures, the one that says the most about what to do first. */
const telling: readonly TransportFailure[] = [
  "busy",
  "refused",
  "not-curlew",
  "subprotocol",
  "timeout",
  "unreachable",
];

/** A failure, and whose it was. */
interface Failure {
  readonly name: string;
  readonly error: unknown;
}

/** All failures as one, of the kind that is given or else of the kind that says the most. */
function failureOf(url: string, failures: readonly Failure[], kind?: TransportFailure): unknown {
  const errors = failures.flatMap(({ error }) => error instanceof TransportError ? [error] : []);
  const rank = ({ reason }: TransportError) => telling.indexOf(reason);
  const [cause] = [...errors].sort((a, b) => rank(a) - rank(b));
  if (!cause) return failures[0]?.error; // A mistake of ours or of the app's, and not the network's.
  const said = failures.map(({ name, error }) => `${name}: ${(error as Error).message}`);
  const waits = errors.flatMap(({ retryAfter = [] }) => retryAfter);
  return new TransportError(
    kind ?? cause.reason,
    `No transport reached ${url}: ${said.join("; ")}`,
    {
      cause,
      code: cause.code,
      status: cause.status,
      retryAfter: waits.length ? Math.max(...waits) : undefined,
    },
  );
}

/** The end of a link on which nothing was heard, as a failure. */
function silentEnd({ code, reason, error }: Closed): TransportError {
  if (error) return error;
  const why = reason ? `${code}, ${reason}` : `${code}`;
  const message = `The link was closed before anything was heard on it (${why})`;
  return new TransportError("refused", message, { code });
}

/** The link, which says by whom it was made. */
function named(link: Link, { name }: Transport): Link {
  return {
    protocol: link.protocol,
    transport: link.transport ?? name,
    get pending() {
      return link.pending;
    },
    send: link.send,
    close: link.close,
  };
}

/** A transport that was started. */
class Runner {
  readonly cancellation = new Cancellation();
  link: Link | undefined;
  /** Whoever hears the link once it has won. */
  receiver: Receiver | undefined;

  constructor(readonly entry: Entry) {}

  stop(): void {
    this.cancellation.abort();
    this.link?.close(1000);
  }

  /** What it came to when nobody wanted to wait any longer. */
  givenUp(): Failure {
    const message = this.link
      ? "A link opened, and nothing was heard on it"
      : "Nothing had come of it when it was given up";
    return { name: this.entry.transport.name, error: new TransportError("timeout", message) };
  }
}

/** Holds a race, and resolves with the winner, whose link was accepted. It is held once. */
export class Heat {
  readonly #clock: Clock;
  readonly #dial: Dial;
  readonly #accept: Accept;
  /** In the order in which they start. */
  readonly #waiting = new Map<Entry, Timer>();
  readonly #running = new Set<Runner>();
  readonly #failures: Failure[] = [];
  #won: (winner: Entry) => void = () => {};
  #lost: (error: unknown) => void = () => {};

  /** One that has not started. */
  constructor(clock: Clock, dial: Dial, accept: Accept) {
    this.#clock = clock;
    this.#dial = dial;
    this.#accept = accept;
  }

  /** Starts it. The entries are in the order in which they start. */
  run(entries: readonly Entry[]): Promise<Entry> {
    return new Promise((won, lost) => {
      this.#won = won;
      this.#lost = lost;
      this.#dial.cancelled.addEventListener("abort", this.#giveUp);
      for (const entry of entries) {
        this.#waiting.set(entry, this.#clock.after(entry.delay, () => this.#start(entry)));
      }
      for (const entry of entries) {
        if (entry.delay === 0 && this.#waiting.has(entry)) this.#start(entry);
      }
      if (this.#running.size === 0) this.#startNext();
    });
  }

  #startNext(): void {
    const [next] = this.#waiting.keys();
    if (next) return this.#start(next);
    this.#end();
    this.#lost(failureOf(this.#dial.url, this.#failures));
  }

  #start(entry: Entry): void {
    this.#waiting.get(entry)?.cancel();
    this.#waiting.delete(entry);
    const runner = new Runner(entry);
    this.#running.add(runner);
    this.#open(runner).catch((error: unknown) => this.#fail(runner, error));
  }

  async #open(runner: Runner): Promise<void> {
    const cancelled = runner.cancellation;
    await runner.entry.transport.open({ ...this.#dial, cancelled }, (link) => {
      runner.link = link;
      if (this.#running.has(runner)) link.send(this.#dial.probe(link.protocol));
      else link.close(1000);
      return {
        frame: (frame) => this.#heard(runner, link, frame),
        closed: (why) => {
          if (runner.receiver) runner.receiver.closed(why);
          else this.#fail(runner, silentEnd(why));
        },
      };
    });
  }

  /** The first frame is the answer to the question, and of no use to anybody else. */
  #heard(runner: Runner, link: Link, frame: Frame): void {
    if (runner.receiver) return runner.receiver.frame(frame);
    if (!this.#running.delete(runner)) return;
    this.#end();
    runner.receiver = this.#accept(named(link, runner.entry.transport));
    this.#won(runner.entry);
  }

  #fail(runner: Runner, error: unknown): void {
    if (!this.#running.delete(runner)) return;
    this.#failures.push({ name: runner.entry.transport.name, error });
    if (this.#running.size === 0) this.#startNext();
  }

  readonly #giveUp = (): void => {
    for (const runner of this.#running) this.#failures.push(runner.givenUp());
    this.#end();
    this.#lost(failureOf(this.#dial.url, this.#failures, "timeout"));
  };

  /** Stops all that still run or wait. */
  #end(): void {
    this.#dial.cancelled.removeEventListener("abort", this.#giveUp);
    for (const timer of this.#waiting.values()) timer.cancel();
    this.#waiting.clear();
    const losers = [...this.#running];
    this.#running.clear();
    for (const loser of losers) loser.stop();
  }
}
