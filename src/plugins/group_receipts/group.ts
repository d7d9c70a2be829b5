/** How far the members of one conversation have read. @module */
import type { CallOptions } from "../../im/call_options.ts";
import type { ConversationBase } from "../../im/conversations/conversation_base.ts";
import { announce } from "../../connection/event_emitter.ts";
import { ReadReceipt } from "./read_receipt.ts";

/** When the newest message that each member has read was sent, by the members' ids. */
export type ReadTimestamps = Readonly<Record<string, Date>>;

/** How far the members of one conversation have read, and what it tells them of its own reading. */
export class Group {
  /** What is known; without a prototype, since others choose the keys. */
  readonly times: Record<string, Date> = Object.create(null);
  readonly #conversation: ConversationBase;
  #asked: Promise<void> | undefined;
  #read = 0;
  #told = 0;
  #telling: Promise<void> | undefined;

  /** Nothing is known yet. */
  constructor(conversation: ConversationBase) {
    this.#conversation = conversation;
  }

  /** The id of the client that the conversation belongs to. */
  get clientId(): string {
    return this.#host.clientId;
  }

  get #host() {
    // Ours to use and not an app's: so it is no public member.
    return this.#conversation["host"];
  }

  /** Whether receipts are of use: of two members the server itself tells, and rooms list nobody. */
  get #counts(): boolean {
    return this.#conversation.members.length > 2;
  }

  /** Tells the others that this client has read all that there is. */
  tell(): void {
    this.#read = Number(this.#conversation.lastMessageAt ?? 0);
    if (!this.#counts) return;
    this.#telling ??= this.#tellAll()
      .catch((error) => this.#failed("A read receipt could not be sent", error))
      .finally(() => this.#telling = undefined);
  }

  /** What is read while a receipt is on its way is told by one more, however often that is. */
  async #tellAll(): Promise<void> {
    while (this.#read > this.#told) {
      const upTo = this.#read;
      await this.#conversation.send(new ReadReceipt(new Date(upTo)));
      this.#told = upTo;
    }
  }

  /** Asks the server how far everybody has read, unless it was asked. */
  asked(): void {
    if (this.#counts) {
      this.#asked ??= this.ask().catch((error) => {
        this.#asked = undefined;
        this.#failed("The receipts of a group could not be asked for", error);
      });
    }
  }

  /** Asks again where it was asked before: what was told while the client was away is lost. */
  askAgain(): void {
    if (!this.#asked) return;
    this.#asked = undefined;
    this.asked();
  }

  /** Asks the server how far everybody has read. */
  async ask(options?: CallOptions): Promise<void> {
    if (!this.#counts) return;
    const { maxReadTuples = [] } = await this.#conversation["ask"]("max_read", {
      queryAllMembers: true,
    }, options);
    this.note(maxReadTuples.map(({ pid = "", maxReadTimestamp = 0 }) => [pid, maxReadTimestamp]));
  }

  /** Takes over how far members have read, and tells the app of those who have come further. */
  note(read: readonly (readonly [member: string, timestamp: number])[]): void {
    const updated: Record<string, Date> = Object.create(null);
    for (const [member, timestamp] of read) {
      if (member === this.clientId || timestamp <= Number(this.times[member] ?? 0)) continue;
      updated[member] = this.times[member] = new Date(timestamp);
    }
    if (Object.keys(updated).length === 0) return;
    announce(this.#conversation, "lastreadtimestampsupdate", [updated], this.#host.log);
  }

  #failed(what: string, error: unknown): void {
    this.#host.log.warn(what, { cid: this.#conversation.id, error });
  }
}
