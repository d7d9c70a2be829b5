/**
 * One connection, kept alive: it dials, notices a dead link, dials again, and matches replies to
 * requests. It knows neither bytes nor sockets, and nothing of messaging.
 *
 * @module
 */
import type { Environment } from "../environment/mod.ts";
import type { Command } from "../protocol/command.ts";
import { RealtimeError, TransportError } from "../protocol/errors.ts";
import type { Closed, Receiver } from "../protocol/transport.ts";
import { backoffDelay } from "./backoff.ts";
import { Cancellation } from "./cancel.ts";
import { type Deferred, deferred } from "./deferred.ts";
import { dial } from "./dial.ts";
import { announce, EventEmitter } from "./event_emitter.ts";
import type { ConnectionEvent, ConnectionEvents } from "./events.ts";
import { useLink } from "./link_in_use.ts";
import type { ConnectionOptions } from "./options.ts";
import { lost, type RequestOptions, Requests } from "./requests.ts";
import { type ConnectionState, fatalError, type Live } from "./state.ts";

export type { ConnectionEvents } from "./events.ts";
export type { ConnectionOptions, Endpoints } from "./options.ts";

/** The part of its time that the opening of a link may take: who waits for it is to hear why it failed. */
const IN_TIME = 0.9;

/** One connection, kept alive. */
export class Connection extends EventEmitter<ConnectionEvents> {
  readonly #options: ConnectionOptions;
  readonly #environment: Environment;
  readonly #requests: Requests;
  #state: ConnectionState = { name: "initialized" };
  #opening: Deferred | undefined;
  #closing: Promise<void> | undefined;
  /** Whether `pause()` asked for no attempts. */
  #paused = false;
  #attempt = 0;
  /** The name of the transport of the last link, once there was one. */
  #lastTransport: string | undefined;
  #unwatch = () => {};

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
        return Promise.reject(lost("The connection is offline"));
      case "closed":
        return Promise.reject(lost("The connection is closed"));
      case "initialized":
        if (!this.#environment.network.current()) {
          return Promise.reject(lost("There is no network, or the app is in the background"));
        }
        this.#watch();
        void this.#dial();
    }
    this.#opening ??= deferred();
    return this.#opening.promise;
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
    return this.#requests.send(command, state.live.send, timeout, signal);
  }

  /** Sends a command that has no reply. Where there is no link it is dropped, and logged. */
  push(command: Command): void {
    if (this.#state.name === "connected") this.#state.live.send(command);
    else this.#drop("A command was dropped for want of a link", command);
  }

  /** Drops the link and makes no attempts until `resume()`. */
  pause(): void {
    this.#paused = true;
    this.#goOffline();
  }

  /** Makes attempts again after `pause()`, the first one at once, or when there is a network. */
  resume(): void {
    this.#paused = false;
    if (this.#lastTransport === undefined || this.#environment.network.current()) this.#goOnline();
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

  /** Ends it for good; resolves when the link is closed, or does not close within 1 s. */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    const state = this.#state;
    if (state.name === "closed") return;
    this.#end(undefined);
    if (state.name === "connected") await state.farewell();
  }

  /** The one place where the state changes: what the old one held is let go. */
  #become(next: ConnectionState): void {
    const old = this.#state;
    this.#state = next;
    if (next.name === "initialized" || next.name === "closed") this.#unwatch();
    switch (old.name) {
      case "waiting":
        return old.timer.cancel();
      case "connecting":
        if (next.name !== "connected") old.cancel.abort();
        return;
      case "connected":
        old.stop();
        old.live.close(1000);
        this.#requests.settleAll(lost("The connection was lost before the server answered"));
    }
  }

  #tell([event, ...args]: ConnectionEvent): void {
    announce(this, event, args, this.#environment.log);
  }

  /** Tells how a state began, as long as it lasts: a listener may end it. */
  #tellOf(state: ConnectionState, ...events: readonly ConnectionEvent[]): void {
    for (const event of events) if (this.#state === state) this.#tell(event);
  }

  /** Commands may hold secrets, so the log gets their kind alone. */
  #drop(event: string, { cmd, op, i }: Command): void {
    this.#environment.log.debug(event, { cmd, op, i });
  }

  async #dial(): Promise<void> {
    const { endpoints, requestTimeout, ...rest } = this.#options;
    const timeout = requestTimeout * IN_TIME;
    const cancel = new Cancellation();
    const connecting: ConnectionState = { name: "connecting", cancel };
    this.#become(connecting);
    try {
      const urls = await endpoints.list();
      await dial({ ...rest, urls, timeout, cancel }, this.#environment, (live) => {
        if (this.#state === connecting) return this.#connected(live);
        live.close(1000);
        return { frame: () => {}, closed: () => {} };
      });
    } catch (error) {
      if (this.#state === connecting) this.#failed(error);
    }
  }

  #connected(live: Live): Receiver {
    const { heartbeat } = this.#options;
    const [state, receiver] = useLink(live, heartbeat, this.#environment, {
      ping: () =>
        void this.request({ cmd: "echo" }, { timeout: heartbeat.timeout }).catch(() => {}),
      take: (command) => {
        const answer = this.#requests.settle(command);
        if (!answer) this.#pushed(command);
        return answer;
      },
      proven: () => void (this.#attempt = 0),
      lost: (why) => this.#lost(why),
    });
    this.#become(state);
    this.#settleOpening();
    const last = this.#lastTransport;
    this.#lastTransport = live.transport;
    if (last !== live.transport) this.#tellOf(state, ["transport", live.transport]);
    if (last !== undefined) this.#tellOf(state, ["reconnect"]);
    return receiver;
  }

  #pushed(command: Command): void {
    if (command.i !== undefined) {
      this.#drop("A reply was dropped: nobody waits for it", command);
    } else if (command.cmd === "goaway") {
      this.#options.endpoints.forget();
      this.#lost({ code: 1000, reason: "The server goes away" });
    } else this.#tell(["push", command]);
  }

  /** The link is gone: for good, or until the next one. */
  #lost(why: Closed): void {
    const fatal = fatalError(why);
    if (fatal) return this.#end(fatal);
    this.#environment.log.debug("The link is gone", { ...why });
    this.#schedule(this.#delay(), ["disconnect"]);
  }

  /** An attempt failed. */
  #failed(error: unknown): void {
    if (this.#lastTransport === undefined) {
      this.#become({ name: "initialized" });
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

  /** Plans an attempt, and tells so after what led to it. */
  #schedule(delay: number, ...before: readonly ConnectionEvent[]): void {
    const timer = this.#environment.clock.after(delay, () => this.#retry());
    const waiting: ConnectionState = { name: "waiting", timer };
    this.#become(waiting);
    this.#tellOf(waiting, ...before, ["schedule", this.#attempt, delay]);
  }

  #retry(): void {
    const attempt = this.#attempt++;
    void this.#dial();
    this.#tell(["retry", attempt]);
  }

  #goOffline(): void {
    const { name } = this.#state;
    if (name === "offline" || name === "closed") return;
    const offline: ConnectionState = { name: "offline" };
    this.#become(offline);
    this.#settleOpening(lost("The connection went offline"));
    if (name === "connected") this.#tellOf(offline, ["disconnect"]);
    this.#tellOf(offline, ["offline"]);
  }

  #goOnline(): void {
    if (this.#state.name !== "offline" || this.#paused) return;
    if (this.#lastTransport !== undefined) return this.#schedule(0, ["online"]);
    this.#become({ name: "initialized" });
    this.#tell(["online"]);
  }

  #end(why: RealtimeError | undefined): void {
    this.#become({ name: "closed" });
    this.#settleOpening(why ?? lost("The connection is closed"));
    this.#tell(["ended", why]);
  }

  #settleOpening(error?: unknown): void {
    const opening = this.#opening;
    this.#opening = undefined;
    if (error === undefined) opening?.resolve();
    else opening?.reject(error);
  }

  #watch(): void {
    const { network, visibility } = this.#environment;
    const unwatch = [
      // First, so that who hides and lets go of the network in one hears of both while there is a link.
      visibility.watch((seen) => seen ? this.#stir() : this.#tell(["hidden"])),
      network.watch((there) => {
        if (!there) return this.#goOffline();
        this.#stir();
        this.#goOnline();
      }),
    ];
    this.#unwatch = () => {
      for (const stop of unwatch) stop();
    };
  }

  /** Things may have changed: sees at once whether the link lives, or makes the planned attempt. */
  #stir(): void {
    if (this.#state.name === "connected") this.#state.heartbeat.probe();
    else if (this.#state.name === "waiting") this.#retry();
  }
}
