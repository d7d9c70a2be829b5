/**
 * The entrance: an app's connection to its server, and its clients.
 *
 * @module
 */
// What names the same things stands together, which compresses well: bundlers keep this order.
import { imProtobuf } from "./codecs/im_protobuf.ts";
import type { CallOptions } from "./im/call_options.ts";
import { abortable } from "./im/abortable.ts";
import { tellOfNew } from "./im/messages/hooks.ts";
import { uuidOf } from "./im/uuid.ts";
import {
  type ClientSignatures,
  sign,
  type SignatureFactoryResult,
  type SignatureResult,
} from "./im/signature.ts";
import { announce, type AnyEmitter, EventEmitter } from "./connection/event_emitter.ts";
import { type ClientHooks, IMClient } from "./im/client.ts";
import { checkOptions, type ConnectOptions } from "./options.ts";
import type { RealtimeEvents } from "./im/events.ts";
import { type MessageConstructor, MessageParser } from "./im/messages/message_parser.ts";
import { type Directory, directory, getJson } from "./endpoints.ts";
import type { Session } from "./im/session.ts";
import { webSocket } from "../transports/websocket.ts";
import { textOnly } from "../transports/text_only.ts";
import { Connection } from "./connection/connection.ts";
import { findEnvironment } from "./environment/find.ts";
import type { Environment, FetchInit } from "./environment/mod.ts";
import { type AnyTransport, type Cancel, type Codec, RealtimeError } from "./protocol/mod.ts";

/** What extends a `Realtime`. Plugins are asked in their order. */
export interface Plugin extends ClientHooks<Realtime> {
  /** Called at the end of the constructor. */
  readonly onRealtimeCreate?: (realtime: Realtime) => void;
  /** Transports to try before the built-in one. */
  readonly transports?: readonly AnyTransport[];
  /** Codecs to offer before the built-in one. */
  readonly codecs?: readonly Codec[];
}

/** What the constructor of {@link Realtime} takes. */
export interface RealtimeOptions extends ConnectOptions {
  /** What extends it. */
  readonly plugins?: readonly Plugin[] | undefined;
}

/** A logged-in user of LeanCloud's storage, or anything like it. */
export interface User {
  /** The user's id, which becomes the client's. */
  readonly id?: string;
  /** The token that the server signs the login for. */
  getSessionToken(): string;
}

/** How a client logs in. */
export interface IMClientOptions extends ClientSignatures, CallOptions {
  /**
   * Signs the login of what `createIMClient` was given, the id or the user; without it a user's login
   * is signed by the server.
   */
  readonly signatureFactory?: ((identity: string & User) => SignatureFactoryResult) | undefined;
  /** The kind of device: the same client with the same tag is logged in on one device only. */
  readonly tag?: string | undefined;
  /** Gives way to a device with the same tag that is logged in, instead of logging it out. */
  readonly isReconnect?: boolean | undefined;
}

/** What each of the connection's events does to a client's session. */
const reactions: Record<keyof RealtimeEvents, ((session: Session) => void) | undefined> = {
  disconnect: (session) => session.disconnected(),
  offline: (session) => session.offline(),
  online: (session) => session.online(),
  reconnect: (session) => session.reopen(),
  retry: undefined,
  schedule: undefined,
  transport: undefined,
};

/**
 * An app's connection to its server. All clients of one `Realtime` share one connection, which is
 * opened by the first and closed with the last.
 *
 * @example
 * ```ts
 * const realtime = new Realtime({ appId: "curlew-dev", appKey: "dev-key", server: "http://127.0.0.1:8450" });
 * const tom = await realtime.createIMClient("Tom");
 * ```
 */
export class Realtime extends EventEmitter<RealtimeEvents> {
  readonly #options: RealtimeOptions;
  readonly #environment: Environment;
  readonly #directory: Directory;
  readonly #parser: MessageParser;
  readonly #plugins: readonly Plugin[];
  readonly #deviceId: string;
  /** Each with what its creator waits for. */
  readonly #clients = new Map<IMClient, Promise<IMClient>>();
  #connection: Connection | undefined;
  #paused = false;
  #closed = false;

