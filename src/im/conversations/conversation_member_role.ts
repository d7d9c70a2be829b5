/** What a member of a conversation may do. @module */

/** What a member of a conversation may do. */
export type ConversationMemberRole = "Owner" | "Manager" | "Member";

/** What a member of a conversation may do. */
export const ConversationMemberRole = {
  /** Who created it. */
  OWNER: "Owner",
  /** May manage the others. */
  MANAGER: "Manager",
  /** Everybody else. */
  MEMBER: "Member",
} as const;
