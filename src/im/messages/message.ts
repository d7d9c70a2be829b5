/**
 * A message, and what every kind of message has.
 *
 * @module
 */
import { toBase64 } from "../../codecs/base64_codec.ts";
import { localId } from "../uuid.ts";
import type { Unstated } from "../unstated.ts";
import { pick } from "../pick.ts";
import { brand } from "./brand.ts";

/** Where a message is on its way: `NONE`, `SENDING`, `SENT`, `DELIVERED` or `FAILED`. */
export type MessageStatus = symbol;

/** Where a message is on its way. The symbols are the same in every copy of the package. */
export const MessageStatus: {
  /** Not sent yet. */
  readonly NONE: symbol;
  /** On its way to the server. */
  readonly SENDING: symbol;
  /** The server has it. */
  readonly SENT: symbol;
  /** The other member has it. */
  readonly DELIVERED: symbol;
  /** It could not be sent. */
  readonly FAILED: symbol;
} = Object.fromEntries(
  ["NONE", "SENDING", "SENT", "DELIVERED", "FAILED"].map((
    name,
  ) => [name, Symbol.for(`curlew.${name}`)]),
) as never;

/** How urgent a message in a chat room is; elsewhere it means nothing. */
export type MessagePriority = 1 | 2 | 3;

/** How urgent a message in a chat room is; elsewhere it means nothing. */
export const MessagePriority = { HIGH: 1, NORMAL: 2, LOW: 3 } as const;

/**
 * What a message is on the wire: text, bytes, or anything that JSON can say. With `String`, and not
 * `string`, so that `{ ...super.getPayload() }` compiles.
 */
// deno-lint-ignore ban-types
export type Payload = String | ArrayBuffer | object;

/** How a message is sent. */
export interface SendOptions {
  /** Only to who is online; not stored, not counted as unread. */
  readonly transient?: boolean | undefined;
  /** Asks for a receipt once it is delivered. */
  readonly receipt?: boolean | undefined;
  /** Sent by the server when this client is lost. */
  readonly will?: boolean | undefined;
  /** How urgent it is in a chat room. */
  readonly priority?: MessagePriority | undefined;
  /** What an offline member's push notification shows. */
  readonly pushData?: object | undefined;
}

const common = "id,cid,from,timestamp,deliveredAt,updatedAt,mentionList,mentionedAll,mentioned";

/** @internal */
export const token: unique symbol = Symbol("token");

/** A message with any content: what an app gets for a type that nobody registered. */
export class Message {
  /** What the message says. */
  declare content: unknown;
  /** Its id: a temporary one until the server gave it one. */
  id: string = localId();
  /** The conversation's id; `null` before the message is sent. */
  cid: string = null as never;
  /** The sender's client id; missing before the message is sent. */
  declare from: string;
  /** What it says, where that is a text. */
  declare text?: string;
  /** When the server received it; until then, when it was made. */
  timestamp: Date = new Date();
  /** Where it is on its way. */
  status: MessageStatus = MessageStatus.NONE;
  /** When the other member's device received it. */
  declare deliveredAt?: Date;
  /** When the other member read it. */
  declare readAt?: Date;
  /** The ids of the clients that it mentions. */
  mentionList: string[] = [];
  /** Whether it mentions everybody. */
  mentionedAll = false;
  /** Whether it mentions the client that received it. */
  mentioned = false;
  /**
   * What the server recognizes the message by when it is sent again after a failure.
   *
   * @internal
   */
  declare [token]?: string | undefined;
  #updatedAt?: Date;

  /** A message that says `content`. */
  constructor(content?: unknown) {
    this.content = content;
  }

  /** When it was changed; when it was sent, where it never was. */
  get updatedAt(): Date {
    return this.#updatedAt ?? this.timestamp;
  }

  /** When it was changed. */
  set updatedAt(at: Date) {
    this.#updatedAt = at;
  }

  /** Whether this class can read that content. */
  static validate(_content?: unknown): boolean {
    return true;
  }

  /** Reads a received content; a subclass passes the `message` to fill. */
  static parse(content: unknown, message: Message = new this()): Message {
    message.content = content;
    return message;
  }

  /** What goes out on the wire. */
  getPayload(): Payload {
    return this.content as Payload;
  }

  /** Mentions these clients. */
  setMentionList(clients: string | string[]): this {
    this.mentionList = [clients].flat();
    return this;
  }

  /** The ids of the clients that it mentions. */
  getMentionList(): string[] {
    return this.mentionList;
  }

  /** Mentions everybody. */
  mentionAll(value = true): this {
    this.mentionedAll = value;
    return this;
  }

  /** What a person debugging wants to see. */
  toJSON(): Record<string, Unstated> {
    return { ...pick(this, common), ...this.describe() };
  }

  /** Everything, in a form that {@link IMClient.parseMessage} takes. */
  toFullJSON(): Record<string, unknown> {
    return {
      ...pick(this, common),
      ...contentOf(this.getPayload()),
      timestamp: this.timestamp.getTime(),
      deliveredAt: this.deliveredAt?.getTime(),
      updatedAt: this.#updatedAt?.getTime(),
      mentioned: undefined, // LeanCloud's `parseMessage` takes none
    };
  }

  /** The part of `toJSON` that says what the message says. */
  protected describe(): Record<string, unknown> {
    return { data: contentOf(this.getPayload()).data };
  }
}

function contentOf(payload: Payload): { data: unknown; bin?: true } {
  return payload instanceof ArrayBuffer
    ? { data: toBase64(new Uint8Array(payload)), bin: true }
    : { data: payload };
}

brand(Message, "Message");
