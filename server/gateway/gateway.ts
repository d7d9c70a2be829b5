/**
 * What all links of a server share, and their common end.
 *
 * @module
 */
import type { Clock, Log } from "@curlew/realtime/environment";
import type { Codec, ProtocolVersion } from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import type { Context } from "../service/context.ts";
import type { Handlers } from "../service/mod.ts";
import type { SessionTokens } from "../service/session_token.ts";
import type { Hub } from "./hub.ts";
import type { Limits } from "./limits.ts";

/** What a subprotocol means. */
export interface Spoken {
  /** The codec. */
  readonly codec: Codec;
  /** The version. */
  readonly version: ProtocolVersion;
}

/** What all links share. */
export interface Gateway {
  /** The apps by their ids. */
  readonly apps: ReadonlyMap<string, App>;
  /** The sessions of this node. */
  readonly hub: Hub;
  /** What each command does. */
  readonly handlerOf: Handlers;
  /** What handlers work with. */
  readonly context: Context;
  /** What is still to be done for clients that were lost; never rejects. */
  readonly losses: Set<Promise<void>>;
  /** Makes and reads session tokens. */
  readonly tokens: SessionTokens;
  /** What a stranger may take. */
  readonly limits: Limits;
  /** Tells the time. */
  readonly clock: Clock;
  /** Where log lines go. */
  readonly log: Log;
}
