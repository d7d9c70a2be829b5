/** A log that a test reads. @module */
import type { Log, LogFields } from "@curlew/realtime/environment";

/** One line of it. */
export interface LogLine {
  readonly level: keyof Log;
  readonly event: string;
  readonly fields: LogFields | undefined;
}

/** A log that keeps its lines and shows nobody. */
export function listeningLog(): Log & { readonly lines: LogLine[] } {
  const lines: LogLine[] = [];
  const at = (level: keyof Log) => (event: string, fields?: LogFields) =>
    void lines.push({ level, event, fields });
  return { debug: at("debug"), info: at("info"), warn: at("warn"), error: at("error"), lines };
}
