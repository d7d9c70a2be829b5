/**
 * One connection, kept alive: it dials, notices a dead link, dials again, and matches replies to
 * requests. It knows neither bytes nor sockets, and nothing of messaging.
 *
 * @module
 */
import { EventEmitter } from "eventemitter3";
import type { Environment } from "../environment/mod.ts";
import type { Codec, ProtocolVersion } from "../protocol/codec.ts";
import type { Command } from "../protocol/command.ts";
import { DecodeError, RealtimeError, TransportError } from "../protocol/errors.ts";
import type { AnyTransport, Closed, Frame, Receiver } from "../protocol/transport.ts";
import { type Backoff, backoffDelay } from "./backoff.ts";
import { Cancellation } from "./cancel.ts";
import { dial } from "./dial.ts";
import { type HeartbeatTimes, startHeartbeat } from "./heartbeat.ts";
import { type RequestOptions, Requests } from "./requests.ts";
import { type ConnectionState, fatalCloseCodes, type Live, transitions } from "./state.ts";

/** Where to dial. */
export interface Endpoints {
  /** The addresses, in no order. */
  readonly list: () => Promise<readonly string[]>;
  /** Drops what is remembered of them, since the server said that it goes away. */
  readonly forget: () => void;
}

/** How to connect. Times are in ms. */
export interface ConnectionOptions {
  /** Where to dial. */
  readonly endpoints: Endpoints;
  /** The transports, the favourite first. */
  readonly transports: readonly AnyTransport[];
  /** The codecs, the favourite first. */
  readonly codecs: readonly Codec[];
  /** The version of the protocol. */
  readonly version: ProtocolVersion;
  /** When a silent link is asked, and when it is dead. */
  readonly heartbeat: HeartbeatTimes;
  /** How long to wait between attempts. */
  readonly backoff: Backoff;
  /** How long a request, and the opening of a link, may take. */
  readonly requestTimeout: number;
}

/** What a connection tells. */
export type ConnectionEvents = {
  /** The link is gone. */
  disconnect: [];
  /** There is a link again. */
  reconnect: [];
  /** An attempt begins. */
  retry: [attempt: number];
  /** An attempt is planned, `delay` ms from now. */
  schedule: [attempt: number, delay: number];
  /** There is no network, or nobody wants it: no attempts are made. */
  offline: [];
  /** Attempts are made again. */
  online: [];
  /** A command that answers no request. */
  push: [command: Command];
  /** It ended for good: by `close()`, or for the reason given. */
  ended: [why: RealtimeError | undefined];
};

/** How long a link that has answered must live before the attempts are counted anew, in ms. */
const PROOF = 5_000;
/** How long `close()` waits for the other side, in ms. */
const FAREWELL = 1_000;

function lost(why: string, cause?: unknown): RealtimeError {
  return new RealtimeError("CONNECTION_LOST", why, cause === undefined ? {} : { cause });
}

/** Resolves or rejects those who wait for a link. */
interface Opening {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

function opening(): Opening {
  let resolve = () => {};
  let reject: Opening["reject"] = () => {};
  const promise = new Promise<void>((yes, no) => [resolve, reject] = [yes, no]);
  promise.catch(() => {}); // Whoever waits hears of it; where nobody does, it is no news.
  return { promise, resolve, reject };
}

/** One connection, kept alive. */
export class Connection extends EventEmitter<ConnectionEvents> {
  readonly #options: ConnectionOptions;
  readonly #environment: Environment;
  readonly #requests: Requests;
  #state: ConnectionState = { name: "initialized" };
  #opening: Opening | undefined;
  #attempt = 0;
  #wasConnected = false;
  #unwatch: (() => void)[] = [];

  /** Connects to nothing yet. */
  constructor(options: ConnectionOptions, environment: Environment) {
    super();
    this.#options = options;
    this.#environment = environment;
    this.#requests = new Requests(environment.clock);
  }

  /** What it is doing. */
  get state(): ConnectionState {
    return this.#state;
  }

  /** The name of the transport in use; `undefined` where there is no link. */
  get transport(): string | undefined {
    return this.#state.name === "connected" ? this.#state.live.transport : undefined;
  }

