/**
 * Queries for conversations.
 *
 * @module
 */
import type { MessageOf } from "../protocol/mod.ts";
import type { ConversationBase } from "./conversations/conversation_base.ts";
import type { CallOptions } from "./call_options.ts";
import { jsonObject } from "./json_object.ts";

type Where = Record<string, unknown>;

/** What a query asks. */
export interface QueryHost {
  /** The client's id. */
  readonly clientId: string;
  /** Finds conversations. */
  readonly query: (
    query: MessageOf<"ConvCommand">,
    options?: CallOptions,
  ) => Promise<ConversationBase[]>;
}

/**
 * Finds conversations; without a condition, those that the client is a member of. Conditions on
 * several fields, and several on one field, must all be met.
 *
 * @example
 * ```ts
 * const query = tom.getQuery().startsWith("name", "Tom").greaterThan("attr.size", 3);
 * const conversations = await query.descending("lm").limit(20).find();
 * ```
 */
export class ConversationQuery<T extends ConversationBase = ConversationBase> {
  readonly #host: QueryHost;
  #where: Where = {};
  #sort: string[] = [];
  #limit?: number;
  #skip?: number;
  #compact = false;
  #lastMessages = false;

  /** @internal */
  constructor(host: QueryHost) {
    this.#host = host;
  }

  /** A query for what all of these queries find. */
  static and<T extends ConversationBase>(...queries: ConversationQuery<T>[]): ConversationQuery<T> {
    return ConversationQuery.#joined(queries, { $and: queries });
  }

  /** A query for what any of these queries finds. */
  static or<T extends ConversationBase>(...queries: ConversationQuery<T>[]): ConversationQuery<T> {
    return ConversationQuery.#joined(queries, { $or: queries });
  }

  static #joined<T extends ConversationBase>(
    [first]: readonly ConversationQuery<T>[],
    where: Where,
  ): ConversationQuery<T> {
    if (!first) throw new TypeError("There must be a query at least");
    const joined = new ConversationQuery<T>(first.#host);
    joined.#where = where;
    return joined;
  }

  /** The condition, as it goes out. */
  toJSON(): Record<string, unknown> {
    return this.#where;
  }

  #must(key: string, condition: Where): this {
    const before = this.#where[key];
    return this.equalTo(
      key,
      before?.constructor === Object ? { ...before, ...condition } : condition,
    );
  }

  #matches(key: string, $regex: string, $options?: string): this {
    return this.#must(key, { $regex, $options });
  }

  /** The field is that value; a field that holds an array contains it. */
  equalTo(key: string, value: unknown): this {
    this.#where = { ...this.#where, [key]: value };
    return this;
  }

  /** The field is not that value. */
  notEqualTo(key: string, value: unknown): this {
    return this.#must(key, { $ne: value });
  }

  /** The field is less than that. */
  lessThan(key: string, value: unknown): this {
    return this.#must(key, { $lt: value });
  }

  /** The field is at most that. */
  lessThanOrEqualTo(key: string, value: unknown): this {
    return this.#must(key, { $lte: value });
  }

  /** The field is greater than that. */
  greaterThan(key: string, value: unknown): this {
    return this.#must(key, { $gt: value });
  }

  /** The field is at least that. */
  greaterThanOrEqualTo(key: string, value: unknown): this {
    return this.#must(key, { $gte: value });
  }

  /** The field is there. */
  exists(key: string): this {
    return this.#must(key, { $exists: true });
  }

  /** The field is not there. */
  doesNotExist(key: string): this {
    return this.#must(key, { $exists: false });
  }

  /** The field is one of these values. */
  containedIn(key: string, values: readonly unknown[]): this {
    return this.#must(key, { $in: values });
  }

  /** The field is none of these values. */
  notContainsIn(key: string, values: readonly unknown[]): this {
    return this.#must(key, { $nin: values });
  }

  /** The field holds an array that contains all of these values. */
  containsAll(key: string, values: readonly unknown[]): this {
    return this.#must(key, { $all: values });
  }

  /** The field holds an array of that length. */
  sizeEqualTo(key: string, length: number): this {
    return this.#must(key, { $size: length });
  }

  /** The text in the field contains this. */
  contains(key: string, text: string): this {
    return this.#matches(key, quoted(text));
  }

  /** The text in the field starts with this. */
  startsWith(key: string, prefix: string): this {
    return this.#matches(key, `^${quoted(prefix)}`);
  }

  /** The text in the field ends with this. */
  endsWith(key: string, suffix: string): this {
    return this.#matches(key, `${quoted(suffix)}$`);
  }

  /** The text in the field matches this; of the flags, `i` and `m` count. */
  matches(key: string, regex: RegExp | string): this {
    const { source = regex as string, flags = "" } = regex as RegExp;
    return this.#matches(key, source, flags.replace(/[^im]/g, "") || undefined);
  }

  /** All of these clients are members. */
  containsMembers(members: readonly string[]): this {
    return this.containsAll("m", members);
  }

  /** These clients are the members and nobody else, with this client where `includeSelf` says so. */
  withMembers(members: readonly string[], includeSelf = false): this {
    const all = new Set(includeSelf ? [this.#host.clientId, ...members] : members);
    return this.sizeEqualTo("m", all.size).containsMembers([...all]);
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

  /** Sorts by a field alone, the least first. */
  ascending(key: string): this {
    this.#sort = [];
    return this.addAscending(key);
  }

  /** Sorts what is equal so far by another field, the least first. */
  addAscending(key: string): this {
    this.#sort.push(key);
    return this;
  }

  /** Sorts by a field alone, the greatest first. */
  descending(key: string): this {
    return this.ascending(`-${key}`);
  }

  /** Sorts what is equal so far by another field, the greatest first. */
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
  async find(options?: CallOptions): Promise<T[]> {
    return await this.#host.query({
      where: jsonObject(this),
      sort: this.#sort.join() || undefined,
      limit: this.#limit,
      skip: this.#skip,
      flag: Number(this.#lastMessages) << 1 | Number(this.#compact),
    }, options) as T[];
  }

  /** The first conversation found; the query's limit is one from then on. */
  async first(options?: CallOptions): Promise<T | undefined> {
    return (await this.limit(1).find(options))[0];
  }
}

/** A pattern that matches a text as it is. */
function quoted(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&");
}
