/** What a member of a conversation is in it. @module */
import type { ConversationMemberRole } from "./conversation_member_role.ts";

/** What a member of a conversation is in it. */
export class ConversationMemberInfo {
  /** Whether the member created the conversation. */
  readonly isOwner: boolean;

  /** @internal */
  constructor(
    /** The conversation's id. */
    readonly conversationId: string,
    /** The member's client id. */
    readonly memberId: string,
    /** What the member may do. */
    readonly role: ConversationMemberRole,
  ) {
    this.isOwner = role === "Owner";
  }

  /** What a person debugging wants to see. */
  toJSON(): object {
    return { ...this };
  }
}
