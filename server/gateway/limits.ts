/** What a stranger may take. @module */

/** Bounds of the channels of long-poll. Times are in ms, sizes in bytes. */
export interface ChannelLimits {
  /** How long a poll is held at most. */
  readonly pollHold: number;
  /** How long a channel is kept that nobody polls. */
  readonly channelKeep: number;
  /** How long a channel may live on which nobody logs in. */
  readonly channelLogin: number;
  /** How much may wait in a channel on which nobody has logged in, in each direction. */
  readonly channelPending: number;
  /** How large the body of one request may be, and of one answer, unless a single frame is larger. */
  readonly batch: number;
  /** How large one frame of a client may be; a larger one ends its channel with 1009. */
  readonly message: number;
  /** How many channels one address may have. */
  readonly channelsPerAddress: number;
  /** How many channels there may be in all. */
  readonly channels: number;
}

/** Bounds of one link. Times are in ms, sizes in bytes. */
export interface Limits extends ChannelLimits {
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
  pollHold: 25_000,
  channelKeep: 60_000,
  channelLogin: 10_000,
  channelPending: 65_536,
  batch: 262_144,
  message: 65_536,
  channelsPerAddress: 500,
  channels: 10_000,
};
