/**
 * What a connection is made from.
 *
 * @module
 */
import type { Codec, ProtocolVersion } from "../protocol/codec.ts";
import type { AnyTransport } from "../protocol/transport.ts";
import type { Backoff } from "./backoff.ts";
import type { HeartbeatTimes } from "./heartbeat.ts";

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
  /** How long a request may take; the opening of a link may take nine tenths of it. */
  readonly requestTimeout: number;
}