  /**
   * Resolves once there is a link. The first attempt is the only one: when it fails, this rejects
   * with its failure, and may be called again. Later on it waits for the next link.
   */
  open(): Promise<void> {
    switch (this.#state.name) {
      case "connected":
        return Promise.resolve();
      case "offline":
        return Promise.reject(lost("The connection is offline: call resume()"));
      case "closed":
        return Promise.reject(lost("The connection is closed"));
      case "initialized":
        this.#watchPlatform();
        if (!this.#environment.network.current()) {
          this.#unwatchPlatform();
          return Promise.reject(lost("There is no network"));
        }
        this.#opening = opening();
        void this.#dial();
        return this.#opening.promise;
      default:
        return (this.#opening ??= opening()).promise;
    }
  }

  /**
   * Sends a request and resolves with its reply.
   *
   * @throws `RealtimeError`: the server's own, by its symbolic name; `CONNECTION_LOST` where there is
   * no link, or it ended before the reply; `COMMAND_TIMEOUT`; `ABORTED`.
   */
  request(command: Command, options: RequestOptions = {}): Promise<Command> {
    const state = this.#state;
    if (state.name !== "connected") return Promise.reject(lost("There is no connection"));
    const { timeout = this.#options.requestTimeout, signal } = options;
    const { live: { link, codec } } = state;
    return this.#requests.send(command, (whole) => link.send(codec.encode(whole)), timeout, signal);
  }

  /** Sends a command that has no reply. Where there is no link it is dropped, and logged. */
  push(command: Command): void {
    if (this.#state.name !== "connected") {
      this.#environment.log.debug("A command was dropped for want of a link", { command });
      return;
    }
    const { link, codec } = this.#state.live;
    link.send(codec.encode(command));
  }

  /** Drops the link and makes no attempts until `resume()`. */
  pause(): void {
    this.#goOffline("asked");
  }

  /** Makes attempts again after `pause()`, the first one at once. */
  resume(): void {
    if (this.#state.name === "offline") this.#goOnline();
  }

  /** Makes the planned attempt now, and counts attempts anew; throws where none is planned. */
  retry(): void {
    if (this.#state.name !== "waiting") {
      throw new RealtimeError(
        "NOT_WAITING",
        `There is no attempt to bring forward: the connection is ${this.#state.name}`,
      );
    }
    this.#attempt = 0;
    this.#retry();
  }

  /** Ends it for good; resolves when the link is closed. */
  async close(): Promise<void> {
    const state = this.#state;
    if (state.name === "closed") return;
    const farewell = state.name === "connected" ? this.#farewell() : undefined;
    this.#end(undefined);
    await farewell;
  }

  #farewellSaid: (() => void) | undefined;

  #farewell(): Promise<void> {
    return new Promise((resolve) => {
      const timer = this.#environment.clock.after(FAREWELL, resolve);
      this.#farewellSaid = () => {
        timer.cancel();
        resolve();
      };
    });
  }

  /** The one place where the state changes: what the old one held is let go. */
  #become(next: ConnectionState): void {
    const old = this.#state;
    if (!transitions[old.name].includes(next.name)) {
      throw new Error(`A connection can't go from ${old.name} to ${next.name}`);
    }
    this.#state = next;
    switch (old.name) {
      case "waiting":
        return old.timer.cancel();
      case "connecting":
        if (next.name !== "connected") old.cancel.abort();
        return;
      case "connected":
        old.heartbeat.stop();
        old.live.link.close(1000);
        this.#requests.fail(lost("The connection was lost before the server answered"));
    }
  }

  #tell<K extends keyof ConnectionEvents>(event: K, ...args: ConnectionEvents[K]): void {
    try {
      (this as EventEmitter).emit(event, ...args);
    } catch (error) {
      this.#environment.log.error("A listener threw", { event, error });
    }
  }

  async #dial(): Promise<void> {
    const { endpoints, requestTimeout: timeout, ...rest } = this.#options;
    const cancel = new Cancellation();
    const connecting: ConnectionState = { name: "connecting", cancel };
    this.#become(connecting);
    try {
      const urls = await endpoints.list();
      if (this.#state !== connecting) return;
      await dial({ ...rest, urls, timeout, cancel }, this.#environment, (live) => {
        if (this.#state !== connecting) {
          live.link.close(1000);
          return { frame: () => {}, closed: () => {} };
        }
        return this.#connected(live);
      });
    } catch (error) {
      if (this.#state === connecting) this.#failed(error);
    }
  }

