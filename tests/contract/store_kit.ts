/** What the store's contract tests share. @module */
import assert from "node:assert/strict";
import type {
  Appended,
  Conversation,
  ConversationStart,
  NewMessage,
  NewNotice,
  Store,
  Told,
} from "@curlew/server/store";
import { FakeClock } from "../kit/clock.ts";

/** A store under test. */
export interface StoreMaker {
  /** What it is called. */
  readonly name: string;
  /** Opens an empty one. */
  readonly open: (clock: FakeClock) => Promise<Store>;
}

/** What a test has: a store, its clock, and short ways to say the usual. */
export class Kit {
  readonly clock = new FakeClock();
  store!: Store;

  /** Opens the store. */
  async open(maker: StoreMaker): Promise<void> {
    this.store = await maker.open(this.clock);
  }

  /** Starts a conversation of these members, the first of whom creates it. */
  async start(
    members: readonly [string, ...string[]],
    more: Partial<ConversationStart> = {},
    app = "app",
  ): Promise<Conversation> {
    const { conversation } = await this.store.startConversation(app, {
      kind: "normal",
      creator: members[0],
      members,
      unique: false,
      attributes: {},
      ...more,
    });
    return conversation;
  }

  /** Keeps what is told of a conversation, and changes nothing. */
  async keep(id: string, notices: readonly NewNotice[]): Promise<readonly Told[]> {
    const [member = ""] = (await this.store.conversation("app", id))?.members ?? [];
    const upTo = { timestamp: 0 };
    return (await this.store.markRead("app", member, id, upTo, () => notices)).told;
  }

  /** Appends a text. */
  say(
    conversation: { readonly id: string },
    from: string,
    more: Partial<NewMessage> = {},
    app = "app",
  ): Promise<Appended> {
    return this.store.appendMessage(app, {
      conversation: conversation.id,
      from,
      content: { text: "hello" },
      mentioned: [],
      mentionedAll: false,
      receipt: false,
      ...more,
    });
  }

  /** Appends one after the other, and gives their messages. */
  async sayAll(conversation: Conversation, from: readonly string[], more?: Partial<NewMessage>) {
    const all = [];
    for (const client of from) all.push((await this.say(conversation, client, more)).message);
    return all;
  }
}

/** Whether something is refused with a code of the protocol. */
export function refused(promise: Promise<unknown>, code: number): Promise<void> {
  return assert.rejects(promise, { code });
}

/** Names with a number each. */
export function names(count: number, prefix = "client"): [string, ...string[]] {
  return Array.from({ length: count }, (_, i) => `${prefix}-${i}`) as [string, ...string[]];
}
