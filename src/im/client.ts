/**
 * A client: somebody who is logged in.
 *
 * @module
 */
import { Pushes, type PushHost } from "./pushes.ts";
import { announce, EventEmitter } from "../connection/event_emitter.ts";
import { Cancellation } from "../connection/cancel.ts";
import type { Connection } from "../connection/connection.ts";
import type { Environment } from "../environment/mod.ts";
import type { Command, ErrorCode } from "../protocol/mod.ts";
import type { IMClientEvents } from "./client_events.ts";
import type { ConversationBase } from "./conversations/conversation_base.ts";
import type { Unstated } from "./unstated.ts";
import type { AnyConversation } from "./conversations/any_conversation.ts";
import type { Conversation } from "./conversations/conversation.ts";
import type { ChatRoom } from "./conversations/chat_room.ts";
import type { ServiceConversation } from "./conversations/service_conversation.ts";
import type { TemporaryConversation } from "./conversations/temporary_conversation.ts";
import type {
  ConversationOptions,
  CreateConversationOptions,
  TemporaryConversationOptions,
} from "./conversations/create_options.ts";
import { type ConversationHooks, Conversations } from "./conversations/conversations.ts";
import type { PersistentConversation } from "./conversations/persistent_conversation.ts";
import { arriving } from "./arriving.ts";
import { type MessageContent, through } from "./messages/decoders.ts";
import { each, type Hook, tellOfNew, type Verdict } from "./messages/hooks.ts";
import type { CallOptions } from "./call_options.ts";
import { checkIds } from "./conversations/members.ts";
import type { Message } from "./messages/message.ts";
import type { AVMessage, MessageHooks, MessageParser } from "./messages/message_parser.ts";
import { fromFullJSON, receive } from "./messages/receive.ts";
import { ConversationQuery } from "./query.ts";
import { Receipts } from "./receipts.ts";
import { Session, type SessionOptions } from "./session.ts";
import { type ClientSignatures, sign } from "./signature.ts";
import { uuidOf } from "./uuid.ts";

/** Its type alone comes from the table, so that no client ships it. */
const SESSION_CONFLICT: (typeof ErrorCode)["SESSION_CONFLICT"] = 4111;

/** How many messages a client remembers, to dispatch none twice. */
const REMEMBERED = 1000;

/** What a plugin may do with clients and conversations. */
export interface ClientHooks<in App = unknown> extends MessageHooks, ConversationHooks {
  /** Called with each new client, before it logs in. */
  readonly onIMClientCreate?: (client: IMClient) => void;
  /** Keeps a command that the server pushed from the client that it is for, where it gives `false`. */
  readonly beforeCommandDispatch?: Hook<(command: Command, realtime: App) => Verdict>;
}

/** @internal */
export interface IMClientParts {
  readonly connection: Connection;
  readonly environment: Environment;
  readonly session: SessionOptions;
  readonly signatures: ClientSignatures;
  readonly parser: MessageParser;
  readonly plugins: readonly ClientHooks<never>[];
  /** What plugins get to see of the app. */
  readonly realtime: unknown;
  /** What the REST interface answers, by a path after `/1.1/`, to more headers than the app's. */
  readonly rest: (
    path: string,
    headers: Readonly<Record<string, string>>,
    options?: CallOptions,
  ) => Promise<Readonly<Record<string, unknown>>>;
  /** The client takes nothing more; its id is free for another. */
  readonly leave: (client: IMClient) => void;
  /** The client is logged out; resolves when nothing of it is left. */
  readonly left: () => Promise<void>;
}

/** Somebody who is logged in. Made by {@link Realtime.createIMClient}. */
export class IMClient extends EventEmitter<IMClientEvents> {
  /** @internal */
  declare readonly session: Session;
  readonly #parts: IMClientParts;
  readonly #receipts: Receipts;
  readonly #host: PushHost;
  readonly #conversations: Conversations;
  readonly #seen = new Set<string>();
  /** Set off when the client leaves. */
  readonly #left = new Cancellation();
  readonly #pushes: Pushes;
  #closing: Promise<void> | undefined;

  /** @internal */
  constructor(parts: IMClientParts) {
    super();
    this.#parts = parts;
    const { connection, environment, session } = parts;
    this.#receipts = new Receipts(environment.clock, (command) => this.session.push(command));
    this.session = new Session(connection, session, environment, {
      reopened: () => {
        this.#receipts.reopened();
        this.tell("reconnect");
        void this.#pushes.catchUp();
      },
      failed: (error) => this.tell("reconnecterror", error),
      ended: (code, reason) => {
        void this.leave();
        if (code === SESSION_CONFLICT) this.tell("conflict", { reason });
        else this.tell("close", { code, reason });
      },
    });
    this.#host = this.#createHost();
    this.#conversations = new Conversations(this.#host, parts.plugins);
    this.#pushes = new Pushes(this.#host, this.#conversations, this.session);
    tellOfNew(parts.plugins, "onIMClientCreate", this, environment.log);
  }

