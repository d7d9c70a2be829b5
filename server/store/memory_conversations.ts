/**
 * The conversations of all apps, in memory.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { exchangeId, newExchange } from "./exchange.ts";
import { hasEnded, present } from "./member_rules.ts";
import { type Entry, entryOf, type Marks } from "./memory_entry.ts";
import { MemoryNotices } from "./memory_notices.ts";
import type { NewNotice, Told } from "./store.ts";

/** What is kept of one app. */
export interface AppEntries {
  /** By id. */
  readonly conversations: Map<string, Entry>;
  /** The ids of unique ones, by what they are found by. */
  readonly unique: Map<string, string>;
  /** What was told. */
  readonly notices: MemoryNotices;
}

/** The conversations of all apps. */
export class MemoryConversations {
  /** By the app's id. */
  readonly apps: Map<string, AppEntries> = new Map();
  readonly #clock: Pick<Clock, "now">;

  /** None. */
  constructor(clock: Pick<Clock, "now">) {
    this.#clock = clock;
  }

  /** What is kept of an app. */
  of(app: string): AppEntries {
    const entries = this.apps.get(app) ??
      { conversations: new Map(), unique: new Map(), notices: new MemoryNotices() };
    this.apps.set(app, entries);
    return entries;
  }

  /** The conversation, unless it has ended. */
  find(app: string, id: string): Entry | undefined {
    const entry = this.apps.get(app)?.conversations.get(id);
    return entry && !hasEnded(entry.conversation, this.#clock.now()) ? entry : undefined;
  }

  /** The conversation, or a refusal. */
  need(app: string, id: string): Entry {
    return present(this.find(app, id), id);
  }

  /**
   * What of a conversation is this client's: of a service conversation its own exchange, which is
   * kept from its first message on.
   */
  part(app: string, id: string, client: string): Entry | undefined {
    const entry = this.find(app, id);
    if (entry?.conversation.kind !== "service") return entry;
    return this.find(app, exchangeId(id, client)) ??
      entryOf(newExchange(id, client, this.#clock.now()));
  }

  /** The conversations that a client is in, the most recent first. */
  *with(app: string, client: string): Generator<[Entry, Marks]> {
    const entries = [...this.apps.get(app)?.conversations.values() ?? []]
      .filter(({ conversation }) => !hasEnded(conversation, this.#clock.now()))
      .sort((a, b) =>
        (b.conversation.lastMessageAt ?? 0) - (a.conversation.lastMessageAt ?? 0) ||
        (a.conversation.id < b.conversation.id ? -1 : 1)
      );
    for (const entry of entries) {
      const marks = entry.marks.get(client);
      if (marks) yield [entry, marks];
    }
  }

  /** Keeps what is told of a conversation. */
  tell(app: string, id: string, notices: readonly NewNotice[] = []): readonly Told[] {
    return this.of(app).notices.keep(id, notices, this.#clock.now());
  }
}
