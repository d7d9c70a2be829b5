/**
 * What lies outside: clock, chance, log, network. Found by itself, replaceable part by part.
 *
 * @module
 */
export { type Clock, systemClock, type Timer } from "./clock.ts";
export { consoleLog, type Log, type LogFields } from "./log.ts";
export type {
  BodyFetch,
  Environment,
  Fetch,
  FetchAnswer,
  FetchInit,
  Utf8,
  WebSocketConstructor,
  WebSocketLike,
} from "./environment.ts";
export { findEnvironment } from "./find.ts";
export {
  type AppStateLike,
  type NetInfoLike,
  reactNative,
  type ReactNativeParts,
} from "./react_native.ts";
export { portableUtf8 } from "./utf8.ts";
export { allOf, type Watch } from "./watch.ts";
