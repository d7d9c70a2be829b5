/**
 * What conversations tell.
 *
 * @module
 */
import type { Unstated } from "../unstated.ts";
import type { ConversationMemberInfo } from "./conversation_member_info.ts";
import type { Message } from "../messages/message.ts";

/** A message that was sent, or what tells which one it is. */
export type MessagePointer = Message | {
  /** Its id. */
  readonly id: string;
  /** When it was sent. */
  readonly timestamp: Date | number;
};

/** Why the server changed or recalled a message by itself. */
export interface PatchReason {
  /** The protocol's number. */
  readonly code: number;
  /** What the server adds for people. */
  readonly detail?: string | undefined;
}

/** The events of a conversation that the client emits too, with the conversation. */
export interface SharedEvents {
  /** A message arrived. */
  message: [message: Message];
  /** A message was changed: what it says now, and why where the server did it by itself. */
  messageupdate: [message: Message, reason: PatchReason | undefined];
  /** A message was recalled: what is left of it. */
  messagerecall: [message: Message, reason: PatchReason | undefined];
  /** The client was added. */
  invited: [payload: { invitedBy: string }];
  /** The client was removed. */
  kicked: [payload: { kickedBy: string }];
  /** Somebody joined. */
  membersjoined: [payload: { members: string[]; invitedBy: string }];
  /** Somebody left. */
  membersleft: [payload: { members: string[]; kickedBy: string }];
  /** A member has another role. */
  memberinfoupdated: [payload: {
    member: string;
    memberInfo: ConversationMemberInfo;
    updatedBy: string;
  }];
  /** The client was blocked. */
  blocked: [payload: { blockedBy: string }];
  /** The client was unblocked. */
  unblocked: [payload: { unblockedBy: string }];
  /** Members were blocked. */
  membersblocked: [payload: { members: string[]; blockedBy: string }];
  /** Members were unblocked. */
  membersunblocked: [payload: { members: string[]; unblockedBy: string }];
  /** The client may not send any more. */
  muted: [payload: { mutedBy: string }];
  /** The client may send again. */
  unmuted: [payload: { unmutedBy: string }];
  /** Members may not send any more. */
  membersmuted: [payload: { members: string[]; mutedBy: string }];
  /** Members may send again. */
  membersunmuted: [payload: { members: string[]; unmutedBy: string }];
}

/** What the client and the conversation both tell, the client maybe by another name. */
export type AnnouncedEvents = SharedEvents & Pick<ConversationEvents, "infoupdated">;

/** The events of a conversation: those that the client emits too, and its own. */
export interface ConversationEvents extends SharedEvents {
  /** A message of this client's was delivered to the other one of two. */
  lastdeliveredatupdate: [];
  /** The other one of two read on. */
  lastreadatupdate: [];
  /** Attributes changed: by their paths, as they were set. */
  infoupdated: [payload: { attributes: Record<string, Unstated>; updatedBy: string }];
  /** With the plugin `groupReceipts`: members have read on; those alone, by their ids, until when. */
  lastreadtimestampsupdate: [updated: Readonly<Record<string, Date>>];
}
