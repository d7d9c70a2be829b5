/**
 * The errors that Curlew throws.
 *
 * @module
 */

/** What a {@link RealtimeError} carries beside its message. */
export interface ErrorDetails {
  /** The protocol's number, where the error has one. */
  readonly code?: number | undefined;
  /** What caused it. */
  readonly cause?: unknown;
  /** What the server adds for people. */
  readonly detail?: string | undefined;
  /** The code that an app's own hook answered with. */
  readonly appCode?: number | undefined;
  /** The text that an app's own hook answered with. */
  readonly appMsg?: string | undefined;
}

/**
 * Every error of Curlew that is not a bad argument (those are `TypeError`s). Its `name` is the
 * symbolic name, such as `SESSION_CONFLICT` or `COMMAND_TIMEOUT`; match on that or on `code`.
 */
export class RealtimeError extends Error {
  /** The protocol's number, where the error has one. */
  declare readonly code: number | undefined;
  /** What the server adds for people. */
  declare readonly detail: string | undefined;
  /** The code that an app's own hook answered with. */
  declare readonly appCode: number | undefined;
  /** The text that an app's own hook answered with. */
  declare readonly appMsg: string | undefined;

  /** An error with its symbolic name, a message for people, and what else is known. */
  constructor(name: string, message: string, details: ErrorDetails = {}) {
    super(message, details);
    this.name = name;
    this.code = details.code;
    this.detail = details.detail;
    this.appCode = details.appCode;
    this.appMsg = details.appMsg;
  }
}

/** Why a transport could not open a link, or lost one. */
export type TransportFailure =
  | "unreachable"
  | "refused"
  | "subprotocol"
  | "timeout"
  | "not-curlew"
  | "busy";

/** A link that could not be opened, or broke. */
export class TransportError extends RealtimeError {
  /** What kind of failure it was. */
  declare readonly reason: TransportFailure;
  /** The HTTP status, where there was one. */
  declare readonly status: number | undefined;
  /** How long the server asked to wait, in ms. */
  declare readonly retryAfter: number | undefined;

  /** A failure with its reason and a message that says what to do about it. */
  constructor(
    reason: TransportFailure,
    message: string,
    details: ErrorDetails & {
      readonly status?: number | undefined;
      readonly retryAfter?: number | undefined;
    } = {},
  ) {
    super("TRANSPORT_ERROR", message, details);
    this.reason = reason;
    this.status = details.status;
    this.retryAfter = details.retryAfter;
  }
}

/** A frame that is no command. */
export class DecodeError extends RealtimeError {
  /**
   * Where in the frame the decoder stopped, in bytes (characters for a text frame). In a base64 frame
   * that is base64, but not of a command: where in the bytes that it stands for.
   */
  declare readonly offset: number;

  /** What was wrong, and where. */
  constructor(message: string, offset: number, details: ErrorDetails = {}) {
    super("UNPARSEABLE_RAW_MESSAGE", message, { code: 4114, ...details });
    this.offset = offset;
  }
}
