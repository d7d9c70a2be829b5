/**
 * What React Native tells an app: it has no `document` and no events of the network.
 *
 * @module
 */
import type { Environment } from "./environment.ts";
import { portableUtf8 } from "./utf8.ts";
import { allOf, type Watch } from "./watch.ts";

/** The part of React Native's `AppState` that Curlew uses. */
export interface AppStateLike {
  /** `background` while nobody can see the app. */
  readonly currentState: string | null | undefined;
  /** Calls the listener at each change, until `remove()`. */
  addEventListener(
    type: "change",
    listener: (state: string) => void,
  ): { readonly remove: () => void };
}

/** The part of `@react-native-community/netinfo` that Curlew uses. */
export interface NetInfoLike {
  /** Calls the listener at each change, and with what is known; what it returns ends that. */
  addEventListener(
    listener: (state: { readonly isConnected: boolean | null }) => void,
  ): () => void;
}

/** What {@link reactNative} is made from. */
export interface ReactNativeParts {
  /** Of the package `react-native`. */
  readonly AppState: AppStateLike;
  /** The default export of the package `@react-native-community/netinfo`. */
  readonly NetInfo?: NetInfoLike | undefined;
}

/** Whether the app is in the foreground. iOS's `inactive`, as under a system dialog, still is. */
function foreground(AppState: AppStateLike): Watch {
  const isSeen = (state: string | null | undefined) => state !== "background";
  return {
    current: () => isSeen(AppState.currentState),
    watch: (changed) => {
      let was = isSeen(AppState.currentState);
      const subscription = AppState.addEventListener("change", (state) => {
        const now = isSeen(state);
        if (now === was) return;
        was = now;
        changed(now);
      });
      return () => subscription.remove();
    },
  };
}

/** Whether there is a network. What it reaches is not asked: that is Google, which some networks block. */
function connected(NetInfo: NetInfoLike): Watch {
  const watchers = new Set<(now: boolean) => void>();
  let there = true;
  return {
    // While nobody watches, what was known may be outdated, and an attempt tells.
    current: () => there || watchers.size === 0,
    watch: (changed) => {
      let told = false;
      watchers.add(changed);
      const unsubscribe = NetInfo.addEventListener(({ isConnected }) => {
        there = isConnected !== false;
        if (told) changed(there);
      });
      told = true; // What it says before it returns is no change.
      return () => {
        watchers.delete(changed);
        unsubscribe();
      };
    },
  };
}

/**
 * The environment of a React Native app. In the background it lets go of the link, before the system
 * suspends the app; in the foreground the next one is dialled at once. With NetInfo it waits while
 * there is no network, and dials as soon as there is one.
 *
 * React Native has no `crypto.getRandomValues`; pass a `secret` too, unless a polyfill brings one.
 *
 * ```ts
 * import { AppState } from "react-native";
 * import NetInfo from "@react-native-community/netinfo";
 * import { getRandomBytes } from "expo-crypto";
 *
 * const environment = { ...reactNative({ AppState, NetInfo }), secret: getRandomBytes };
 * const realtime = new Realtime(options, environment);
 * ```
 */
export function reactNative({ AppState, NetInfo }: ReactNativeParts): Partial<Environment> {
  const visibility = foreground(AppState);
  return {
    utf8: portableUtf8,
    visibility,
    network: NetInfo ? allOf(visibility, connected(NetInfo)) : visibility,
  };
}
