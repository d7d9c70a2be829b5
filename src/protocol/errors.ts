/**
 * The errors that Curlew throws and sends, and the codes of the protocol.
 *
 * @module
 */

/**
 * The protocol's error and close codes, by their symbolic names. A server sends the name as
 * `reason`, and clients match on it, so a misspelling that is on the wire (`SILIENCED`) stays.
 */
export const ErrorCode = {
  APP_NOT_AVAILABLE: 4100,
  SIGNATURE_FAILED: 4102,
  INVALID_LOGIN: 4103,
  SESSION_REQUIRED: 4105,
  BLACKLISTED: 4106,
  READ_TIMEOUT: 4107,
  LOGIN_TIMEOUT: 4108,
  FRAME_TOO_LONG: 4109,
  INVALID_ORIGIN: 4110,
  SESSION_CONFLICT: 4111,
  SESSION_TOKEN_EXPIRED: 4112,
  APP_QUOTA_EXCEEDED: 4113,
  UNPARSEABLE_RAW_MESSAGE: 4114,
  KICKED_BY_APP: 4115,
  MESSAGE_SENT_QUOTA_EXCEEDED: 4116,
  UNBIND_INSTALLATION_FAILED: 4117,
  INTERNAL_ERROR: 4200,
  SEND_MESSAGE_TIMEOUT: 4201,
  CONVERSATION_INTERNAL_ERROR: 4300,
  CONVERSATION_API_FAILED: 4301,
  CONVERSATION_SIGNATURE_FAILED: 4302,
  CONVERSATION_NOT_FOUND: 4303,
  CONVERSATION_FULL: 4304,
  CONVERSATION_REJECTED_BY_APP: 4305,
  CONVERSATION_UPDATE_FAILED: 4306,
  CONVERSATION_READ_ONLY: 4307,
  CONVERSATION_NOT_ALLOWED: 4308,
  CONVERSATION_UPDATE_REJECTED: 4309,
  CONVERSATION_QUERY_FAILED: 4310,
  CONVERSATION_LOG_FAILED: 4311,
  CONVERSATION_LOG_REJECTED: 4312,
  SYSTEM_CONVERSATION_REQUIRED: 4313,
  NORMAL_CONVERSATION_REQUIRED: 4314,
  CONVERSATION_BLACKLISTED: 4315,
  TRANSIENT_CONVERSATION_REQUIRED: 4316,
  CONVERSATION_MEMBERSHIP_REQUIRED: 4317,
  CONVERSATION_API_QUOTA_EXCEEDED: 4318,
  CONVERSATION_OPERATION_UNAUTHORIZED: 4320,
  UNKNOWN_CONVERSATION_ROLE: 4321,
  CONVERSATION_MEMBER_IN_ROLE_FULL: 4322,
  TEMPORARY_CONVERSATION_EXPIRED: 4323,
  CONVERSATION_NEED_OWNER: 4324,
  CONVERSATION_MEMBER_INFO_FEATURE_DISABLED: 4325,
  INVALID_MESSAGING_TARGET: 4401,
  MESSAGE_REJECTED_BY_APP: 4402,
  MESSAGE_OWNERSHIP_REQUIRED: 4403,
  MESSAGE_NOT_FOUND: 4404,
  MESSAGE_UPDATE_REJECTED_BY_APP: 4405,
  MESSAGE_EDIT_DISABLED: 4406,
  MESSAGE_RECALL_DISABLED: 4407,
  MESSAGE_MODIFIED_BY_CENSORSHIP: 4408,
  BLACKLIST_FULL: 4543,
  BLACKLIST_FEATURE_DISABLED: 4544,
  BLACKLIST_SIGNATURE_FAILED: 4546,
  BLOCKED_BY_CONV: 4548,
  SILIENCED_MEMBER_LIST_FULL: 4561,
  SILIENCED: 4563,
} as const;

/** The symbolic name of a protocol error. */
export type ErrorName = keyof typeof ErrorCode;

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
  readonly code?: number;
  /** What the server adds for people. */
  readonly detail?: string;
  /** The code that an app's own hook answered with. */
  readonly appCode?: number;
  /** The text that an app's own hook answered with. */
  readonly appMsg?: string;

  /** An error with its symbolic name, a message for people, and what else is known. */
  constructor(name: string, message: string, details: ErrorDetails = {}) {
    super(message, "cause" in details ? { cause: details.cause } : undefined);
    this.name = name;
    const code = details.code ?? (ErrorCode as Record<string, number>)[name];
    if (code !== undefined) this.code = code;
    if (details.detail !== undefined) this.detail = details.detail;
    if (details.appCode !== undefined) this.appCode = details.appCode;
    if (details.appMsg !== undefined) this.appMsg = details.appMsg;
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
  readonly reason: TransportFailure;
  /** The HTTP status, where there was one. */
  readonly status?: number;
  /** How long the server asked to wait, in ms. */
  readonly retryAfter?: number;

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
    if (details.status !== undefined) this.status = details.status;
    if (details.retryAfter !== undefined) this.retryAfter = details.retryAfter;
  }
}

/** A frame that is no command. */
export class DecodeError extends RealtimeError {
  /** Where in the frame the decoder stopped, in bytes (characters for a text frame). */
  readonly offset: number;

  /** What was wrong, and where. */
  constructor(message: string, offset: number, details: ErrorDetails = {}) {
    super("UNPARSEABLE_RAW_MESSAGE", message, details);
    this.offset = offset;
  }
}
