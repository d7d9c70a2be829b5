/**
 * One client logged in on a connection: the login, its renewal after a lost link, and the requests
 * that wait for it.
 *
 * @module
 */
import type { Connection } from "../connection/connection.ts";
import { lost, Requests } from "../connection/requests.ts";
import type { Environment, Timer } from "../environment/mod.ts";
import {
  type Cancel,
  type Command,
  type ErrorCode,
  type MessageOf,
  RealtimeError,
} from "../protocol/mod.ts";
import type { RequestOptions, WireSignature } from "./conversations/host.ts";
import type { CallOptions } from "./call_options.ts";

const UA = "curlew/0.1.0";
/** Patches, temporary conversations, acks of transient messages, kept notices, partial failures, peerId. */
const CONFIG_BITMAP = 187;
// Their types alone come from the table, so that no client ships it.
const INTERNAL_ERROR: (typeof ErrorCode)["INTERNAL_ERROR"] = 4200;
const SESSION_TOKEN_EXPIRED: (typeof ErrorCode)["SESSION_TOKEN_EXPIRED"] = 4112;
const RETRY_FIRST = 1_000;
const RETRY_MAX = 30_000;

/** What a session is made of. */
export interface SessionOptions {
  /** The app. */
  readonly appId: string;
  /** The client's id; without it the server picks one. */
  readonly id: string | undefined;
  /** The device's id. */
  readonly deviceId: string;
  /** The kind of device; the same client with the same tag is logged in once. */
  readonly tag: string | undefined;
  /** Whether the first login gives way to another device instead of logging it out. */
  readonly isReconnect: boolean;
  /** How long a request takes at most, waiting included, in ms. */
  readonly requestTimeout: number;
  /** The login's signature. */
  readonly sign: (options?: CallOptions) => Promise<WireSignature | undefined>;
}

/** What a session reports. */
export interface SessionEvents {
  /** It is open again after a lost link. */
  readonly reopened: () => void;
  /** It could not be opened again. */
  readonly failed: (error: Error) => void;
  /** The server ended it. */
  readonly ended: (code: number, reason: string) => void;
}

/** What it is doing; with an error, nobody waits for it. */
interface State {
  readonly name: "waiting" | "opening" | "open" | "offline" | "failed" | "closed";
  readonly error?: Error;
}

interface Token {
  readonly value: string;
  readonly expires: number;
}

/** One client logged in on a connection. */
export class Session {
  readonly #connection: Connection;
  readonly #options: SessionOptions;
  readonly #environment: Environment;
  readonly #events: SessionEvents;
  /** Whoever waits for the login, as if each had asked for it. */
  readonly #waiting: Requests;
  #state: State = { name: "waiting" };
  #login = 0;
  #token: Token | undefined;
  #opened = false;
  #retry: Timer | undefined;
  #retryDelay = RETRY_FIRST;
  #lastPatchTime: number;
  /** What the server's last unread notice asked to be told back at the next login. */
  declare lastUnreadNotifTime: number | undefined;
  /** The client's id, once it is known. */
  declare id: string | undefined;
  /** Up to when the client heard what it was told, by the server's clock. */
  declare noticed: number | undefined;

  /** A session that is not open yet. */
  constructor(
    connection: Connection,
    options: SessionOptions,
    environment: Environment,
    events: SessionEvents,
  ) {
    this.#connection = connection;
    this.#options = options;
    this.#environment = environment;
    this.#events = events;
    this.#waiting = new Requests(environment.clock);
    this.id = options.id;
    this.#lastPatchTime = environment.clock.now();
  }

  /** Whether it is open now. */
  get isOpen(): boolean {
    return this.#state.name === "open";
  }

  /** A change of a message arrived that was made at that time; older ones are not asked for again. */
  patched(timestamp: number): void {
    this.#lastPatchTime = Math.max(this.#lastPatchTime, timestamp);
  }

