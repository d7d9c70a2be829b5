/** Where the log goes. @module */

/** What a log line says beside its event. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Takes log lines: an event in plain English and its fields. */
export interface Log {
  /** For whoever debugs the library. */
  readonly debug: (event: string, fields?: LogFields) => void;
  /** Worth knowing. */
  readonly info: (event: string, fields?: LogFields) => void;
  /** Something was wrong and was dealt with. */
  readonly warn: (event: string, fields?: LogFields) => void;
  /** Something failed. */
  readonly error: (event: string, fields?: LogFields) => void;
}

/** Warnings and errors to the console, nothing else. */
export const consoleLog: Log = {
  debug: () => {},
  info: () => {},
  warn: (event, fields) => console.warn(`Curlew: ${event}`, fields ?? ""),
  error: (event, fields) => console.error(`Curlew: ${event}`, fields ?? ""),
};
