/**
 * What every conversation has that is not temporary.
 *
 * @module
 */
import type { MessageOf, OpType } from "../../protocol/mod.ts";
import { dateOf } from "../date_of.ts";
import { jsonObject, objectIn } from "../json_object.ts";
import { pick } from "../pick.ts";
import {
  at,
  type AttributeAt,
  type AttributePath,
  type Attributes,
  type NameIn,
  withPath,
} from "./attributes.ts";
import type { Unstated } from "../unstated.ts";
import { ConversationBase, type ConversationFields } from "./conversation_base.ts";
import type { ConversationAction } from "./host.ts";
import type { CallOptions } from "../call_options.ts";
import { joined, left, partial, type PartiallySuccess, sole } from "./members.ts";

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
  readonly attributes?: Attributes | undefined;
}

/** Which part of a list is wanted. */
export interface PagedQueryParams {
  /** How many at most; the server gives 10 without it. */
  readonly limit?: number | undefined;
  /** Where to go on: what the page before gave. */
  readonly next?: string | undefined;
}

/** A part of a list. */
export interface PagedResults<T> {
  /** What is in it. */
  readonly results: T[];
  /** Where to go on; missing where nothing is left. */
  readonly next: string;
}

/**
 * A conversation that lasts. Its attributes may be anything, unless a program says what they are:
 * `PersistentConversation<{ color: string }>`.
 */
export class PersistentConversation<A extends object = Unstated> extends ConversationBase {
  /** The client id of who created it. */
  declare creator: string;
  /** When it was created. */
  declare createdAt: Date;
  /** When it was last changed. */
  declare updatedAt: Date;
  /** Whether this client wants no push notifications from it. */
  override muted = false;
  /** Who wants no push notifications from it. */
  declare mutedMembers?: string[];
  /** Whether it is a service conversation. */
  override system = false;
  /** Whether it is a chat room. */
  override transient = false;
  #attributes: Attributes = {};
  /** The paths of what was set and not saved yet. */
  readonly #unsaved = new Set<string>();

