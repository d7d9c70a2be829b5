/**
 * The conversations that a client knows: one instance for each, whatever the server says about it.
 *
 * @module
 */
import type { MessageOf } from "../../protocol/mod.ts";
import { type Hook, tellOfNew, type Verdict } from "../messages/hooks.ts";
import type { Message } from "../messages/message.ts";
import type { ConversationBase } from "./conversation_base.ts";
import type { CreateConversationOptions, TemporaryConversationOptions } from "./create_options.ts";
import { conversationOf, fieldsOf, fullFieldsOf, lastMessageOf } from "./from_json.ts";
import { jsonObject, objectIn } from "../json_object.ts";
import { checkIds } from "./members.ts";
import type { ConversationHost } from "./host.ts";
import type { CallOptions } from "../call_options.ts";

type Json = Record<string, unknown>;
type UnreadTuple = MessageOf<"UnreadTuple">;

/** What a plugin may do with conversations. */
export interface ConversationHooks {
  /** Called with each new conversation. */
  readonly onConversationCreate?: (conversation: ConversationBase) => void;
  /** Keeps a message that arrived from the app, where it gives `false`; it is acknowledged by then. */
  readonly beforeMessageDispatch?: Hook<
    (message: Message, conversation: ConversationBase) => Verdict
  >;
}

const isTemporary = (cid: string) => cid.startsWith("_tmp:");

/** The conversations that a client knows. */
export class Conversations {
  readonly #host: ConversationHost;
  readonly #hooks: readonly ConversationHooks[];
  readonly #creating = new Set<Promise<unknown>>();
  readonly #known = new Map<string, ConversationBase>();
  readonly #unread = new Map<string, UnreadTuple>();

  /** None is known yet. */
  constructor(host: ConversationHost, hooks: readonly ConversationHooks[]) {
    this.#host = host;
    this.#hooks = hooks;
  }

  /** The client's id. */
  get clientId(): string {
    return this.#host.clientId;
  }

  /** The conversation of that id, if it is known. */
  get(cid: string): ConversationBase | undefined {
    return this.#known.get(cid);
  }

  /** Keeps what is unread for conversations that become known before the notice has had its turn. */
  expect(tuples: readonly UnreadTuple[]): void {
    for (const tuple of tuples) this.#unread.set(tuple.cid, tuple);
  }

  /** The notice has had its turn. */
  expected(tuples: readonly UnreadTuple[]): void {
    for (const tuple of tuples) {
      if (this.#unread.get(tuple.cid) === tuple) this.#unread.delete(tuple.cid);
    }
  }

  /** Takes over a conversation as the server's JSON says it. */
  async upsert(json: Json): Promise<ConversationBase> {
    const cid = String(json.objectId);
    const lastMessage = await lastMessageOf(json, cid, this.#host);
    const conversation = this.#at(cid, json);
    conversation.assign({ ...fieldsOf(json, this.#host.now()), lastMessage });
    return conversation;
  }

  /** The conversation of that id: a new one of the class that the JSON says, where none is known. */
  #at(cid: string, json: Json): ConversationBase {
    const known = this.#known.get(cid);
    if (known) return known;
    const conversation = conversationOf(json, cid, this.#host);
    this.#known.set(cid, conversation);
    const unread = this.#unread.get(cid);
    if (unread) conversation.setUnread(unread.unread, unread.mentioned);
    tellOfNew(this.#hooks, "onConversationCreate", conversation, this.#host.log);
    return conversation;
  }

  /** Takes over a conversation as its `toFullJSON` said it, unless it is known. */
  async parse(json: Json): Promise<ConversationBase> {
    const cid = String(json.id);
    const last = json.lastMessage as object | undefined;
    const lastMessage = last && await this.#host.parse(last);
    const known = this.#known.get(cid);
    if (known) return known;
    const conversation = this.#at(cid, { sys: json.system, tr: json.transient });
    conversation.assign({ ...fullFieldsOf(json, conversation.toFullJSON()), lastMessage });
    return conversation;
  }

  /** Creates a conversation, or finds it; where `temporary` says how long it lives, one that ends. */
  async create(
    { members, transient, unique = !transient, ...attributes }: CreateConversationOptions,
    options?: CallOptions,
    temporary?: TemporaryConversationOptions,
  ): Promise<ConversationBase> {
    const others = transient ? members ?? [] : members;
    checkIds("Option members", others);
    const { clientId } = this.#host;
    const m = [...new Set([...others, clientId])].sort();
    // Pushes wait for those that are being created, and not for an app's own server.
    const signature = await this.#host.sign(null, m, "create", options);
    const create = async () => {
      const { convMessage } = await this.#host.request({
        cmd: "conv",
        op: "start",
        convMessage: {
          m,
          transient: transient || undefined,
          unique: transient ? undefined : unique,
          tempConv: temporary && true,
          tempConvTTL: temporary?.ttl,
          attr: jsonObject(attributes),
          ...signature,
        },
      }, { ...options, once: transient || !unique });
      const { cid = "", cdate, existing, tempConvTTL } = convMessage ?? {};
      // One that was there has a creator, a name and a past of its own.
      const [found] = existing ? await this.find([cid], false, options) : [];
      return found ?? await this.upsert({
        ...attributes,
        objectId: cid,
        m: transient ? [] : m,
        tr: transient,
        c: clientId,
        createdAt: cdate,
        updatedAt: cdate,
        tempConvTTL,
      });
    };
    const created = create();
    this.#creating.add(created);
    try {
      return await created;
    } finally {
      this.#creating.delete(created);
    }
  }

  /** The conversations that are being created have been created, or could not be. */
  async created(): Promise<void> {
    await Promise.allSettled(this.#creating);
  }

  /** Asks the server for conversations. */
  async query(
    query: MessageOf<"ConvCommand">,
    options?: CallOptions,
  ): Promise<ConversationBase[]> {
    const { convMessage } = await this.#host.request({
      cmd: "conv",
      op: "query",
      convMessage: query,
    }, options);
    const found = objectIn<readonly Json[]>(convMessage?.results) ?? [];
    return await Promise.all(found.map((json) => this.upsert(json)));
  }

  /** The conversations of these ids, in their order; those that don't exist are left out. */
  async find(
    cids: readonly string[],
    noCache = false,
    options?: CallOptions,
  ): Promise<ConversationBase[]> {
    const wanted = noCache ? cids : cids.filter((cid) => !this.#known.has(cid));
    const temporary = wanted.filter(isTemporary);
    const lasting = wanted.filter((cid) => !isTemporary(cid));
    const objectId = lasting.length > 1 ? { $in: lasting } : lasting[0];
    const where = jsonObject({ objectId });
    await Promise.all([
      temporary.length && this.query({ tempConvIds: temporary }, options),
      lasting.length && this.query({ where, limit: lasting.length }, options),
    ]);
    return cids.flatMap((cid) => this.#known.get(cid) ?? []);
  }
}
