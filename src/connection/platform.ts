/** What the platform tells a connection. @module */
import type { Environment } from "../environment/mod.ts";

/** What a connection does about it. */
export interface PlatformListener {
  /** The network is gone. */
  readonly offline: () => void;
  /** The network is back, or said to be. */
  readonly online: () => void;
  /** A page that was hidden is shown again: its timers may have slept. */
  readonly shown: () => void;
}

/** Listens until the function that it returns is called. */
export function watchPlatform(
  { network, visibility }: Pick<Environment, "network" | "visibility">,
  { offline, online, shown }: PlatformListener,
): () => void {
  const unwatch = [
    network.watch((there) => there ? online() : offline()),
    visibility.watch((visible) => visible && shown()),
  ];
  return () => {
    for (const stop of unwatch) stop();
  };
}
