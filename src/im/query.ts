/**
 * Queries for conversations.
 *
 * @module
 */
import type { MessageOf } from "../protocol/mod.ts";
import type { ConversationBase } from "./conversations/conversation_base.ts";

type Find = (query: MessageOf<"ConvCommand">) => Promise<ConversationBase[]>;

/** Finds conversations; without a condition, those that the client is a member of. */
export class ConversationQuery<T extends ConversationBase = ConversationBase> {
  readonly #find: Find;
  readonly #where: Record<string, unknown> = {};
  #sort?: string;
  #limit?: number;
  #skip?: number;
  #compact = false;
  #lastMessages = false;

  /** @internal */
  constructor(find: Find) {
    this.#find = find;
  }

  /** The field is that value; a field that holds an array contains it. */
  equalTo(key: string, value: unknown): this {
    this.#where[key] = value;
    return this;
  }

  /** All of these clients are members. */
  containsMembers(members: readonly string[]): this {
    return this.equalTo("m", { $all: members });
  }

  /** At most so many. */
  limit(limit: number): this {
    this.#limit = limit;
    return this;
  }

  /** Leaves out the first so many. */
  skip(skip: number): this {
    this.#skip = skip;
    return this;
  }

  /** Sorts by a field, the least first. */
  ascending(key: string): this {
    this.#sort = key;
    return this;
  }

  /** Sorts by a field, the greatest first. */
  descending(key: string): this {
    return this.ascending(`-${key}`);
  }

  /** Leaves the members out of the answer. */
  compact(enabled = true): this {
    this.#compact = enabled;
    return this;
  }

  /** Asks for each conversation's last message too. */
  withLastMessagesRefreshed(enabled = true): this {
    this.#lastMessages = enabled;
    return this;
  }

  /** The conversations found. */
  find(): Promise<T[]> {
    return this.#run(this.#limit);
  }

  async #run(limit: number | undefined): Promise<T[]> {
    return await this.#find({
      where: { data: JSON.stringify(this.#where, dates) },
      sort: this.#sort,
      limit,
      skip: this.#skip,
      flag: Number(this.#lastMessages) << 1 | Number(this.#compact),
    }) as T[];
  }

  /** The first conversation found. */
  async first(): Promise<T | undefined> {
    return (await this.#run(1))[0];
  }
}

/** A `Date` in a condition goes out as the protocol's date; `JSON.stringify` hands it over as text. */
function dates(this: Record<string, unknown>, key: string, value: unknown): unknown {
  return this[key] instanceof Date ? { __type: "Date", iso: value } : value;
}
