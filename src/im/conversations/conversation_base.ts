/**
 * What every kind of conversation has.
 *
 * @module
 */
import { announce, EventEmitter } from "../../connection/event_emitter.ts";
import { abortable } from "../abortable.ts";
import { pick } from "../pick.ts";
import { type MessageOf, type OpType, RealtimeError } from "../../protocol/mod.ts";
import { type Message, MessageStatus, type SendOptions, token } from "../messages/message.ts";
import { mentionsOf, plainOf } from "../messages/outgoing.ts";
import { RecalledMessage } from "../messages/recalled_message.ts";
import {
  type HistoryOptions,
  MessagesIterator,
  type MessagesQuery,
  queryMessages,
} from "./history.ts";
import type { Unstated } from "../unstated.ts";
import type { ConversationEvents, MessagePointer } from "./conversation_events.ts";
import type { ConversationHost } from "./host.ts";
import type { CallOptions } from "../call_options.ts";
import type { MessageContent } from "../messages/decoders.ts";

/** What the server says about a conversation: its fields by their names in this class. */
export interface ConversationFields {
  /** The client ids of its members. */
  readonly members?: string[] | undefined;
  /** Its newest message. */
  readonly lastMessage?: Message | undefined;
  /** When its newest message was sent. */
  readonly lastMessageAt?: Date | undefined;
}

/** How a class of messages may say that its messages are sent. */
interface SendDefaults {
  readonly sendOptions?: SendOptions;
  getSendOptions?(message: Message): SendOptions;
}

/**
 * What all kinds of conversations have but temporary ones. Of one whose kind is not known it may be
 * asked, as by LeanCloud's declarations; what it is, those of {@link PersistentConversation} say.
 */
export interface ConversationBase {
  /** Its name. */
  readonly name?: Unstated;
  /** The client id of who created it. */
  readonly creator?: Unstated;
  /** When it was created. */
  readonly createdAt?: Unstated;
  /** When it was last changed. */
  readonly updatedAt?: Unstated;
  /** Whether this client wants no push notifications from it. */
  readonly muted?: Unstated;
  /** Who wants no push notifications from it. */
  readonly mutedMembers?: Unstated;
  /** Whether it is a service conversation. */
  readonly system?: Unstated;
  /** Whether it is a chat room. */
  readonly transient?: Unstated;
}

// Where a field is declared alone, it is set later if at all, and no app ships its definition.

/** What every kind of conversation has. */
export class ConversationBase extends EventEmitter<ConversationEvents> {
  /** Its id. */
  declare readonly id: string;
  /** The client ids of its members. */
  members: string[] = [];
  /** Its newest message, where one is known. */
  declare lastMessage?: Message;
  /** When its newest message was sent. */
  declare lastMessageAt?: Date;
  /** Whether a message that was not read mentions the client. */
  unreadMessagesMentioned = false;
  /** When a message of this client's was last delivered, in a conversation of two. */
  declare lastDeliveredAt?: Date;
  /** When the other one last read on, in a conversation of two. */
  declare lastReadAt?: Date;
  /** @internal */
  declare protected readonly host: ConversationHost;
  /** The messages that are to be known as delivered, by their ids. */
  readonly #underway = new Map<string, Message>();
  #unread = 0;

  /** @internal */
  constructor(host: ConversationHost, id: string) {
    super();
    this.host = host;
    this.id = id;
  }

  /** How many messages of others were not read. */
  get unreadMessagesCount(): number {
    return this.#unread;
  }

  /** How many messages of others were not read. */
  set unreadMessagesCount(count: number) {
    if (this.setUnread(count)) this.host.unreadChanged(this.id);
  }

  /**
   * Sets what is unread without telling anybody, and says whether the number is another one.
   *
   * @internal
   */
  setUnread(count: number, mentioned?: boolean): boolean {
    const differs = count !== this.#unread;
    this.#unread = count;
    if (mentioned !== undefined || count === 0) this.unreadMessagesMentioned = mentioned ?? false;
    return differs;
  }

  /**
   * Takes over what the server said about it.
   *
   * @internal
   */
  assign({ lastMessage, lastMessageAt, ...own }: ConversationFields): void {
    for (const [key, value] of Object.entries(own)) {
      if (value !== undefined) (this as unknown as Record<string, unknown>)[key] = value;
    }
    if (lastMessage) this.advance(lastMessage);
    if (lastMessageAt) this.#advanceTo(lastMessageAt);
  }

