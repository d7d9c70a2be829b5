/** An ordinary conversation, and what its members may do. @module */
import { type ErrorCode, RealtimeError } from "../../protocol/mod.ts";
import type { ConversationMemberRole } from "./conversation_member_role.ts";
import { PersistentConversation } from "./persistent_conversation.ts";

/** Its type alone comes from the table, so that no client ships it. */
const OWNER_PROMOTION_NOT_ALLOWED: (typeof ErrorCode)["OWNER_PROMOTION_NOT_ALLOWED"] = 5130;

/** An ordinary conversation: of two, or of a group. */
export class Conversation extends PersistentConversation {
  /** Gives a member another role; nobody can be made the owner (5130). */
  async updateMemberRole(memberId: string, role: ConversationMemberRole): Promise<this> {
    if (role === "Owner") {
      throw new RealtimeError("OWNER_PROMOTION_NOT_ALLOWED", "Nobody can be made the owner", {
        code: OWNER_PROMOTION_NOT_ALLOWED,
      });
    }
    await this.ask("member_info_update", {
      targetClientId: memberId,
      info: { pid: memberId, role },
    });
    return this;
  }
}
