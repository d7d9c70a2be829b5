/** A conversation that ends by itself. @module */
import { type ErrorCode, RealtimeError } from "../../protocol/mod.ts";
import { pick } from "../pick.ts";
import { ConversationBase, type ConversationFields } from "./conversation_base.ts";
import type { ConversationHost } from "./host.ts";

// Their types alone come from the table, so that no client ships it.
const NOT_FOUND: (typeof ErrorCode)["CONVERSATION_NOT_FOUND"] = 4303;
const EXPIRED: (typeof ErrorCode)["TEMPORARY_CONVERSATION_EXPIRED"] = 4323;

/** What the server says about a temporary conversation. */
export interface TemporaryFields extends ConversationFields {
  /** When it ends. */
  readonly expiredAt?: Date | undefined;
}

/** A conversation that ends by itself after a time; whatever is asked of it then rejects with 4323. */
export class TemporaryConversation extends ConversationBase {
  /** When it ends. */
  declare expiredAt: Date;

  /** @internal */
  constructor(host: ConversationHost, id: string) {
    super({
      ...host,
      request: async (command, options) => {
        if (this.expired) throw expired();
        try {
          return await host.request(command, options);
        } catch (error) {
          // The server forgets those that ended.
          throw (error as RealtimeError).code === NOT_FOUND ? expired(error) : error;
        }
      },
    }, id);
  }

  /** Whether it has ended. */
  get expired(): boolean {
    return !!this.expiredAt && this.expiredAt.getTime() <= this.host.now();
  }

  /** @internal */
  override assign({ members, lastMessage, lastMessageAt, expiredAt }: TemporaryFields): void {
    const fields: TemporaryFields = { members, lastMessage, lastMessageAt, expiredAt };
    super.assign(fields);
  }

  /** What a person debugging wants to see. */
  override toJSON(): Record<string, unknown> {
    return { ...super.toJSON(), ...pick(this, "expiredAt,expired") };
  }
}

function expired(cause?: unknown): RealtimeError {
  return new RealtimeError("TEMPORARY_CONVERSATION_EXPIRED", "The conversation has ended", {
    code: EXPIRED,
    cause,
  });
}