  /** The client's id. */
  get id(): string {
    return this.session.id ?? "";
  }

  /**
   * Emits an event; what a listener throws reaches the log and nobody else.
   *
   * @internal
   */
  tell<K extends keyof IMClientEvents>(event: K, ...args: IMClientEvents[K]): void {
    this.#emitOn(this, event, args);
  }

  #emitOn(emitter: object, event: string, args: unknown[]): void {
    announce(emitter, event, args, this.#parts.environment.log);
  }

  #createHost(): PushHost {
    const { environment, signatures, parser, plugins } = this.#parts;
    const { log } = environment;
    const id = () => this.id;
    let encoded = Promise.resolve<MessageContent>("");
    return {
      get clientId() {
        return id();
      },
      log,
      request: (command, options) => this.session.request(command, options),
      sign: (cid, targets, action, options) => {
        const factory = action.includes("block")
          ? signatures.blacklistSignatureFactory
          : signatures.conversationSignatureFactory;
        return sign(factory && (() => factory(cid, this.id, [...targets], action)), options);
      },
      receive: (arriving) => receive(parser, this.id, arriving, plugins),
      parse: (json) => this.parseMessage(json),
      encode: (content, cid) =>
        // One after the other, so that messages go out in the order in which they are sent.
        encoded = encoded.catch(() => content).then(() =>
          through(plugins, "encode", content, { cid, from: this.id })
        ),
      receipts: this.#receipts,
      unreadChanged: (cid) =>
        this.tell("unreadmessagescountupdate", [this.#conversations.get(cid)!]),
      now: environment.clock.now,
      rest: async (path, query, options) => {
        const token = await this.session.token(options);
        return await this.#parts.rest(
          `${path}?client_id=${encodeURIComponent(this.id)}&${query}`,
          { "X-LC-IM-Session-Token": token },
          options,
        );
      },
      messages: (options) => this.messages(options),
      secretId: () => uuidOf(environment.secret(16)),
      find: (...args) => this.#conversations.find(...args),
      seen: (message) => {
        if (this.#seen.has(message)) return true;
        this.#seen.add(message);
        if (this.#seen.size > REMEMBERED) this.#seen.delete(this.#seen.values().next().value!);
        return false;
      },
      allowed: plugins.length
        ? (hook, ...args) =>
          each(plugins, hook, (ask: (...args: never[]) => unknown) => ask(...args as never[]), log)
        : undefined,
      emit: (event, ...args) => this.tell(event, ...args),
      patched: (timestamp) => this.session.patched(timestamp),
      realtime: this.#parts.realtime,
      left: this.#left,
      announce: (conversation, event, ...[payload, ...rest]) => {
        const here = event === "infoupdated" ? "conversationinfoupdated" : event;
        this.#emitOn(this, here, [payload, conversation, ...rest]);
        this.#emitOn(conversation, event, [payload, ...rest]);
      },
    };
  }

  /**
   * Handles a command that the server pushed.
   *
   * @internal
   */
  dispatch(command: Command): void {
    this.#pushes.take(command);
  }

  /**
   * A message from what {@link Message.toFullJSON} gave.
   *
   * @example
   * ```ts
   * const kept = JSON.stringify(message.toFullJSON());
   * const message = await client.parseMessage(JSON.parse(kept));
   * ```
   */
  async parseMessage<T extends AVMessage = Message>(json: object): Promise<T> {
    return await receive(this.#parts.parser, this.id, fromFullJSON(json)) as AVMessage as T;
  }

  /**
   * The conversation of that id, or `null` where there is none. A known one is not asked for again
   * unless `noCache` says so; it is always the same instance.
   *
   * Its type says that it may be `null`, and not more of its kind than is known, where the attributes
   * are stated: `getConversation<{ color?: string }>(id)`. Otherwise it is as LeanCloud declares it.
   */
  getConversation(id: string, noCache?: boolean, options?: CallOptions): Promise<AnyConversation>;
  /** The same, with attributes as stated. */
  getConversation<A extends object>(
    id: string,
    noCache?: boolean,
    options?: CallOptions,
  ): Promise<PersistentConversation<A> | null>;
  async getConversation(
    id: string,
    noCache?: boolean,
    options?: CallOptions,
  ): Promise<AnyConversation> {
    const [conversation] = await this.getConversations([id], noCache, options);
    return conversation as AnyConversation;
  }

  /** The conversations of these ids, in their order, with `null` for each that does not exist. */
  async getConversations(
    ids: readonly string[],
    noCache?: boolean,
    options?: CallOptions,
  ): Promise<(ConversationBase | null)[]> {
    checkIds("Argument ids", ids);
    await this.#conversations.find(ids, noCache, options);
    return ids.map((id) => this.#conversations.get(id) ?? null);
  }

  /** A query for conversations, whose attributes may be stated: `getQuery<{ color?: string }>()`. */
  getQuery(): ConversationQuery<AnyConversation>;
  /** The same, with attributes as stated. */
  getQuery<A extends object>(): ConversationQuery<PersistentConversation<A>>;
  getQuery(): ConversationQuery<AnyConversation> {
    return new ConversationQuery(this.#conversations);
  }

  /** A query for chat rooms. */
  getChatRoomQuery<A extends object = Unstated>(): ConversationQuery<ChatRoom<A>> {
    return this.getQuery().equalTo("tr", true) as ConversationQuery<never>;
  }

  /** A query for service conversations. */
  getServiceConversationQuery<A extends object = Unstated>(): ConversationQuery<
    ServiceConversation<A>
  > {
    return this.getQuery().equalTo("sys", true) as ConversationQuery<never>;
  }

  /**
   * Creates a conversation, or finds the one of the same members unless `unique` is false. With
   * `transient` it is a chat room: `createChatRoom` says so in its type too.
   *
   * @example
   * ```ts
   * const conversation = await tom.createConversation({ members: ["Jerry"], name: "Tom & Jerry" });
   * ```
   *
   * @example With attributes of known types
   * ```ts
   * const red = await tom.createConversation<{ color: string }>({ color: "red" });
   * console.log(red.get("color").length);
   * ```
   */
  async createConversation<A extends object = Unstated>(
    fields: CreateConversationOptions & NoInfer<Partial<A>> = {},
    options?: CallOptions,
  ): Promise<Conversation<A>> {
    return await this.#conversations.create(fields, options) as unknown as Conversation<A>;
  }

  /** Creates a chat room: anybody may enter it, and nothing in it counts as unread. */
  async createChatRoom<A extends object = Unstated>(
    fields: ConversationOptions & NoInfer<Partial<A>> = {},
    options?: CallOptions,
  ): Promise<ChatRoom<A>> {
    const room = await this.#conversations.create({ ...fields, transient: true }, options);
    return room as unknown as ChatRoom<A>;
  }

  /**
   * Creates a conversation that ends by itself, or finds the one of the same members: after `ttl` s,
   * a day unless said otherwise.
   */
  async createTemporaryConversation(
    { members, ttl }: TemporaryConversationOptions = {},
    options?: CallOptions,
  ): Promise<TemporaryConversation> {
    const temporary = await this.#conversations.create({ members }, options, { ttl });
    return temporary as TemporaryConversation;
  }

  /**
   * A conversation from what `toFullJSON` gave; one that is known already stays as it is.
   *
   * @example
   * ```ts
   * const kept = JSON.stringify(conversation.toFullJSON());
   * const conversation = await client.parseConversation(JSON.parse(kept));
   * ```
   */
  async parseConversation(json: object): Promise<ConversationBase> {
    return await this.#conversations.parse(json as Record<string, unknown>);
  }

  /** Which of these clients are online; 20 at most. */
  async ping(clientIds: readonly string[], options?: CallOptions): Promise<string[]> {
    checkIds("Argument clientIds", clientIds);
    const { sessionMessage } = await this.session.request({
      cmd: "session",
      op: "query",
      sessionMessage: { sessionPeerIds: clientIds },
    }, options);
    return [...sessionMessage?.onlineSessionPeerIds ?? []];
  }

  /**
   * The messages that arrive, each with its conversation, from the first `next()` on. Ends when the
   * signal is aborted or the client is closed; throws what ended the session where the server did.
   * What is not taken waits in memory.
   *
   * @example
   * ```ts
   * for await (const [message, conversation] of tom.messages({ signal })) {
   *   console.log(conversation.id, message.toJSON());
   * }
   * ```
   */
  async *messages(
    { signal }: CallOptions = {},
  ): AsyncGenerator<IMClientEvents["message"], void, void> {
    yield* arriving(this, this.#left, signal);
    this.session.check();
  }

  /** Sends the receipts that wait for their second to end. @internal */
  flush(): void {
    this.#receipts.flush();
  }

  /**
   * Logs out; the last client of a `Realtime` closes the connection with it. What waits for the
   * connection rejects with `CONNECTION_LOST`, and so does whatever is asked of the client later.
   */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** `close()` at the end of an `await using`. */
  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  async #close(): Promise<void> {
    this.flush();
    await this.#end(true);
    this.tell("close", { code: 0 });
  }

  /**
   * Lets go of everything, and waits for nobody.
   *
   * @internal
   */
  leave(): Promise<void> {
    return this.#closing ??= this.#end();
  }

  async #end(politely?: true): Promise<void> {
    this.#left.abort();
    this.#parts.leave(this);
    this.#receipts.stop();
    const closed = this.session.close();
    if (politely) await closed;
    await this.#parts.left();
  }
}
