/**
 * The requests that wait for their replies on one connection.
 *
 * @module
 */
import type { Clock } from "../environment/mod.ts";
import type { Command } from "../protocol/command.ts";
import { ErrorCode, RealtimeError } from "../protocol/errors.ts";
import type { Cancel } from "../protocol/transport.ts";

/** How long a request may take, and who may give it up. */
export interface RequestOptions {
  /** In ms; the connection's `requestTimeout` by default. */
  readonly timeout?: number | undefined;
  /** Gives the request up: it rejects with `ABORTED`, and its reply is ignored. */
  readonly signal?: Cancel | undefined;
}

const names: { readonly [code: number]: string } = Object.fromEntries(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** What a server's `error` says, as an `Error` whose name is the symbolic one where it is known. */
export function errorOf(reply: Command): RealtimeError | undefined {
  const error = reply.errorMessage;
  if (!error) return undefined;
  const { code, reason, detail } = error;
  const name = /^[A-Z][A-Z_0-9]*$/.test(reason) ? reason : names[code] ?? "SERVER_ERROR";
  return new RealtimeError(name, detail ?? (reason || name), error);
}

/** Matches replies to requests by their serial numbers. */
export class Requests {
  readonly #clock: Clock;
  readonly #waiting = new Map<number, (result: Command | RealtimeError) => void>();
  #serial = 0;

  /** None wait yet. */
  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Sends a command under a serial number of its own, and resolves with its reply. */
  send(
    command: Command,
    send: (command: Command) => void,
    timeout: number,
    signal?: Cancel,
  ): Promise<Command> {
    if (signal?.aborted) return Promise.reject(aborted());
    this.#serial = this.#serial % 0x7fffffff + 1;
    const i = this.#serial;
    return new Promise((resolve, reject) => {
      const settle = (result: Command | RealtimeError) => {
        this.#waiting.delete(i);
        timer.cancel();
        signal?.removeEventListener("abort", abort);
        if (result instanceof RealtimeError) reject(result);
        else resolve(result);
      };
      const abort = () => settle(aborted());
      const timer = this.#clock.after(timeout, () =>
        settle(
          new RealtimeError(
            "COMMAND_TIMEOUT",
            `The server did not answer ${command.cmd}${
              command.op ? `/${command.op}` : ""
            } within ${timeout} ms`,
          ),
        ));
      this.#waiting.set(i, settle);
      signal?.addEventListener("abort", abort);
      try {
        send({ ...command, i });
      } catch (error) {
        this.#waiting.delete(i);
        timer.cancel();
        signal?.removeEventListener("abort", abort);
        reject(error);
      }
    });
  }

  /** Hands a reply to its request; says whether one was waiting for it. */
  settle(reply: Command): boolean {
    const settle = reply.i === undefined ? undefined : this.#waiting.get(reply.i);
    settle?.(errorOf(reply) ?? reply);
    return settle !== undefined;
  }

  /** Rejects all that wait. */
  fail(error: RealtimeError): void {
    for (const settle of [...this.#waiting.values()]) settle(error);
  }
}

function aborted(): RealtimeError {
  return new RealtimeError("ABORTED", "The call was aborted");
}
