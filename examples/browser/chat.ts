/**
 * One person's conversations, kept up to date: what the page shows, without how it shows it.
 *
 * @module
 */
import {
  type ConversationBase,
  Event,
  type IMClient,
  type Message,
  TextMessage,
} from "../../mod.ts";

/** How many messages are asked for at a time. */
const PAGE = 30;
/** How often it is asked who is there, in ms. */
const ASK = 4_000;

/** One conversation as it is shown. */
export interface Thread {
  /** The conversation. */
  readonly conversation: ConversationBase;
  /** Its other members. */
  readonly others: readonly string[];
  /** The messages that are known, oldest first. */
  readonly messages: Message[];
  /** Those of them that are not sent, each with why not; undefined while it is being sent. */
  readonly unsent: Map<Message, Error | undefined>;
  /** Whether the server may have earlier ones. */
  earlier: boolean;
}

/** What a message says, as far as this page can show it. */
export const textOf = (message: Message): string =>
  message instanceof TextMessage ? message.getText() ?? "" : "(not a text message)";

/** One person's conversations. */
export class Chat {
  /** By their ids. */
  readonly threads = new Map<string, Thread>();
  /** Which of the others are connected; undefined while that is not known. */
  present: ReadonlySet<string> | undefined;

  readonly #client: IMClient;
  readonly #changed: () => void;
  readonly #asking: ReturnType<typeof setInterval>;

  /** Of a client that is logged in; calls back whenever something changed. */
  constructor(client: IMClient, changed: () => void) {
    this.#client = client;
    this.#changed = changed;
    this.#asking = setInterval(() => void this.#ask(), ASK);
    client.on(Event.MESSAGE, (message, conversation) => {
      this.#insert(this.#thread(conversation), [message]);
      changed();
    });
    client.on(Event.INVITED, (_payload, conversation) => {
      this.#thread(conversation);
      changed();
      void this.#ask();
    });
    client.on(Event.UNREAD_MESSAGES_COUNT_UPDATE, (conversations) => {
      for (const conversation of conversations) this.#thread(conversation);
      changed();
    });
    client.on(Event.MEMBERS_JOINED, changed);
    client.on(Event.MEMBERS_LEFT, changed);
    client.on(Event.DISCONNECT, () => {
      this.present = undefined;
      changed();
    });
    client.on(Event.RECONNECT, () => {
      for (const thread of this.threads.values()) {
        for (const [message, failure] of thread.unsent) {
          if (failure) void this.resend(thread, message);
        }
      }
      this.catchUp().catch(() => {}); // the next reconnect tries again
    });
  }

  /** Who the person is. */
  get name(): string {
    return this.#client.id;
  }

  /** Logs out. */
  async close(): Promise<void> {
    clearInterval(this.#asking);
    await this.#client.close();
  }

  /** The conversations: those without a message, then that with the newest one first. */
  sorted(): Thread[] {
    const age = ({ messages }: Thread) => Number(messages.at(-1)?.timestamp ?? Infinity);
    return [...this.threads.values()].sort((one, other) => age(other) - age(one));
  }

  /** The conversation with exactly these others, made where there is none. */
  async start(others: readonly string[]): Promise<Thread> {
    const conversation = await this.#client.createConversation({
      members: [...others],
      name: [this.name, ...others].join(", "),
      unique: true,
    });
    const thread = this.#thread(conversation);
    void this.#ask();
    return thread;
  }

  /** The conversation with an id, asked for where it is not known; undefined where there is none. */
  async thread(id: string): Promise<Thread | undefined> {
    const known = this.threads.get(id);
    if (known) return known;
    const conversation = await this.#client.getConversation(id);
    return conversation ? this.#thread(conversation) : undefined;
  }

  /** Sends a text; its message is in the thread at once, and there it says so if it was not sent. */
  send(thread: Thread, text: string): Promise<void> {
    return this.#deliver(thread, new TextMessage(text));
  }

  /** Sends a message that failed once more: the server knows it by its id and keeps it once. */
  resend(thread: Thread, message: Message): Promise<void> {
    return this.#deliver(thread, message);
  }

  /** Reads a page of earlier messages. */
  async readEarlier(thread: Thread): Promise<void> {
    const [oldest] = thread.messages.filter((message) => !thread.unsent.has(message));
    const messages = await thread.conversation.queryMessages({
      limit: PAGE,
      ...(oldest?.id ? { startTime: oldest.timestamp, startMessageId: oldest.id } : {}),
    });
    thread.earlier = messages.length === PAGE;
    this.#insert(thread, messages);
    this.#changed();
  }

  /** Tells the server that the person has read the conversation. */
  async read(thread: Thread): Promise<void> {
    if (thread.conversation.unreadMessagesCount === 0) return;
    await thread.conversation.read();
    this.#changed();
  }

  /** Reads what came while this window was not there: conversations, and their last messages. */
  async catchUp(): Promise<void> {
    const query = this.#client.getQuery().containsMembers([this.name]);
    const conversations = await query.descending("lm").limit(30).find();
    await Promise.all(conversations.map(async (conversation) => {
      const thread = this.#thread(conversation);
      const known = new Set(thread.messages.map((message) => message.id));
      let startTime: Date | undefined;
      for (;;) {
        const messages = await conversation.queryMessages({
          limit: PAGE,
          ...(startTime ? { startTime } : {}),
        });
        this.#insert(thread, messages);
        thread.earlier ||= known.size === 0 && messages.length === PAGE;
        // Back until what is known, so that no gap is left.
        const met = known.size === 0 ||
          messages.some((message) => known.has(message.id));
        if (met || messages.length < PAGE) break;
        startTime = messages[0]?.timestamp;
      }
    }));
    await this.#ask();
    this.#changed();
  }

  async #ask(): Promise<void> {
    const others = new Set(
      [...this.threads.values()].flatMap((thread) => thread.others),
    );
    const asked = [...others].slice(0, 20);
    if (asked.length === 0) return;
    try {
      this.present = new Set(await this.#client.ping(asked));
    } catch {
      this.present = undefined; // not connected: the next round asks again
    }
    this.#changed();
  }

  async #deliver(thread: Thread, message: Message): Promise<void> {
    thread.unsent.set(message, undefined);
    if (!thread.messages.includes(message)) thread.messages.push(message);
    this.#changed();
    try {
      await thread.conversation.send(message);
      thread.unsent.delete(message);
      thread.messages.splice(thread.messages.indexOf(message), 1);
      this.#insert(thread, [message]);
    } catch (error) {
      thread.unsent.set(message, error as Error);
    }
    this.#changed();
  }

  #thread(conversation: ConversationBase): Thread {
    const known = this.threads.get(conversation.id);
    if (known) return known;
    const me = this.name;
    const thread: Thread = {
      conversation,
      get others() {
        return conversation.members.filter((member) => member !== me);
      },
      messages: [],
      unsent: new Map(),
      earlier: false,
    };
    this.threads.set(conversation.id, thread);
    return thread;
  }

  /** Puts messages where they belong by their time; those that are there already stay. */
  #insert(thread: Thread, messages: readonly Message[]): void {
    const known = new Set(thread.messages.map((message) => message.id));
    const added = messages.filter((message) => !known.has(message.id));
    if (added.length === 0) return;
    const sent = thread.messages.filter((message) => !thread.unsent.has(message));
    const all = [...sent, ...added].sort((one, other) =>
      Number(one.timestamp) - Number(other.timestamp)
    );
    thread.messages.splice(0, Infinity, ...all, ...thread.unsent.keys());
  }
}