  /**
   * Takes over a message as the newest one, unless it is older.
   *
   * @internal
   */
  advance(message: Message): void {
    if (this.lastMessage && this.lastMessage.timestamp > message.timestamp) return;
    this.lastMessage = message;
    this.#advanceTo(message.timestamp);
  }

  /**
   * Takes over what a message says now.
   *
   * @internal
   */
  replace(message: Message): void {
    if (this.lastMessage?.id === message.id) this.lastMessage = message;
  }

  #advanceTo(at: Date): void {
    if (!this.lastMessageAt || this.lastMessageAt < at) this.lastMessageAt = at;
  }

  /**
   * Sends a message, and resolves to it once the server has stored it. A message that could not be
   * sent may be sent again: the server keeps one of it. Where the connection is lost, it is sent when
   * it is back.
   *
   * Rejects with the server's reason by its code (4401 for who is no member, 4109 for more than
   * 5 KB), with `CONNECTION_LOST` while offline or paused and after `close()`, with
   * `COMMAND_TIMEOUT`, and with `ABORTED` by its `signal`.
   *
   * @example
   * ```ts
   * await conversation.send(new TextMessage("Hello"));
   * ```
   */
  async send<T extends Message>(
    message: T,
    options?: SendOptions & CallOptions,
  ): Promise<T> {
    const plain = plainOf(message);
    const Class = message.constructor as SendDefaults;
    const { transient, receipt, will, priority, pushData, signal } = {
      ...Class.sendOptions,
      ...Class.getSendOptions?.(message),
      ...options,
    };
    // A failed message keeps its token, so that the server recognizes it when it is sent again.
    const dt = message.cid === this.id && message[token] || this.host.secretId();
    message[token] = dt;
    message.cid = this.id;
    message.from = this.host.clientId;
    message.status = MessageStatus.SENDING;
    try {
      const [msg, binaryMsg] = await this.#encode(plain, { signal });
      const { ackMessage: ack } = await this.host.request({
        cmd: "direct",
        priority,
        directMessage: {
          cid: this.id,
          msg,
          binaryMsg,
          dt,
          // Absent unless wanted: the protocol depends on presence.
          transient: transient || undefined,
          r: receipt || undefined,
          will: will || undefined,
          pushData: pushData && JSON.stringify(pushData),
          ...mentionsOf(message),
        },
      }, { signal });
      if (!ack || ack.code !== undefined) {
        const reason = ack?.reason ?? "SEND_MESSAGE_FAILED";
        throw new RealtimeError(reason, `The message was not sent: ${reason}`, ack);
      }
      message[token] = undefined;
      message.id = ack.uid!;
      // One that went out again after a lost link may come back as if another device had sent it.
      this.host.seen(message.id);
      message.timestamp = new Date(ack.t!);
      message.status = MessageStatus.SENT;
      if (receipt) this.#underway.set(message.id, message);
    } catch (error) {
      message.status = MessageStatus.FAILED;
      throw error;
    }
    if (!transient && !will) this.advance(message);
    return message;
  }

  async #encode(
    plain: MessageContent,
    options?: CallOptions,
  ): Promise<[text?: string | undefined, bytes?: Uint8Array]> {
    const content = await abortable(this.host.encode(plain, this.id), options);
    return content instanceof ArrayBuffer ? [undefined, new Uint8Array(content)] : [content];
  }

  /**
   * Has a message of this client's own say what `newMessage` says, and resolves to `newMessage` in its
   * place. Rejects with 4403 where somebody else sent it, and with 4404 where it is not there.
   *
   * @example
   * ```ts
   * const sent = await conversation.send(new TextMessage("Helo"));
   * await conversation.update(sent, new TextMessage("Hello"));
   * ```
   */
  async update<T extends Message>(
    message: MessagePointer,
    newMessage: T,
    options?: CallOptions,
  ): Promise<T> {
    return await this.#patch(message, newMessage, options);
  }

  /** Takes a message of this client's own back, and resolves to what is left in its place. */
  async recall(message: MessagePointer, options?: CallOptions): Promise<RecalledMessage> {
    return await this.#patch(message, new RecalledMessage(), options, true);
  }

  async #patch<T extends Message>(
    message: MessagePointer,
    changed: T,
    options?: CallOptions,
    recall?: true,
  ): Promise<T> {
    const { id: mid, timestamp: at } = message;
    if (!mid || !at) throw new TypeError("Argument message must be a Message or { id, timestamp }");
    const timestamp = Number(at);
    // Of one that is recalled too, so that changes go out in the order in which they are made.
    const [data, binaryMsg] = await this.#encode(plainOf(changed), options);
    const change = recall ? { recall } : { data, binaryMsg, ...mentionsOf(changed) };
    const patches = [{ cid: this.id, mid, timestamp, ...change }];
    const { patchMessage } = await this.host.request({
      cmd: "patch",
      op: "modify",
      patchMessage: { patches },
    }, options);
    Object.assign(changed, pick(message, "id,status,deliveredAt,readAt"), {
      cid: this.id,
      from: this.host.clientId,
      timestamp: new Date(timestamp),
      updatedAt: new Date(patchMessage!.lastPatchTime!),
    });
    changed.status ??= MessageStatus.SENT;
    this.replace(changed);
    return changed;
  }

  /** Messages from the history, oldest first; a `TypeError` names an option that makes no sense. */
  async queryMessages(options: MessagesQuery & CallOptions = {}): Promise<Message[]> {
    return await queryMessages(this.host, this.id, options);
  }

  /** Walks through the history from the newest message back, a page at a time. */
  createMessagesIterator(
    options: HistoryOptions & CallOptions = {},
  ): MessagesIterator {
    return new MessagesIterator((query) => this.queryMessages(query), options);
  }

  /**
   * The messages that arrive, from the first `next()` on. Ends when the signal is aborted or the
   * client is closed; throws what ended the session where the server did. What is not taken waits in
   * memory.
   *
   * @example
   * ```ts
   * for await (const message of conversation.messages({ signal })) console.log(message.toJSON());
   * ```
   */
  async *messages(options?: CallOptions): AsyncGenerator<Message, void, void> {
    for await (const [message, conversation] of this.host.messages(options)) {
      if (conversation === this) yield message;
    }
  }

  /** Marks everything as read. */
  read(): Promise<this> {
    this.unreadMessagesCount = 0;
    const { lastMessage, lastMessageAt } = this;
    this.host.receipts.read(this.id, {
      timestamp: lastMessageAt?.getTime(),
      mid: lastMessage?.from === this.host.clientId ? undefined : lastMessage?.id,
    });
    return Promise.resolve(this);
  }

  /** Asks when a message was last delivered, and when the other one last read on. */
  async fetchReceiptTimestamps(options?: CallOptions): Promise<this> {
    const { maxAckTimestamp, maxReadTimestamp } = await this.ask("max_read", {}, options);
    this.#reached("lastDeliveredAt", maxAckTimestamp);
    this.#reached("lastReadAt", maxReadTimestamp);
    return this;
  }

  /**
   * Takes over that a message was delivered or read.
   *
   * @internal
   */
  receipt({ id = "", t, read }: MessageOf<"RcpCommand">): void {
    const message = this.#underway.get(id);
    if (message && !read) {
      message.status = MessageStatus.DELIVERED;
      message.deliveredAt = new Date(t!);
      this.#underway.delete(id);
    }
    this.#reached(read ? "lastReadAt" : "lastDeliveredAt", t);
  }

  #reached(which: "lastDeliveredAt" | "lastReadAt", timestamp = 0): void {
    // Of more members, nobody knows who.
    if (this.members.length !== 2 || timestamp <= Number(this[which] ?? 0)) return;
    this[which] = new Date(timestamp);
    announce(this, `${which.toLowerCase()}update`, [], this.host.log);
  }

  /** How many members it has; for a chat room, how many are online. */
  async count(options?: CallOptions): Promise<number> {
    const reply = await this.ask("count", {}, options);
    return reply.count ?? 0;
  }

  /** Everything, in a form that {@link IMClient.parseConversation} takes. */
  toFullJSON(): Record<string, unknown> {
    return { ...this.toJSON(), lastMessage: this.lastMessage?.toFullJSON() };
  }

  /** What a person debugging wants to see. */
  toJSON(): Record<string, unknown> {
    return pick(
      this,
      "id,members,lastMessageAt,lastDeliveredAt,lastReadAt,unreadMessagesCount,unreadMessagesMentioned",
    );
  }

  /**
   * Makes a request about this conversation.
   *
   * @internal
   */
  protected async ask(
    op: OpType,
    convMessage: MessageOf<"ConvCommand">,
    options?: CallOptions,
  ): Promise<MessageOf<"ConvCommand">> {
    const reply = await this.host.request({
      cmd: "conv",
      op,
      convMessage: { ...convMessage, cid: this.id },
    }, options);
    return reply.convMessage ?? {};
  }
}
