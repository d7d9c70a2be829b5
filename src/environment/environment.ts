/**
 * What lies outside: clock, chance, log, network. Found by itself, replaceable part by part, so
 * that a test can run client, network and server in one process, in fake time, from a seed.
 *
 * @module
 */
import type { Clock } from "./clock.ts";
import type { Log } from "./log.ts";
import type { Watch } from "./watch.ts";

/** What Curlew asks of a request; a platform may lack what is not about its content. */
export interface FetchInit {
  /** `GET` unless said otherwise. */
  readonly method?: string;
  /** The headers. */
  readonly headers?: Record<string, string>;
  /** The body. */
  readonly body?: string | Uint8Array<ArrayBuffer>;
  /** Gives it up. */
  readonly signal?: AbortSignal;
  /** What to do about a redirect. */
  readonly redirect?: "manual";
  /** Whether cookies go along. */
  readonly credentials?: "omit";
}

/** The answer to a request. */
export interface FetchAnswer {
  /** Whether the status is one of success. */
  readonly ok: boolean;
  /** The HTTP status; 0 where a browser hides a redirect. */
  readonly status: number;
  /** The headers of the answer. */
  readonly headers: { readonly get: (name: string) => string | null };
  /** The body, as JSON. */
  readonly json: () => Promise<unknown>;
}

/** The part of `fetch` that Curlew uses. */
export type Fetch = (url: string, init?: FetchInit) => Promise<FetchAnswer>;

/** A `fetch` whose answers can be read as they are, which long-poll needs. */
export type BodyFetch = (
  url: string,
  init?: FetchInit,
) => Promise<
  Omit<FetchAnswer, "ok" | "json"> & {
    /** The body, as text. */
    readonly text: () => Promise<string>;
    /** The body, as bytes. */
    readonly arrayBuffer: () => Promise<ArrayBuffer>;
  }
>;

/** The part of a `WebSocket` that Curlew uses. */
export interface WebSocketLike {
  /** Set to `arraybuffer` before the first message. */
  binaryType: string;
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** Bytes not yet handed to the network. */
  readonly bufferedAmount: number;
  /** Sends one message. */
  send(data: string | Uint8Array<ArrayBuffer>): void;
  /** Ends the socket. */
  close(code?: number, reason?: string): void;
  /** Opened. */
  onopen: ((event: never) => void) | null;
  /** One message. */
  onmessage: ((event: never) => void) | null;
  /** It failed; `onclose` follows. */
  onerror: ((event: never) => void) | null;
  /** Ended. */
  onclose: ((event: never) => void) | null;
}

/** A `WebSocket` class: the platform's own, or that of the package `ws`. */
export type WebSocketConstructor = new (url: string, protocols: string[]) => WebSocketLike;

/** Text as UTF-8: lone surrogates and bad sequences become U+FFFD. */
export interface Utf8 {
  /**
   * Writes a text into `target` from `offset` on, and returns how many bytes that took. The target has
   * room for three bytes a UTF-16 unit, which is the most that any text takes.
   */
  readonly encodeInto: (text: string, target: Uint8Array, offset: number) => number;
  /** The text that the bytes from `start` up to `end` are; a byte order mark is kept as a character. */
  readonly decode: (bytes: Uint8Array, start: number, end: number) => string;
}

/** What lies outside of the core. */
export interface Environment {
  /**
   * UTF-8, for the codec that is built in. By default it is the platform's; where that lacks
   * `TextEncoder` or `TextDecoder`, pass `portableUtf8`, as `reactNative` and `miniProgram` do.
   */
  readonly utf8: Utf8;
  /** Tells the time and calls back later. */
  readonly clock: Clock;
  /** A number from 0 up to 1, for jitter and shuffles alone; may be seeded. */
  readonly random: () => number;
  /** Bytes that nobody can guess, for tokens and ids. */
  readonly secret: (bytes: number) => Uint8Array;
  /** Where log lines go. */
  readonly log: Log;
  /** HTTP, where the platform has it. */
  readonly fetch: Fetch | undefined;
  /** WebSocket, where the platform has it. */
  readonly WebSocket: WebSocketConstructor | undefined;
  /**
   * Whether the network may be used. While it may not, there is no link and no attempt: the link is
   * closed at once, and when it may again the next one is dialled at once. A platform that suspends
   * an app which nobody sees says no here while it does (`allOf` makes one of two); to be told by
   * hand there are `pause()` and `resume()`.
   */
  readonly network: Watch;
  /**
   * Whether a person sees the page. A link outlives that nobody does, as a browser's does; it is
   * tried when the page is seen again.
   */
  readonly visibility: Watch;
}
