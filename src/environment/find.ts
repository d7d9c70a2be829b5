/**
 * Finds what the platform has.
 *
 * @module
 */
import { systemClock } from "./clock.ts";
import { consoleLog } from "./log.ts";
import { platformUtf8 } from "./platform_utf8.ts";
import type { Environment, Fetch, WebSocketConstructor } from "./environment.ts";
import type { Watch } from "./watch.ts";

/** What a platform may have, and what it may lack. */
interface Globals {
  readonly fetch?: Fetch;
  readonly WebSocket?: WebSocketConstructor;
  readonly crypto?: { readonly getRandomValues: <T extends Uint8Array>(bytes: T) => T };
  readonly navigator?: { readonly onLine?: boolean };
  readonly document?: Target & { readonly visibilityState?: string };
  readonly addEventListener?: Target["addEventListener"];
  readonly removeEventListener?: Target["removeEventListener"];
}

interface Target {
  readonly addEventListener: (event: string, listener: () => void) => void;
  readonly removeEventListener: (event: string, listener: () => void) => void;
}

/** A yes-or-no that is read again at each of these events. */
function watchOf(target: Target | undefined, events: string[], current: () => boolean): Watch {
  return {
    current,
    watch: (changed) => {
      const listener = () => changed(current());
      for (const event of events) target?.addEventListener(event, listener);
      return () => {
        for (const event of events) target?.removeEventListener(event, listener);
      };
    },
  };
}

/**
 * What lies outside, as the platform has it; what is given replaces its part. Where the platform
 * has no source of secrets, asking for one throws an `Error` that says how to pass one.
 */
export function findEnvironment(given: Partial<Environment> = {}): Environment {
  const platform = globalThis as unknown as Globals;
  const { document, navigator } = platform;
  // Some platforms take listeners for events that they never have, and warn of it.
  const hasNetworkEvents = platform.addEventListener && typeof navigator?.onLine === "boolean";
  return {
    utf8: platformUtf8,
    clock: systemClock,
    random: Math.random,
    secret: (bytes) => {
      if (!platform.crypto) {
        throw new Error(
          "This platform has no crypto.getRandomValues: pass `secret` in the environment",
        );
      }
      return platform.crypto.getRandomValues(new Uint8Array(bytes));
    },
    log: consoleLog,
    // Called on its own object, which browsers insist on, and looked up late, so that it can be replaced.
    fetch: platform.fetch && ((url, init) => platform.fetch!(url, init)),
    WebSocket: platform.WebSocket,
    network: watchOf(
      hasNetworkEvents ? platform as Target : undefined,
      ["online", "offline"],
      () => navigator?.onLine ?? true,
    ),
    visibility: watchOf(
      document?.addEventListener ? document : undefined,
      ["visibilitychange"],
      () => document?.visibilityState !== "hidden",
    ),
    ...given,
  };
}
