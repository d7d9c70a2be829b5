/** A store that a user interface reads from, filled by events. */
import {
  type ClientEvent,
  type ConversationBase,
  type ConversationEvent,
  Event,
  type IMClient,
  type Message,
  type PatchReason,
  type PresistentConversation,
  type Realtime,
  type RecalledMessage,
  type SharedEvent,
  type TextMessage,
} from "leancloud-realtime";

type Notice =
  | { kind: "members"; members: string[]; by: string }
  | { kind: "standing"; text: string };

interface State {
  online: boolean;
  attempt: number;
  unread: Map<string, number>;
  messages: Message[];
  notices: Notice[];
}

type Listener = (state: State) => void;

export class ChatStore {
  private state: State = {
    online: false,
    attempt: 0,
    unread: new Map(),
    messages: [],
    notices: [],
  };
  private listeners = new Set<Listener>();
  private client?: IMClient;

  constructor(private realtime: Realtime) {
    realtime.on(Event.DISCONNECT, () => this.change({ online: false }));
    realtime.on(Event.RETRY, (attempt) => this.change({ attempt: attempt! }));
    realtime.on(Event.SCHEDULE, (attempt: number, delay: number) => {
      this.notice(`Attempt ${attempt + 1} in ${delay / 1000} s`);
    });
    realtime.on(Event.OFFLINE, () => this.notice("offline"));
    realtime.on(Event.ONLINE, () => this.notice("online"));
    realtime.once(Event.RECONNECT, () => this.change({ online: true }));
    realtime.on("disconnect", () => this.change({ online: false }));
    realtime.on("reconnect", () => this.change({ online: true }));
    realtime.on("schedule", (attempt: number, delay: number) => console.log(attempt, delay));
  }

  subscribe(listener: Listener): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private change(part: Partial<State>): void {
    this.state = { ...this.state, ...part };
    this.listeners.forEach((listener) => listener(this.state));
  }

  private notice(text: string): void {
    this.change({ notices: [...this.state.notices, { kind: "standing", text }] });
  }

  private arrived = (message: Message, conversation: ConversationBase): void => {
    this.change({ messages: [...this.state.messages, message] });
    if (conversation.unreadMessagesMentioned) this.notice(`${conversation.id} mentions you`);
  };

  async open(me: string): Promise<void> {
    const client = await this.realtime.createIMClient(me);
    this.client = client;
    client.on(Event.MESSAGE, this.arrived);
    client.on(Event.MESSAGE, (message: TextMessage, conversation: PresistentConversation) => {
      console.log(`${conversation.name}: ${message.getText()}`);
    });
    client.on(
      Event.MESSAGE_UPDATE,
      (message: Message, _conversation: ConversationBase, reason?: PatchReason) => {
        if (reason) this.notice(`${reason.code} ${reason.detail}`);
        this.replace(message);
      },
    );
    client.on(
      "messagerecall",
      (message: RecalledMessage, _conversation: ConversationBase, reason?: PatchReason) => {
        if (reason) this.notice(`${reason.code}`);
        this.replace(message);
      },
    );
    client.on(Event.UNREAD_MESSAGES_COUNT_UPDATE, (conversations) => {
      const unread = new Map(this.state.unread);
      for (const { id, unreadMessagesCount } of conversations!) {
        unread.set(id, +unreadMessagesCount);
      }
      this.notice(conversations!.map((each) => each.name.toUpperCase()).join());
      this.change({ unread });
    });
    client.on(Event.INVITED, (payload: { invitedBy: string }, conversation: ConversationBase) => {
      const since: Date = conversation.createdAt;
      this.notice(`${payload.invitedBy} added you to ${conversation.name} of ${+since}`);
    });
    client.on(Event.KICKED, ({ kickedBy }: { kickedBy: string }) => this.notice(kickedBy));
    client.on(Event.MEMBERS_JOINED, (payload: SharedEvent["membersjoined"]) => {
      const { members, invitedBy } = payload;
      this.change({ notices: [{ kind: "members", members, by: invitedBy }] });
    });
    client.on(Event.MEMBERS_LEFT, (payload: { members: string[]; kickedBy: string }) => {
      this.change({
        notices: [{ kind: "members", members: payload.members, by: payload.kickedBy }],
      });
    });
    client.on(
      Event.MEMBER_INFO_UPDATED,
      ({ member, memberInfo, updatedBy }: SharedEvent["memberinfoupdated"]) => {
        this.notice(`${updatedBy} made ${member} ${memberInfo.role}`);
      },
    );
    client.on(Event.CONVERSATION_INFO_UPDATED, (payload) => {
      const { attributes, updatedBy } = payload!;
      this.notice(`${updatedBy} named it ${attributes.name.trim()}`);
    });
    client.on(Event.CONFLICT, (payload) => this.notice(payload!.reason));
    client.on(Event.CLOSE, (payload?: ClientEvent["close"]) => {
      this.notice(`${payload!.code} ${payload!.reason}`);
    });
    client.on(Event.RECONNECT_ERROR, (error) => this.notice(error!.message));
    client.on(Event.RECONNECT, () => this.change({ online: true }));
    client.once(Event.UNHANDLED_MESSAGE, (command) => console.warn(command));
    client.once("message", (message?: Message) => console.log(message?.toJSON()));
  }

  watch(conversation: ConversationBase): () => void {
    const told = (text: string) => () => this.notice(text);
    const changed = (payload?: ConversationEvent["infoupdated"]) => {
      this.notice(Object.keys(payload!.attributes).join());
    };
    conversation.on(Event.INFO_UPDATED, changed);
    conversation.on(Event.LAST_READ_AT_UPDATE, () => {
      this.notice(`read ${conversation.lastReadAt?.toISOString()}`);
    });
    conversation.on("lastdeliveredatupdate", () => {
      this.notice(`delivered ${conversation.lastDeliveredAt?.toISOString()}`);
    });
    conversation.once(Event.LAST_DELIVERED_AT_UPDATE, told("delivered"));
    conversation.on(Event.MUTED, told("muted"));
    conversation.on(Event.UNMUTED, told("unmuted"));
    conversation.on(Event.BLOCKED, told("blocked"));
    conversation.on(Event.UNBLOCKED, told("unblocked"));
    conversation.on(Event.MEMBERS_MUTED, (payload) => this.notice(payload!.mutedBy));
    conversation.on(Event.MEMBERS_UNMUTED, (payload) => this.notice(payload!.unmutedBy));
    conversation.on(Event.MEMBERS_BLOCKED, (payload) => this.notice(payload!.members.join()));
    conversation.on(Event.MEMBERS_UNBLOCKED, (payload) => this.notice(payload!.unblockedBy));
    conversation.on("messageupdate", (message: Message) => this.replace(message));
    conversation.on(Event.MESSAGE_RECALL, (message?: Message) => this.replace(message!));
    return () => void conversation.off(Event.INFO_UPDATED, changed);
  }

  private replace(message: Message): void {
    const messages = this.state.messages.map((each) => each.id === message.id ? message : each);
    this.change({ messages });
  }

  async close(): Promise<void> {
    this.client?.off(Event.MESSAGE, this.arrived);
    await this.client?.close();
  }
}

/** A subscription as a hook makes it. */
export function listen(client: IMClient, event: keyof SharedEvent, listener: () => void) {
  client.on(event, listener);
  return () => void client.off(event, listener);
}

export const [first]: Event[] = [Event.MESSAGE];
