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
  readonly #clientId: string;
  readonly #where: Record<string, unknown> = {};
  #sort?: string;
  #limit?: number;
  #skip?: number;
  #compact = false;
  #lastMessages = false;

  /** @internal */
  constructor(find: Find, clientId: string) {
    this.#find = find;
    this.#clientId = clientId;
  }

  #must(key: string, condition: Record<string, unknown>): this {
    const before = this.#where[key];
    this.#where[key] = { ...(isOperators(before) ? before : undefined), ...condition };
    return this;
  }

  /** The field is that value; a field that holds an array contains it. */
  equalTo(key: string, value: unknown): this {
    this.#where[key] = value;
    return this;
  }

  /** The field is another value. */
  notEqualTo(key: string, value: unknown): this {
    return this.#must(key, { $ne: value });
  }

  /** The field is less. */
  lessThan(key: string, value: unknown): this {
    return this.#must(key, { $lt: value });
  }

  /** The field is less or equal. */
  lessThanOrEqualTo(key: string, value: unknown): this {
    return this.#must(key, { $lte: value });
  }

  /** The field is greater. */
  greaterThan(key: string, value: unknown): this {
    return this.#must(key, { $gt: value });
  }

  /** The field is greater or equal. */
  greaterThanOrEqualTo(key: string, value: unknown): this {
    return this.#must(key, { $gte: value });
  }

  /** The field is one of the values. */
  containedIn(key: string, values: readonly unknown[]): this {
    return this.#must(key, { $in: values });
  }

  /** The field is none of the values. */
  notContainsIn(key: string, values: readonly unknown[]): this {
    return this.#must(key, { $nin: values });
  }

  /** The field's array contains all of the values. */
  containsAll(key: string, values: readonly unknown[]): this {
    return this.#must(key, { $all: values });
  }

  /** The field's array has that many elements. */
  sizeEqualTo(key: string, length: number): this {
    return this.#must(key, { $size: length });
  }

  /** The field is there. */
  exists(key: string): this {
    return this.#must(key, { $exists: true });
  }

  /** The field is not there. */
  doesNotExist(key: string): this {
    return this.#must(key, { $exists: false });
  }

  /** All of these clients are members. */
  containsMembers(members: readonly string[]): this {
    return this.containsAll("m", members);
  }

  /** All of these clients are members, and nobody else; with `includeSelf` this client too. */
  withMembers(members: readonly string[], includeSelf = false): this {
    const all = [...new Set(includeSelf ? [...members, this.#clientId] : members)];
    return this.sizeEqualTo("m", all.length).containsMembers(all);
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

  /** Sorts by a further field, the least first. */
  addAscending(key: string): this {
    return this.ascending(this.#sort ? `${this.#sort},${key}` : key);
  }

  /** Sorts by a field, the greatest first. */
  descending(key: string): this {
    return this.ascending(`-${key}`);
  }

  /** Sorts by a further field, the greatest first. */
  addDescending(key: string): this {
    return this.addAscending(`-${key}`);
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

function isOperators(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null &&
    Object.keys(value).some((key) => key.startsWith("$"));
}

/** A `Date` in a condition goes out as the protocol's date; `JSON.stringify` hands it over as text. */
function dates(this: Record<string, unknown>, key: string, value: unknown): unknown {
  return this[key] instanceof Date ? { __type: "Date", iso: value } : value;
}
