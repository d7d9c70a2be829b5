/** What a stranger may take. @module */

/** Bounds of one link. Times are in ms, sizes in bytes. */
export interface Limits {
  /** How long a link may live without a session. */
  readonly loginTimeout: number;
  /** How many sessions one link may carry. */
  readonly sessionsPerLink: number;
  /** How much may wait to be sent to one link before it is closed. */
  readonly pending: number;
  /** How large the commands of one link may be together that wait for an answer. */
  readonly unanswered: number;
}

/** What holds where nothing else is said. */
export const usualLimits: Limits = {
  loginTimeout: 60_000,
  sessionsPerLink: 20,
  pending: 1_048_576,
  unanswered: 1_048_576,
};
