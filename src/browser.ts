/**
 * The client for pages without a bundler: what `dist/curlew.min.js` holds. There it costs nothing
 * to choose, so it falls back to long-poll by itself.
 *
 * @module
 */
import { longPoll } from "../transports/long_poll.ts";
import { after, race } from "../transports/race.ts";
import { textOnly } from "../transports/text_only.ts";
import { webSocket } from "../transports/websocket.ts";
import type { BodyFetch, Environment } from "./environment/mod.ts";
import { Realtime as Bare, type RealtimeOptions } from "./realtime.ts";

export * from "../mod.ts";
export { after, longPoll, race, textOnly, webSocket };

/** How long WebSocket is tried alone, in ms. */
const HEAD_START = 2_000;

/** An app's connection to its server, over long-poll where WebSocket does not get through. */
export class Realtime extends Bare {
  /** Checks the options; throws a `TypeError` that names the wrong one. Connects to nothing yet. */
  constructor(options: RealtimeOptions, environment: Partial<Environment> = {}) {
    // The options are yet to be checked: they may be anything.
    const plugins = [options?.plugins ?? []].flat();
    // Whoever replaces `fetch` on a page replaces all of it.
    const fetch = environment.fetch as BodyFetch | undefined;
    const fallback = longPoll({ ...environment, fetch });
    const own = race([webSocket(environment), after(HEAD_START, fallback)], environment);
    const transports = [...plugins.flatMap((plugin) => plugin?.transports ?? []), own];
    super({ ...options, transports: options?.transports ?? transports }, environment);
  }
}