  /** Connects where there is no link, and logs in. */
  open({ signal }: CallOptions = {}): Promise<void> {
    const ready = this.#ready(this.#deadline(), signal);
    this.#connection.open().then(
      // A link that came up again meanwhile has begun the login already.
      () => this.#state.name === "waiting" && this.reopen(),
      (error) => this.#failed(error),
    );
    return ready;
  }

  /** A link is there: logs in. */
  reopen(): void {
    if (this.#state.name === "closed") return;
    this.#state = { name: "opening" };
    this.#retry?.cancel();
    // A login that an older link began is nobody's business any more.
    const login = ++this.#login;
    this.#logIn(login).then(
      () => {
        if (login !== this.#login || this.#state.name === "closed") return;
        const again = this.#opened;
        this.#opened = true;
        this.#retryDelay = RETRY_FIRST;
        this.#settle({ name: "open" });
        if (again) this.#events.reopened();
      },
      (error: RealtimeError) => {
        if (login !== this.#login || error.name === "CONNECTION_LOST") return;
        this.#failed(error);
      },
    );
  }

  #failed(error: RealtimeError): void {
    if (this.#state.name === "closed") return;
    this.#settle({ name: "failed", error });
    if (!this.#opened) return;
    // What the server refused it refuses again; anything else may pass.
    if (error.code === undefined || error.code === INTERNAL_ERROR) {
      this.#retry = this.#environment.clock.after(this.#retryDelay, () => this.reopen());
      this.#retryDelay = Math.min(this.#retryDelay * 2, RETRY_MAX);
    }
    this.#events.failed(error);
  }

  async #logIn(login: number): Promise<void> {
    const known = this.#validToken;
    let reply: Command;
    try {
      reply = await this.#requestOpen(login, known);
    } catch (error) {
      if (!known || (error as RealtimeError).code !== SESSION_TOKEN_EXPIRED) throw error;
      this.#token = undefined;
      reply = await this.#requestOpen(login, undefined);
    }
    const { code, reason, detail } = reply.sessionMessage ?? {};
    if (reply.op === "closed" || code !== undefined) {
      const error = new RealtimeError(
        reason ?? "SESSION_CLOSED",
        `The server refused the login: ${detail ?? reason ?? code}`,
        { code, detail },
      );
      if (this.#opened) this.closedByServer({ code, reason });
      throw error;
    }
    this.id = reply.peerId ?? this.id;
    if (this.id === undefined) {
      throw new RealtimeError("INVALID_LOGIN", "The server gave the client no id");
    }
    this.#keepToken(reply);
    this.#lastPatchTime = reply.serverTs ?? this.#lastPatchTime;
    this.noticed ??= reply.serverTs;
  }

  async #requestOpen(login: number, st: string | undefined): Promise<Command> {
    const { appId, tag, deviceId, isReconnect } = this.#options;
    const signature = st === undefined ? await this.#options.sign() : undefined;
    if (login !== this.#login) throw lost("A login came too late");
    return await this.#connection.request({
      cmd: "session",
      op: "open",
      appId,
      peerId: this.id,
      sessionMessage: {
        ua: UA,
        r: this.#opened || isReconnect,
        st,
        tag,
        deviceId,
        configBitmap: CONFIG_BITMAP,
        lastUnreadNotifTime: this.lastUnreadNotifTime,
        lastPatchTime: this.#lastPatchTime,
        ...signature,
      },
    });
  }

  /** The token, where there is one that has not expired. */
  get #validToken(): string | undefined {
    const { value, expires = 0 } = this.#token ?? {};
    return expires > this.#environment.clock.now() ? value : undefined;
  }

  #keepToken({ sessionMessage }: Command): void {
    const { st, stTtl } = sessionMessage ?? {};
    if (st === undefined) return;
    const ttl = stTtl === undefined ? Infinity : stTtl * 1000;
    this.#token = { value: st, expires: this.#environment.clock.now() + ttl };
  }

  /** The session's token, refreshed where it has expired; REST takes it as a credential. */
  async token(options?: CallOptions): Promise<string> {
    if (!this.#validToken) {
      const st = this.#token?.value;
      const signature = await this.#options.sign(options);
      this.#keepToken(
        await this.request({
          cmd: "session",
          op: "refresh",
          sessionMessage: { ua: UA, st, ...signature },
        }, options),
      );
    }
    return this.#token!.value;
  }

  /** Sends a request once the session is open, and answers with the reply. */
  async request(command: Command, { once, signal }: RequestOptions = {}): Promise<Command> {
    const deadline = this.#deadline();
    for (;;) {
      if (!this.isOpen) await this.#ready(deadline, signal);
      const login = this.#login;
      const timeout = deadline - this.#environment.clock.now();
      try {
        return await this.#connection.request({ ...command, peerId: this.id }, { timeout, signal });
      } catch (error) {
        if (once || (error as Error).name !== "CONNECTION_LOST") throw error;
        // Whatever comes first, this rejection or the news of the lost link: wait for the next one.
        if (login === this.#login) this.disconnected();
      }
    }
  }

  /** Sends a command that nobody answers; says whether there was a link to send it on. */
  push(command: Command): boolean {
    if (this.isOpen) this.#connection.push({ ...command, peerId: this.id });
    return this.isOpen;
  }

  /** The link is gone; another is being dialled. */
  disconnected(): void {
    this.#pass({ name: "waiting" });
  }

  /** The network is gone: nobody waits for it. */
  offline(): void {
    this.#pass({ name: "offline", error: lost("The network is gone or paused") });
  }

  /** The network is back; a link is being dialled. */
  online(): void {
    if (this.#state.name === "offline") this.#pass({ name: "waiting" });
  }

  #pass(state: State): void {
    if (this.#state.name === "closed") return;
    this.#login++;
    this.#retry?.cancel();
    this.#settle(state);
  }

  /** The server, or the end of the connection, ended it. */
  closedByServer({ code = 0, reason = "" }: MessageOf<"SessionCommand"> = {}): void {
    if (this.#state.name === "closed") return;
    this.#pass({
      name: "closed",
      error: new RealtimeError(reason || "SESSION_CLOSED", `The session was ended: ${reason}`, {
        code: code || undefined,
      }),
    });
    this.#events.ended(code, reason);
  }

  /** Logs out; whoever waits is told at once. Resolves when the server knows it, or can't be told. */
  async close(): Promise<void> {
    const { name } = this.#state;
    this.#pass({ name: "closed", error: lost("The client is closed") });
    // A login that is under way would be one that nobody ends.
    if (name !== "open" && name !== "opening" || this.id === undefined) return;
    try {
      const { id: peerId } = this;
      await this.#connection.request({ cmd: "session", op: "close", peerId, sessionMessage: {} });
    } catch (error) {
      this.#environment.log.debug("A session was not closed", { error });
    }
  }

  /** Throws what ended it, unless it was `close()`. */
  check(): void {
    const { error } = this.#state;
    if (error && error.name !== "CONNECTION_LOST") throw error;
  }

  #deadline(): number {
    return this.#environment.clock.now() + this.#options.requestTimeout;
  }

  #settle(state: State): void {
    this.#state = state;
    if (state.name !== "waiting") this.#waiting.settleAll(state.error);
  }

  async #ready(deadline: number, signal?: Cancel): Promise<void> {
    const { name, error } = this.#state;
    if (error) throw error;
    if (name === "open") return;
    const left = deadline - this.#environment.clock.now();
    await this.#waiting.send({ cmd: "session", op: "open" }, () => {}, left, signal);
  }
}
