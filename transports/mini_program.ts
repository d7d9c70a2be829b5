/**
 * Mini programs: WeChat's, and those of Douyin, Alipay and uni-app.
 *
 * @module
 */
import {
  allOf,
  type Clock,
  type Environment,
  portableUtf8,
  systemClock,
  type Watch,
  type WebSocketConstructor,
} from "../src/environment/mod.ts";
import { fetchOf, type MiniProgramFetch, type RequestHost } from "./mini_program_request.ts";
import { socketClass, type SocketHost } from "./mini_program_socket.ts";

export type { MiniProgramAnswer, MiniProgramFetch } from "./mini_program_request.ts";

/**
 * What a mini program's API must have: `wx`, `uni`, `tt` and `my` do. Beyond this, what there is of
 * `onAppHide`, `onAppShow`, `onNetworkStatusChange`, `onSocketClose` and `getRandomValues` is used.
 */
export interface MiniProgramApi {
  /** Opens sockets. */
  connectSocket(options: never): unknown;
  /** Makes requests. */
  request(options: never): unknown;
}

/** What {@link miniProgram} takes beside the API. */
export interface MiniProgramOptions {
  /** Tells the time and calls back later; by default the platform's. */
  readonly clock?: Clock | undefined;
}

/** The environment of a mini program. */
export interface MiniProgramEnvironment extends
  Pick<
    Environment,
    "clock" | "network" | "random" | "secret" | "utf8" | "visibility"
  > {
  /** HTTP by `request`; for `longPoll` too. */
  readonly fetch: MiniProgramFetch;
  /** A class of sockets by `connectSocket`; for `webSocket` too. */
  readonly WebSocket: WebSocketConstructor;
}

type Listen<Event> = (listener: (event: Event) => void) => void;

/** The rest of a mini program's API that is used, where it is there. */
interface Host extends SocketHost, RequestHost {
  readonly onAppHide?: Listen<void>;
  readonly offAppHide?: Listen<void>;
  readonly onAppShow?: Listen<void>;
  readonly offAppShow?: Listen<void>;
  readonly onNetworkStatusChange?: Listen<{ readonly isConnected: boolean }>;
  readonly offNetworkStatusChange?: Listen<{ readonly isConnected: boolean }>;
  readonly getRandomValues?: (options: {
    length: number;
    success: (result: { readonly randomValues: ArrayBuffer }) => void;
    fail: () => void;
  }) => void;
  /** Alipay's own way to pay, by which it is known. */
  readonly tradePay?: unknown;
}

/** What the platform tells while somebody listens; until then, and after, it is taken for yes. */
function told(listen: (tell: (now: boolean) => void) => () => void): Watch {
  const watchers = new Set<(now: boolean) => void>();
  let now = true;
  let stop = () => {};
  return {
    current: () => now,
    watch: (changed) => {
      const watcher = (now: boolean) => changed(now);
      if (watchers.size === 0) {
        stop = listen((value) => {
          now = value;
          for (const watcher of [...watchers]) watcher(now);
        });
      }
      watchers.add(watcher);
      return () => {
        if (!watchers.delete(watcher) || watchers.size > 0) return;
        stop();
        now = true;
      };
    },
  };
}

/** Whether the mini program is in front. In the background it is suspended within seconds. */
const shown = (host: Host): Watch =>
  told((tell) => {
    const hide = () => tell(false);
    const show = () => tell(true);
    host.onAppHide?.(hide);
    host.onAppShow?.(show);
    return () => {
      host.offAppHide?.(hide);
      host.offAppShow?.(show);
    };
  });

/** Whether there is a network. */
const connected = (host: Host): Watch =>
  told((tell) => {
    const change = ({ isConnected }: { readonly isConnected: boolean }) => tell(isConnected);
    host.onNetworkStatusChange?.(change);
    return () => host.offNetworkStatusChange?.(change);
  });

const POOL = 1_024;

/**
 * Ids that no other device has. A mini program has no source of secrets that answers at once: where
 * it has one that answers later, what came of it by then is mixed in.
 */
function secretOf(host: Host, random: () => number): Environment["secret"] {
  let pool = new Uint8Array();
  const fill = () =>
    host.getRandomValues?.({
      length: POOL,
      success: ({ randomValues }) => pool = new Uint8Array(randomValues),
      fail: () => {},
    });
  fill();
  return (count) => {
    const mixed = pool.subarray(0, count);
    pool = pool.subarray(count);
    if (pool.length < POOL / 2) fill();
    return Uint8Array.from({ length: count }, (_, at) => random() * 256 ^ (mixed[at] ?? 0));
  };
}

/**
 * The environment of a mini program, from its API: `wx`, `uni`, `tt` or `my`. When the mini program
 * is hidden the link is closed, and when it is shown again the next one is dialled at once.
 *
 * ```ts
 * const realtime = new Realtime({ appId, appKey, server }, miniProgram(wx));
 * ```
 *
 * Alipay says neither which subprotocol the server chose nor why a socket was closed: with `my`, use
 * one codec. Where WebSocket may be blocked, with long-poll to fall back on:
 *
 * ```ts
 * const environment = miniProgram(wx);
 * const transports = [race([webSocket(environment), after(2000, longPoll(environment))])];
 * const realtime = new Realtime({ appId, appKey, server, transports }, environment);
 * ```
 */
export function miniProgram(
  api: MiniProgramApi,
  { clock = systemClock }: MiniProgramOptions = {},
): MiniProgramEnvironment {
  const host = api as unknown as Host;
  const isAlipay = typeof host.tradePay === "function";
  const visibility = shown(host);
  const random = Math.random;
  return {
    utf8: portableUtf8,
    clock,
    random,
    secret: secretOf(host, random),
    fetch: fetchOf(host, isAlipay),
    WebSocket: socketClass(host, isAlipay, clock),
    visibility,
    network: allOf(visibility, connected(host)),
  };
}
