/** What the platform tells a connection. @module */
import type { Environment } from "../environment/mod.ts";

/** What a connection does about it. */
export interface PlatformListener {
  /** The network is gone, or may not be used. */
  readonly offline: () => void;
  /** The network is back, or said to be; or another one is. */
  readonly online: () => void;
  /** A page that was hidden is shown again: its timers may have slept. */
  readonly shown: () => void;
  /** A page is hidden: it may never be seen again. */
  readonly hidden: () => void;
}

/** Listens until the function that it returns is called. */
export function watchPlatform(
  { network, visibility }: Pick<Environment, "network" | "visibility">,
  { offline, online, shown, hidden }: PlatformListener,
): () => void {
  const unwatch = [
    // First, so that who hides and lets go of the network in one hears of both while there is a link.
    visibility.watch((visible) => visible ? shown() : hidden()),
    network.watch((there) => there ? online() : offline()),
  ];
  return () => {
    for (const stop of unwatch) stop();
  };
}
