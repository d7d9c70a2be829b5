/**
 * The names of the events, and what the connection's events carry.
 *
 * @module
 */

/** The names of all events of `Realtime`, `IMClient` and the conversations. */
export const Event = {
  /** The connection was lost. */
  DISCONNECT: "disconnect",
  /** The connection is back; on a client: and it is logged in again. */
  RECONNECT: "reconnect",
  /** The connection is by another transport than before, or it is the first one. */
  TRANSPORT: "transport",
  /** An attempt to connect again begins. */
  RETRY: "retry",
  /** The next attempt to connect again is planned. */
  SCHEDULE: "schedule",
  /** The network is gone, the app is in the background, or `pause()` was called. */
  OFFLINE: "offline",
  /** The network is back, the app is in the foreground, or `resume()` was called. */
  ONLINE: "online",
  /** The connection is back, but the client could not log in again. */
  RECONNECT_ERROR: "reconnecterror",
  /** The number of unread messages of some conversations changed. */
  UNREAD_MESSAGES_COUNT_UPDATE: "unreadmessagescountupdate",
  /** The server ended the client's session, or `close()` did. */
  CLOSE: "close",
  /** The same client logged in with the same tag on another device, and this one is logged out. */
  CONFLICT: "conflict",
  /** Attributes of a conversation changed. */
  CONVERSATION_INFO_UPDATED: "conversationinfoupdated",
  /** The server pushed a command that this version has no use for. */
  UNHANDLED_MESSAGE: "unhandledmessage",
  /** The client was added to a conversation. */
  INVITED: "invited",
  /** The client was removed from a conversation. */
  KICKED: "kicked",
  /** Somebody joined a conversation. */
  MEMBERS_JOINED: "membersjoined",
  /** Somebody left a conversation. */
  MEMBERS_LEFT: "membersleft",
  /** A member's role changed. */
  MEMBER_INFO_UPDATED: "memberinfoupdated",
  /** The client was blocked in a conversation. */
  BLOCKED: "blocked",
  /** The client was unblocked in a conversation. */
  UNBLOCKED: "unblocked",
  /** Members were blocked in a conversation. */
  MEMBERS_BLOCKED: "membersblocked",
  /** Members were unblocked in a conversation. */
  MEMBERS_UNBLOCKED: "membersunblocked",
  /** The client was muted in a conversation. */
  MUTED: "muted",
  /** The client was unmuted in a conversation. */
  UNMUTED: "unmuted",
  /** Members were muted in a conversation. */
  MEMBERS_MUTED: "membersmuted",
  /** Members were unmuted in a conversation. */
  MEMBERS_UNMUTED: "membersunmuted",
  /** A message arrived. */
  MESSAGE: "message",
  /** A message was recalled. */
  MESSAGE_RECALL: "messagerecall",
  /** A message was edited. */
  MESSAGE_UPDATE: "messageupdate",
  /** A message was delivered to the other member. */
  LAST_DELIVERED_AT_UPDATE: "lastdeliveredatupdate",
  /** The other member read on. */
  LAST_READ_AT_UPDATE: "lastreadatupdate",
  /** The conversation's attributes changed. */
  INFO_UPDATED: "infoupdated",
} as const;

/** The name of an event. */
export type Event = (typeof Event)[keyof typeof Event];

/** The connection's events, which `Realtime` emits and each client repeats. */
export interface RealtimeEvents {
  /** The connection was lost. */
  disconnect: [];
  /** The connection is back; on a client: and it is logged in again. */
  reconnect: [];
  /** The connection is by another transport than before, or it is the first: what carries it. */
  transport: [name: string];
  /** An attempt to connect again begins; the first is 0. */
  retry: [attempt: number];
  /** An attempt to connect again is planned, `delay` ms from now. */
  schedule: [attempt: number, delay: number];
  /** The network is gone, the app is in the background, or `pause()` was called. */
  offline: [];
  /** The network is back, the app is in the foreground, or `resume()` was called. */
  online: [];
}
