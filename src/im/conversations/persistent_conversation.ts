/**
 * What every conversation has that is not temporary.
 *
 * @module
 */
import { type MessageOf, RealtimeError } from "../../protocol/mod.ts";
import { pick } from "../pick.ts";
import { joined, left } from "./members.ts";
import { ConversationBase, type ConversationFields } from "./conversation_base.ts";

/** Why an operation failed for some clients. */
export interface OperationFailureError extends Error {
  /** The clients that it failed for. */
  readonly clientIds: string[];
  /** The protocol's number of the error. */
  readonly code?: number | undefined;
  /** What the server adds for people. */
  readonly detail?: string | undefined;
}

/** How an operation on several clients went. */
export interface PartiallySuccess {
  /** The clients that it worked for. */
  readonly successfulClientIds: string[];
  /** Why it failed for the others. */
  readonly failures: OperationFailureError[];
}

/** What the server says about a conversation that is not temporary. */
export interface PersistentFields extends ConversationFields {
  /** Who created it. */
  readonly creator?: string | undefined;
  /** When it was created. */
  readonly createdAt?: Date | undefined;
  /** When it was last changed. */
  readonly updatedAt?: Date | undefined;
  /** Whether this client wants no push notifications from it. */
  readonly muted?: boolean | undefined;
  /** Who wants no push notifications from it. */
  readonly mutedMembers?: string[] | undefined;
  /** Whether it is a service conversation. */
  readonly system?: boolean | undefined;
  /** Whether it is a chat room. */
  readonly transient?: boolean | undefined;
  /** Its name and everything that an app added. */
  readonly attributes?: Record<string, unknown> | undefined;
}

/** A conversation that lasts. */
export class PersistentConversation extends ConversationBase {
  /** The client id of who created it. */
  creator?: string;
  /** When it was created. */
  createdAt?: Date;
  /** When it was last changed. */
  updatedAt?: Date;
  /** Whether this client wants no push notifications from it. */
  muted = false;
  /** Who wants no push notifications from it. */
  mutedMembers?: string[];
  /** Whether it is a service conversation. */
  system = false;
  /** Whether it is a chat room. */
  transient = false;
  #attributes: Record<string, unknown> = {};

  /** @internal */
  override assign(
    { members, lastMessage, lastMessageAt, attributes, ...own }: PersistentFields,
  ): void {
    super.assign({ members, lastMessage, lastMessageAt });
    for (const [key, value] of Object.entries(own)) {
      if (value !== undefined) (this as unknown as Record<string, unknown>)[key] = value;
    }
    if (attributes) this.#attributes = attributes;
    if (this.mutedMembers) this.muted = this.mutedMembers.includes(this.host.clientId);
  }

  /** Its name. */
  get name(): string | undefined {
    return this.get("name") as string | undefined;
  }

  /** An attribute, also one inside another by its path: `get("attr.color")`. */
  get(key: string): unknown {
    if (key in this.#attributes) return this.#attributes[key];
    return key.split(".").reduce<unknown>(
      (value, part) => (value as Record<string, unknown> | null | undefined)?.[part],
      this.#attributes,
    );
  }

  /** Adds clients to it; says for whom that worked, and why not for the others. */
  async add(members: string | string[]): Promise<PartiallySuccess> {
    const result = await this.#change("add", "invite", members);
    this.members = joined(this.members, result.successfulClientIds);
    return result;
  }

  /** Removes clients from it; says for whom that worked, and why not for the others. */
  async remove(members: string | string[]): Promise<PartiallySuccess> {
    const result = await this.#change("remove", "kick", members);
    this.members = left(this.members, result.successfulClientIds);
    return result;
  }

  /** Adds this client to it; rejects with the server's reason (4548 for who is blocked). */
  async join(): Promise<this> {
    return this.#sole(await this.add(this.host.clientId));
  }

  /** Removes this client from it. */
  async quit(): Promise<this> {
    return this.#sole(await this.remove(this.host.clientId));
  }

  async #change(
    op: "add" | "remove",
    action: "invite" | "kick",
    members: string | string[],
  ): Promise<PartiallySuccess> {
    const m = [...new Set([members].flat())].sort();
    const signature = await this.host.sign(this.id, m, action);
    return partial(await this.ask(op, { m, ...signature }));
  }

  #sole({ failures: [failure] }: PartiallySuccess): this {
    if (failure) throw failure;
    return this;
  }

  /** What a person debugging wants to see. */
  override toJSON(): Record<string, unknown> {
    return {
      ...super.toJSON(),
      ...pick(this, "creator,createdAt,updatedAt,muted,mutedMembers,system,transient"),
      ...this.#attributes,
    };
  }
}

function partial({ allowedPids, failedPids }: MessageOf<"ConvCommand">): PartiallySuccess {
  return {
    successfulClientIds: [...allowedPids ?? []],
    failures: (failedPids ?? []).map(({ pids, ...error }) =>
      Object.assign(new RealtimeError(error.reason, error.detail ?? error.reason, error), {
        clientIds: [...pids ?? []],
      })
    ),
  };
}
