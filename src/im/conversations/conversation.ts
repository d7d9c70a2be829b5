/** An ordinary conversation, and what its members may do. @module */
import { type ErrorCode, RealtimeError } from "../../protocol/mod.ts";
import type { Unstated } from "../unstated.ts";
import type { CallOptions } from "../call_options.ts";
import { ConversationMemberInfo } from "./conversation_member_info.ts";
import type { ConversationMemberRole } from "./conversation_member_role.ts";
import type { ConversationProperties } from "./conversation_properties.ts";
import { PersistentConversation } from "./persistent_conversation.ts";

/** Its type alone comes from the table, so that no client ships it. */
const OWNER_PROMOTION_NOT_ALLOWED: (typeof ErrorCode)["OWNER_PROMOTION_NOT_ALLOWED"] = 5130;

/** What the REST interface says of who has a role of his own. */
interface Rows {
  readonly results: readonly {
    readonly clientId: string;
    readonly role: ConversationMemberRole;
  }[];
}

/** With what an app adds to it. */
export interface Conversation<A extends object = Unstated> extends ConversationProperties {}

/** An ordinary conversation: of two, or of a group. */
export class Conversation<A extends object = Unstated> extends PersistentConversation<A> {
  /** The roles of those who are no mere members, once they were asked for. */
  #roles: Map<string, ConversationMemberRole> | undefined;

  /** The roles of all members. What is known is not asked for again unless `noCache` says so. */
  async getAllMemberInfo(
    { noCache, signal }: { readonly noCache?: boolean | undefined } & CallOptions = {},
  ): Promise<ConversationMemberInfo[]> {
    if (noCache || !this.#roles) {
      const rows: unknown = await this.host.rest(
        "classes/_ConversationMemberInfo",
        `cid=${this.id}`,
        { signal },
      );
      this.#roles = new Map((rows as Rows).results.map(({ clientId, role }) => [clientId, role]));
    }
    return this.members.map((id) => this.roleChanged(id, this.#roles?.get(id)));
  }

  /** The role of a member; rejects with a `TypeError` for who is none. */
  async getMemberInfo(memberId: string, options?: CallOptions): Promise<ConversationMemberInfo> {
    const info = (await this.getAllMemberInfo(options)).find((each) => each.memberId === memberId);
    if (!info) throw new TypeError(`${memberId} is no member`);
    return info;
  }

  /** Gives a member another role; nobody can be made the owner (5130). */
  async updateMemberRole(
    memberId: string,
    role: ConversationMemberRole,
    options?: CallOptions,
  ): Promise<this> {
    if (role === "Owner") {
      throw new RealtimeError("OWNER_PROMOTION_NOT_ALLOWED", "Nobody can be made the owner", {
        code: OWNER_PROMOTION_NOT_ALLOWED,
      });
    }
    await this.ask("member_info_update", {
      targetClientId: memberId,
      info: { pid: memberId, role },
    }, options);
    this.roleChanged(memberId, role);
    return this;
  }

  /**
   * Takes over a member's role, where the others' are known.
   *
   * @internal
   */
  roleChanged(memberId: string, role: ConversationMemberRole = "Member"): ConversationMemberInfo {
    this.#roles?.set(memberId, role);
    return new ConversationMemberInfo(
      this.id,
      memberId,
      memberId === this.creator ? "Owner" : role,
    );
  }
}