  /** @internal */
  override assign({ attributes, ...own }: PersistentFields): void {
    super.assign(own);
    if (attributes) {
      const set = this.#attributes;
      this.#attributes = attributes;
      for (const path of this.#unsaved) this.#set(path, at(set, path));
    }
    if (this.mutedMembers) this.muted = this.mutedMembers.includes(this.host.clientId);
  }

  /** Its name. */
  override get name(): NameIn<A> {
    return this.get("name" as never) as NameIn<A>;
  }

  /** Its name; like an attribute, it is kept by `save()`. */
  override set name(name: NameIn<A>) {
    this.set("name" as never, name as never);
  }

  /** An attribute, also one inside another by its path: `get("attr.color")`. */
  get<Path extends AttributePath<A>>(key: Path): AttributeAt<A, Path> {
    return at(this.#attributes, key) as AttributeAt<A, Path>;
  }

  /**
   * Sets an attribute, also one inside another by its path; `save()` keeps it.
   *
   * @example
   * ```ts
   * await conversation.set("attr.color", "red").save();
   * ```
   */
  set<Path extends AttributePath<A>>(key: Path, value: AttributeAt<A, Path>): this {
    this.#set(key, value);
    this.#unsaved.add(key);
    return this;
  }

  #set(path: string, value: unknown): void {
    this.#attributes = withPath(this.#attributes, path.split("."), value);
  }

  /** Keeps what was set: all members hear of it. */
  async save(options?: CallOptions): Promise<this> {
    const set = [...this.#unsaved];
    if (!set.length) return this;
    // What is inside something that was set goes with that.
    const paths = set.filter((path) => !set.some((other) => path.startsWith(`${other}.`)));
    const changes = Object.fromEntries(paths.map((path) => [path, this.get(path as never)]));
    this.#unsaved.clear();
    try {
      const attr = jsonObject(changes);
      this.updated(changes, await this.ask("update", { attr }, options));
    } catch (error) {
      for (const path of set) this.#unsaved.add(path);
      throw error;
    }
    return this;
  }

  /**
   * Takes over how attributes are after a change.
   *
   * @internal
   */
  updated(changes: Attributes, { attrModified, udate }: MessageOf<"ConvCommand">): void {
    const attributes: Record<string, unknown> = { ...this.#attributes };
    for (const path of Object.keys(changes)) delete attributes[path.split(".", 1)[0]!];
    this.assign({
      attributes: { ...attributes, ...objectIn(attrModified) },
      updatedAt: dateOf(udate),
    });
  }

  /** Asks the server what the conversation is like now. */
  async fetch(options?: CallOptions): Promise<this> {
    await this.host.find([this.id], true, options);
    return this;
  }

  /** Wants no push notifications from it. */
  mute(options?: CallOptions): Promise<this> {
    return this.#mute("mute", joined, options);
  }

  /** Wants push notifications from it again. */
  unmute(options?: CallOptions): Promise<this> {
    return this.#mute("unmute", left, options);
  }

  async #mute(op: OpType, change: typeof joined, options?: CallOptions): Promise<this> {
    await this.ask(op, {}, options);
    this.assign({ mutedMembers: change(this.mutedMembers ?? [], [this.host.clientId]) });
    return this;
  }

  /** Adds clients to it; says for whom that worked, and why not for the others. */
  add(members: string | string[], options?: CallOptions): Promise<PartiallySuccess> {
    return this.#members("add", members, options, "invite", joined);
  }

  /** Removes clients from it; says for whom that worked, and why not for the others. */
  remove(members: string | string[], options?: CallOptions): Promise<PartiallySuccess> {
    return this.#members("remove", members, options, "kick", left);
  }

  /** Adds this client to it; rejects with the server's reason (4548 for who is blocked). */
  async join(options?: CallOptions): Promise<this> {
    return sole(await this.add(this.host.clientId, options), this);
  }

  /** Removes this client from it. */
  async quit(options?: CallOptions): Promise<this> {
    return sole(await this.remove(this.host.clientId, options), this);
  }

  /** Keeps clients from sending to it; says for whom that worked, and why not for the others. */
  muteMembers(clientIds: string | string[], options?: CallOptions): Promise<PartiallySuccess> {
    return this.#members("add_shutup", clientIds, options);
  }

  /** Lets clients send to it again; says for whom that worked, and why not for the others. */
  unmuteMembers(clientIds: string | string[], options?: CallOptions): Promise<PartiallySuccess> {
    return this.#members("remove_shutup", clientIds, options);
  }

  /** Removes clients from it and keeps them out; says for whom that worked, and why not for others. */
  blockMembers(clientIds: string | string[], options?: CallOptions): Promise<PartiallySuccess> {
    return this.#members("block", clientIds, options, "conversation-block-clients", left);
  }

  /** Lets clients come back; says for whom that worked, and why not for the others. */
  unblockMembers(clientIds: string | string[], options?: CallOptions): Promise<PartiallySuccess> {
    return this.#members("unblock", clientIds, options, "conversation-unblock-clients");
  }

  async #members(
    op: OpType,
    clients: string | string[],
    options?: CallOptions,
    action?: ConversationAction,
    change?: typeof joined,
  ): Promise<PartiallySuccess> {
    const m = [...new Set([clients].flat())].sort();
    const signature = action && await this.host.sign(this.id, m, action, options);
    const reply =
      await (op.endsWith("block")
        ? this.#blacklist(op, { toPids: m, ...signature }, options)
        : this.ask(op, { m, ...signature }, options));
    const result = partial(reply);
    if (change) this.members = change(this.members, result.successfulClientIds);
    return result;
  }

  /** Who may not send to it, a page at a time. */
  async queryMutedMembers(
    { signal, ...page }: PagedQueryParams & CallOptions = {},
  ): Promise<PagedResults<string>> {
    const reply = await this.ask("query_shutup", page, { signal });
    return { results: [...reply.m ?? []], next: reply.next! };
  }

  /** Who is kept out of it, a page at a time. */
  async queryBlockedMembers(
    { signal, ...page }: PagedQueryParams & CallOptions = {},
  ): Promise<PagedResults<string>> {
    const reply = await this.#blacklist("query", page, { signal });
    return { results: [...reply.blockedPids ?? []], next: reply.next! };
  }

  async #blacklist(op: OpType, list: MessageOf<"BlacklistCommand">, options?: CallOptions) {
    const blacklistMessage = { ...list, srcCid: this.id };
    const reply = await this.host.request({ cmd: "blacklist", op, blacklistMessage }, options);
    return reply.blacklistMessage ?? {};
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