  /** Checks the options; throws a `TypeError` that names the wrong one. Connects to nothing yet. */
  constructor(options: RealtimeOptions, environment?: Partial<Environment>) {
    super();
    this.#environment = findEnvironment(environment);
    checkOptions(options, this.#environment.log);
    this.#options = options;
    this.#plugins = options.plugins ?? [];
    this.#directory = directory(options, this.#environment);
    this.#parser = new MessageParser(...this.#plugins);
    this.#parser.log = this.#environment.log;
    this.#deviceId = uuidOf(this.#environment.secret(16));
    tellOfNew(this.#plugins, "onRealtimeCreate", this, this.#environment.log);
  }

  /** The clients at this moment: what is done to each may take it away. */
  get #all(): IMClient[] {
    return [...this.#clients.keys()];
  }

  /** The name of the transport in use; `undefined` while there is no connection. */
  get transport(): string | undefined {
    return this.#connection?.transport;
  }

  /**
   * Logs a client in: by its id, or as a user, whose login the server signs, or with nothing, and
   * then the server picks the id. The same id gives the same instance, also while it is opening: the
   * signal of the call that began the login ends that for all, another one the wait alone.
   *
   * Rejects with a `TransportError` where no server can be reached, with the server's refusal by its
   * code (4102 for a bad signature, 4111 where another device goes first), with `SIGN_ERROR` where
   * the signature can't be had, and with `COMMAND_TIMEOUT`.
   */
  async createIMClient(
    identity?: string | User | null,
    options: IMClientOptions = {},
    tag: string | undefined = options.tag,
  ): Promise<IMClient> {
    const who = identity ?? undefined;
    const id = typeof who === "string" ? who : who?.id;
    if (id === undefined ? who !== undefined : typeof id !== "string" || id === "") {
      throw new TypeError("Argument identity must be a client id, or a user with an id");
    }
    if (this.#closed) throw new RealtimeError("CLOSED", "The Realtime is closed");
    if (id !== undefined) {
      for (const [client, ready] of this.#clients) {
        if (client.id === id) return await abortable(ready, options);
      }
    }
    return await this.#createClient(id, who, { ...options, tag });
  }

  #createClient(
    id: string | undefined,
    identity: string | User | undefined,
    options: IMClientOptions,
  ): Promise<IMClient> {
    const client = new IMClient({
      connection: this.#connection ??= this.#connect(),
      environment: this.#environment,
      parser: this.#parser,
      plugins: this.#plugins,
      signatures: options,
      realtime: this,
      rest: (path, headers, { signal } = {}) => this.#rest(path, headers, {}, signal),
      leave: (leaver) => void this.#clients.delete(leaver),
      left: async () => {
        if (this.#clients.size === 0) await this.#disconnect();
      },
      session: {
        appId: this.#options.appId,
        id,
        deviceId: this.#deviceId,
        tag: options.tag,
        isReconnect: options.isReconnect ?? false,
        requestTimeout: this.#options.requestTimeout ?? 20_000,
        sign: (signal) => sign(this.#loginFactory(identity, options), signal),
      },
    });
    const ready = client.session.open(options).then(() => client, async (error) => {
      await client.leave();
      throw error;
    });
    this.#clients.set(client, ready);
    return ready;
  }

  #loginFactory(
    identity: string | User | undefined,
    { signatureFactory }: IMClientOptions,
  ): (() => SignatureFactoryResult) | undefined {
    if (signatureFactory) return () => signatureFactory(identity as never);
    if (typeof identity !== "object") return undefined;
    return async () => {
      const body = JSON.stringify({ session_token: identity.getSessionToken() });
      const headers = { "Content-Type": "application/json" };
      const answer: unknown = await this.#rest("rtm/sign", headers, { method: "POST", body });
      return answer as SignatureResult;
    };
  }

  /** What the server's REST interface answers. */
  async #rest(
    path: string,
    headers: Readonly<Record<string, string>>,
    init: FetchInit,
    signal?: Cancel,
  ) {
    const { appId, appKey } = this.#options;
    return await getJson(`${await this.#directory.api()}/1.1/${path}`, this.#environment, {
      ...init,
      headers: { ...headers, "X-LC-Id": appId, "X-LC-Key": appKey },
    }, signal);
  }

  #connect(): Connection {
    const { noBinary, pushOfflineMessages, heartbeat, backoff, requestTimeout } = this.#options;
    const transports = this.#options.transports ?? [
      ...this.#plugins.flatMap(({ transports = [] }) => transports),
      webSocket({ WebSocket: this.#environment.WebSocket }),
    ];
    const connection = new Connection({
      endpoints: this.#directory,
      transports: noBinary ? transports.map(textOnly) : transports,
      codecs: this.#options.codecs ??
        [...this.#plugins.flatMap(({ codecs = [] }) => codecs), imProtobuf(this.#environment.utf8)],
      version: pushOfflineMessages ? 1 : 3,
      heartbeat: { idle: 25_000, timeout: 10_000, ...heartbeat },
      backoff: { first: 1_000, max: 30_000, ...backoff },
      requestTimeout: requestTimeout ?? 20_000,
    }, this.#environment);
    for (const [event, react] of Object.entries(reactions)) {
      (connection as unknown as AnyEmitter).on(event, (...args: unknown[]) => {
        for (const client of this.#all) react?.(client.session);
        this.#announce(event, args);
      });
    }
    connection.on("hidden", () => this.#flush());
    connection.on("push", (command) => this.#clientOf(command.peerId)?.dispatch(command));
    connection.on("ended", (why) => {
      this.#connection = undefined;
      for (const client of this.#all) {
        client.session.closedByServer({ code: why?.code, reason: why?.name });
      }
    });
    if (this.#paused) connection.pause();
    return connection;
  }

  /** Emits a connection's event here and on each client, which emits `reconnect` in its own time. */
  #announce(event: string, args: unknown[]): void {
    const emitters = event === "reconnect" ? [] : this.#all;
    for (const emitter of [this, ...emitters]) {
      announce(emitter, event, args, this.#environment.log);
    }
  }

  /** Whom a push is for; one without an id, or for a client that does not know its id yet, has one heir. */
  #clientOf(peerId: string | undefined): IMClient | undefined {
    const clients = this.#all;
    if (peerId === undefined) return clients[0];
    return clients.find(({ id }) => id === peerId) ?? clients.find(({ id }) => id === "");
  }

  async #disconnect(): Promise<void> {
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.removeAllListeners();
    await connection?.close();
  }

  /** Registers message classes; the last one registered is tried first. */
  register(classes: MessageConstructor | readonly MessageConstructor[]): void {
    this.#parser.register(classes);
  }

  /**
   * Lets go of the network until `resume()`, as an app does by itself whose environment says that it
   * is in the background. Meanwhile whatever needs the network rejects with `CONNECTION_LOST`.
   */
  pause(): void {
    this.#paused = true;
    this.#flush();
    this.#connection?.pause();
  }

  /** Sends what waits to be sent. */
  #flush(): void {
    for (const client of this.#all) client.flush();
  }

  /** Connects again after `pause()`. */
  resume(): void {
    this.#paused = false;
    this.#connection?.resume();
  }

  /** Connects again at once instead of at the planned time; throws unless an attempt is planned. */
  retry(): void {
    if (!this.#connection) throw new RealtimeError("CLOSED", "There is no connection to retry");
    this.#connection.retry();
  }

  /** Logs all clients out and closes the connection; nobody can log in afterwards. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#all.map((client) => client.close()));
    await this.#disconnect();
  }

  /** `close()` at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}
