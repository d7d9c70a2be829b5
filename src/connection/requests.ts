/**
 * The requests that wait for their replies on one connection.
 *
 * @module
 */
import type { Clock } from "../environment/mod.ts";
import type { Command } from "../protocol/command.ts";
import { RealtimeError } from "../protocol/errors.ts";
import type { Cancel } from "../protocol/transport.ts";
import { whenAborted } from "./when_aborted.ts";

/** How long a request may take, and who may give it up. */
export interface RequestOptions {
  /** In ms; the connection's `requestTimeout` by default. */
  readonly timeout?: number | undefined;
  /** Gives the request up: it rejects with `ABORTED`, and its reply is ignored. */
  readonly signal?: Cancel | undefined;
}

const MAX_SERIAL = 0x7fffffff; // what an int32 holds

/** What a server's `error` says, as an `Error` whose name is the symbolic one where it has one. */
export function errorOf(reply: Command): RealtimeError | undefined {
  const error = reply.errorMessage;
  if (!error) return undefined;
  const { reason, detail } = error;
  const name = /^[A-Z][A-Z_0-9]*$/.test(reason) ? reason : "SERVER_ERROR";
  return new RealtimeError(name, detail ?? (reason || name), error);
}

/** What a call rejects with that there is no link for. */
export function lost(why: string): RealtimeError {
  return new RealtimeError("CONNECTION_LOST", why);
}

/** Ends the wait for a reply. */
type Settle = (error: unknown, reply?: Command) => void;

/** Matches replies to requests by their serial numbers. */
export class Requests {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, Settle>();
  #serial: number;

  /** None wait yet. The first one's serial number is the one after `serial`. */
  constructor(clock: Clock, serial = 0) {
    this.#clock = clock;
    this.#serial = serial;
  }

  /** Sends a command under a serial number of its own, and resolves with its reply. */
  send(
    command: Command,
    send: (command: Command) => void,
    timeout: number,
    signal?: Cancel,
  ): Promise<Command> {
    const i = this.#serial = this.#serial % MAX_SERIAL + 1;
    return new Promise((resolve, reject) => {
      const settle: Settle = (error, reply = {}) => {
        this.#waiting.delete(i);
        timer.cancel();
        stopListening();
        if (error) reject(error);
        else resolve(reply);
      };
      const stopListening = whenAborted(signal, settle);
      const timer = this.#clock.after(timeout, () => settle(late(command, timeout)));
      this.#waiting.set(i, settle);
      try {
        send({ ...command, i });
      } catch (error) {
        settle(error);
      }
    });
  }

  /** Hands a reply to its request; says whether one was waiting for it. */
  settle(reply: Command): boolean {
    const settle = this.#waiting.get(reply.i ?? 0); // No request has the number 0.
    settle?.(errorOf(reply), reply);
    return settle !== undefined;
  }

  /** Settles all that wait: without an error they resolve with an empty reply. */
  settleAll(error?: Error): void {
    for (const settle of this.#waiting.values()) settle(error);
  }
}

function late({ cmd, op }: Command, timeout: number): RealtimeError {
  const name = op ? `${cmd}/${op}` : cmd;
  return new RealtimeError(
    "COMMAND_TIMEOUT",
    `The server did not answer ${name} within ${timeout} ms`,
  );
}
