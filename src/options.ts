/**
 * What the constructor of `Realtime` takes, checked.
 *
 * @module
 */
import type { Log } from "./environment/mod.ts";
import type { AnyTransport, Codec } from "./protocol/mod.ts";

/** Where an app's servers are. */
export interface ServerAddresses {
  /** Where to ask for the address of the realtime server: a host or a URL. */
  readonly RTMRouter: string;
  /** Where REST requests go: a host or a URL. */
  readonly api: string;
}

/** When a silent connection is given up, in ms. */
export interface HeartbeatOptions {
  /** How long the server may say nothing before it is asked; 25,000. */
  readonly idle: number;
  /** How long it may take to answer; 10,000. */
  readonly timeout: number;
}

/** How attempts to connect again are spaced, in ms. */
export interface BackoffOptions {
  /** Before the first attempt at most; 1,000. */
  readonly first: number;
  /** Before any attempt at most; 30,000. */
  readonly max: number;
}

/** What the constructor of `Realtime` takes, plugins aside. */
export interface ConnectOptions {
  /** The app's id. */
  readonly appId: string;
  /** The app's key. */
  readonly appKey: string;
  /** A host or a URL, or one for each purpose; without a scheme it is https, and http without `ssl`. */
  readonly server?: string | ServerAddresses | undefined;
  /** Addresses of realtime servers (`wss://…`); with them no router is asked. */
  readonly RTMServers?: string | readonly string[] | undefined;
  /** Sends text only, for platforms that can't send bytes: a binary codec by its text twin. */
  readonly noBinary?: boolean | undefined;
  /** Whether the connection is encrypted; true unless said otherwise. */
  readonly ssl?: boolean | undefined;
  /** Has missed messages pushed at login, instead of numbers of unread ones. */
  readonly pushOfflineMessages?: boolean | undefined;
  /** LeanCloud's apps may pass it; it means nothing here, and the log says so. */
  readonly region?: string | undefined;
  /** What carries frames, the favourite first; WebSocket unless said otherwise. */
  readonly transports?: readonly AnyTransport[] | undefined;
  /** What turns commands into frames, the favourite first; protobuf unless said otherwise. */
  readonly codecs?: readonly Codec[] | undefined;
  /** When a silent connection is given up. */
  readonly heartbeat?: Partial<HeartbeatOptions> | undefined;
  /** How attempts to connect again are spaced. */
  readonly backoff?: Partial<BackoffOptions> | undefined;
  /** How long a request takes at most, in ms; 20,000. */
  readonly requestTimeout?: number | undefined;
}

// No library for so little: one that checks schemas costs every app 600 bytes and more.
type Test = (value: unknown) => boolean;
const isText: Test = (value) => typeof value === "string" && value !== "";
const isObject: Test = (value) => Object(value) === value;

/** Options, what they must be, in words and as a test, and whether they must be there. */
const rules: readonly (readonly [names: string, be: string, test: Test, required?: true])[] = [
  ["appId appKey", "a string, and not empty", isText, true],
  [
    "server",
    "a host, a URL, or { RTMRouter, api }",
    (value) => isText(value) || isText(Object(value).RTMRouter) && isText(Object(value).api),
  ],
  ["RTMServers", "an address, or an array of them", (value) => [value].flat().every(isText)],
  ["noBinary ssl pushOfflineMessages", "a boolean", (value) => typeof value === "boolean"],
  [
    "plugins transports codecs",
    "an array of objects",
    (value) => Array.isArray(value) && value.every(isObject),
  ],
  ["heartbeat backoff", "an object", isObject],
  [
    "heartbeat.idle heartbeat.timeout backoff.first backoff.max requestTimeout",
    "a number of ms below 2^31",
    // What a timer takes: a longer one would run out at once.
    (value) => typeof value === "number" && value >= 0 && value < 2 ** 31,
  ],
];

/** Throws a `TypeError` that names the option of a wrong type; logs those that nobody knows. */
export function checkOptions(options: ConnectOptions, log: Log): void {
  const unknown = new Set(Object.keys(Object(options)));
  for (const [names, be, test, required] of rules) {
    for (const name of names.split(" ")) {
      const value = name.split(".").reduce((at, key) => Object(at)[key], options as unknown);
      if (value === undefined ? required : !test(value)) {
        throw new TypeError(`Option ${name} of Realtime must be ${be}`);
      }
      unknown.delete(name);
    }
  }
  for (const option of unknown) log.warn("Realtime does not know an option", { option });
}