  #connected(live: Live): Receiver {
    const { clock } = this.#environment;
    const opened = clock.now();
    let answered = false;
    const heartbeat = startHeartbeat(clock, this.#options.heartbeat, () => {
      this.request({ cmd: "echo" }, { timeout: this.#options.heartbeat.timeout }).catch(() => {});
    }, () => closed({ code: 1006, reason: "Nothing was heard from the server" }));
    const state: ConnectionState = { name: "connected", live, heartbeat };
    const proven = () => answered && clock.now() - opened >= PROOF;

    const frame = (frame: Frame) => {
      if (this.#state !== state) return;
      heartbeat.heard();
      if (this.#receive(frame, live.codec)) answered = true;
    };
    const closed = (why: Closed) => {
      this.#farewellSaid?.();
      if (this.#state !== state) return;
      if (proven()) this.#attempt = 0;
      this.#lost(why);
    };

    this.#become(state);
    const again = this.#wasConnected;
    this.#wasConnected = true;
    this.#settleOpening();
    if (again) this.#tell("reconnect");
    return { frame, closed };
  }

  /** Takes a frame; says whether it was the answer to a request. */
  #receive(frame: Frame, codec: Codec): boolean {
    let command: Command;
    try {
      command = codec.decode(frame);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#environment.log.warn("A frame was dropped: it is no command", { error });
      return false;
    }
    if (this.#requests.settle(command)) return true;
    if (command.i !== undefined) {
      this.#environment.log.debug("A reply was dropped: nobody waits for it", { command });
    } else if (command.cmd === "goaway") {
      this.#options.endpoints.forget();
      this.#lost({ code: 1000, reason: "The server goes away" });
    } else this.#tell("push", command);
    return false;
  }

  /** The link is gone: for good, or until the next one. */
  #lost({ code, reason, error }: Closed): void {
    const fatal = fatalCloseCodes[code];
    if (fatal !== undefined) {
      const message = reason && reason !== fatal ? `${fatal}: ${reason}` : fatal;
      return this.#end(new RealtimeError(fatal, `The server refused the connection: ${message}`));
    }
    this.#environment.log.debug("The link is gone", { code, reason, error });
    this.#schedule(this.#delay(), "disconnect");
  }

  /** An attempt failed. */
  #failed(error: unknown): void {
    if (!this.#wasConnected) {
      this.#become({ name: "initialized" });
      this.#unwatchPlatform();
      return this.#settleOpening(error);
    }
    if (!(error instanceof RealtimeError)) {
      this.#environment.log.error("An attempt failed", { error });
    }
    const wait = error instanceof TransportError ? error.retryAfter ?? 0 : 0;
    this.#schedule(Math.max(wait, this.#delay()));
  }

  #delay(): number {
    return backoffDelay(this.#attempt, this.#options.backoff, this.#environment.random);
  }

  /** Plans an attempt. Listeners may change the plan, so each event is told only while it holds. */
  #schedule(delay: number, ...before: ("disconnect" | "online")[]): void {
    const timer = this.#environment.clock.after(delay, () => this.#retry());
    const waiting: ConnectionState = { name: "waiting", timer };
    this.#become(waiting);
    const attempt = this.#attempt;
    for (const event of before) this.#tell(event);
    if (this.#state === waiting) this.#tell("schedule", attempt, delay);
  }

  #retry(): void {
    const attempt = this.#attempt++;
    void this.#dial();
    this.#tell("retry", attempt);
  }

  #goOffline(because: "asked" | "network"): void {
    const { name } = this.#state;
    if (name === "closed") return;
    this.#become({ name: "offline", because });
    if (name === "offline") return;
    this.#settleOpening(lost("The connection went offline"));
    if (name === "connected") this.#tell("disconnect");
    this.#tell("offline");
  }

  #goOnline(): void {
    if (!this.#wasConnected) {
      this.#become({ name: "initialized" });
      return this.#tell("online");
    }
    this.#attempt = 0;
    this.#schedule(0, "online");
  }

  #end(why: RealtimeError | undefined): void {
    this.#become({ name: "closed" });
    this.#unwatchPlatform();
    this.#settleOpening(why ?? lost("The connection is closed"));
    this.#tell("ended", why);
  }

  #settleOpening(error?: unknown): void {
    const opening = this.#opening;
    this.#opening = undefined;
    if (error === undefined) opening?.resolve();
    else opening?.reject(error);
  }

  #watchPlatform(): void {
    const { network, visibility } = this.#environment;
    this.#unwatchPlatform();
    this.#unwatch = [
      network.watch((online) => {
        if (!online) this.#goOffline("network");
        else if (this.#state.name === "offline" && this.#state.because === "network") {
          this.#goOnline();
        }
      }),
      visibility.watch((visible) => visible && this.#shown()),
    ];
  }

  #unwatchPlatform(): void {
    for (const unwatch of this.#unwatch) unwatch();
    this.#unwatch = [];
  }

  /** A page that was hidden is shown again: its timers may have slept. */
  #shown(): void {
    if (this.#state.name === "connected") this.#state.heartbeat.probe();
    else if (this.#state.name === "waiting") this.retry();
  }
}
