/**
 * What each command that the server pushes does to a client.
 *
 * @module
 */
import type { Cancel, Command, MessageOf } from "../protocol/mod.ts";
import type { IMClientEvents } from "./client_events.ts";
import type { ConversationBase } from "./conversations/conversation_base.ts";
import type { AnnouncedEvents } from "./conversations/conversation_events.ts";
import { Conversation } from "./conversations/conversation.ts";
import type { ConversationMemberRole } from "./conversations/conversation_member_role.ts";
import { ChatRoom } from "./conversations/chat_room.ts";
import type { Conversations } from "./conversations/conversations.ts";
import type { ConversationHost } from "./conversations/host.ts";
import type { Session } from "./session.ts";
import { PersistentConversation } from "./conversations/persistent_conversation.ts";
import { joined, left } from "./conversations/members.ts";
import { objectIn } from "./json_object.ts";

/** What a push needs from the client that it is for. */
export interface PushHost extends ConversationHost {
  /** Whether no plugin keeps what these arguments tell of from being dispatched; where there is one. */
  readonly allowed:
    | ((
      hook: "beforeMessageDispatch" | "beforeCommandDispatch",
      ...args: readonly unknown[]
    ) => Promise<boolean>)
    | undefined;
  /** The changes of messages up to that time arrived. */
  readonly patched: (timestamp: number) => void;
  /** What plugins get to see of the app. */
  readonly realtime: unknown;
  /** Set off when the client leaves. */
  readonly left: Cancel;
  /** Emits on the client; what a listener throws reaches the log. */
  readonly emit: <K extends keyof IMClientEvents>(event: K, ...args: IMClientEvents[K]) => void;
  /** Emits on the conversation and on the client. */
  readonly announce: <K extends keyof AnnouncedEvents>(
    conversation: ConversationBase,
    event: K,
    ...args: AnnouncedEvents[K]
  ) => void;
}

/** What a push does to the conversation that it is about; says whether more or less of it is unread. */
type Effect<Item> = (
  host: PushHost,
  conversation: ConversationBase,
  item: Item,
) => boolean | void | Promise<boolean | void>;

type Did = "invited" | "kicked" | "blocked" | "unblocked" | "muted" | "unmuted";

/** What tells of one thing done to the client itself, and to other members. */
function told(
  op: string,
  did: Did,
  toMembers: Exclude<Did, "invited" | "kicked"> | "joined" | "left" = did as "blocked",
  members?: (members: readonly string[], changed: readonly string[]) => string[],
): Readonly<Record<string, Effect<MessageOf<"ConvCommand">>>> {
  const effect = (event: Did | `members${typeof toMembers}`): Effect<MessageOf<"ConvCommand">> =>
  (
    host,
    conversation,
    { m, initBy = "" },
  ) => {
    if (members) conversation.members = members(conversation.members, m ?? [host.clientId]);
    const payload = { [`${did}By`]: initBy, ...m && { members: [...m] } };
    host.announce(conversation, event, ...[payload] as unknown as AnnouncedEvents[typeof event]);
  };
  return { [op]: effect(did), [`members_${op}`]: effect(`members${toMembers}`) };
}

async function direct(
  host: PushHost,
  conversation: ConversationBase,
  item: MessageOf<"DirectCommand">,
) {
  const { id, fromPeerId, transient } = item;
  const received = await host.receive(item);
  // Only now: what could not be dispatched may come again.
  if (id && host.seen(id)) return;
  if (host.allowed && !await host.allowed("beforeMessageDispatch", received, conversation)) return;
  if (!transient) {
    conversation.advance(received);
    if (fromPeerId !== host.clientId && !(conversation instanceof ChatRoom)) {
      conversation.unreadMessagesMentioned ||= received.mentioned;
      conversation.unreadMessagesCount++;
    }
  }
  host.announce(conversation, "message", received);
}

async function unread(
  host: PushHost,
  conversation: ConversationBase,
  item: MessageOf<"UnreadTuple">,
) {
  const { mid, unread, mentioned } = item;
  if (unread === 0) host.receipts.confirmed(conversation.id);
  if (mid !== undefined) conversation.advance(await host.receive(item));
  // A conversation that was asked for after the push came has the number already.
  return conversation.setUnread(unread, mentioned) || unread > 0;
}

async function patch(host: PushHost, conversation: ConversationBase, item: MessageOf<"PatchItem">) {
  const { mid, recall, patchTimestamp = 0, patchCode: code, patchReason: detail } = item;
  const message = await host.receive(item);
  // One made while the client logged in may come as a missed one, and as news.
  if (host.seen(`${mid} ${patchTimestamp}`)) return;
  conversation.replace(message);
  const reason = code === undefined ? undefined : { code, detail };
  host.announce(conversation, recall ? "messagerecall" : "messageupdate", message, reason);
  host.patched(patchTimestamp);
}

function updated(host: PushHost, conversation: ConversationBase, item: MessageOf<"ConvCommand">) {
  if (!(conversation instanceof PersistentConversation)) return;
  const attributes = objectIn<Record<string, unknown>>(item.attr) ?? {};
  conversation.updated(attributes, item);
  host.announce(conversation, "infoupdated", { attributes, updatedBy: item.initBy ?? "" });
}

function roleChanged(
  host: PushHost,
  conversation: ConversationBase,
  { info, initBy: updatedBy = "" }: MessageOf<"ConvCommand">,
) {
  if (!(conversation instanceof Conversation)) return;
  const { pid: member = "", role } = info ?? {};
  const memberInfo = conversation.roleChanged(member, role as ConversationMemberRole | undefined);
  host.announce(conversation, "memberinfoupdated", { member, memberInfo, updatedBy });
}

/** What each push does, by its `op` where it is about a conversation, and by its `cmd`. */
const effects: Readonly<Record<string, Effect<never>>> = {
  ...told("joined", "invited", "joined", joined),
  ...told("left", "kicked", "left", left),
  ...told("blocked", "blocked"),
  ...told("unblocked", "unblocked"),
  ...told("shutuped", "muted"),
  ...told("unshutuped", "unmuted"),
  member_info_changed: roleChanged,
  updated,
  rcp: (_host, conversation, item: MessageOf<"RcpCommand">) => conversation.receipt(item),
  direct,
  unread,
  patch,
};

/** What the server answers who asks for what he missed. */
interface Missed {
  readonly notifications: readonly {
    readonly cmd: "conv" | "rcp";
    readonly op?: Command["op"];
    readonly serverTs: number;
    readonly cid?: string;
  }[];
  readonly hasMore: boolean;
}

/** What the server pushes to a client, handled one after the other, whatever each has to wait for. */
export class Pushes {
  readonly #host: PushHost;
  readonly #conversations: Conversations;
  readonly #session: Session;
  #handled: Promise<void> = Promise.resolve();
  /** The time from which on notices are missing; `undefined` where none are. */
  #missing: number | undefined;

  /** None came yet. */
  constructor(host: PushHost, conversations: Conversations, session: Session) {
    this.#host = host;
    this.#conversations = conversations;
    this.#session = session;
  }

  /** Takes a command that was pushed. */
  take(command: Command): void {
    const { cmd, op, sessionMessage, unreadMessage } = command;
    if (cmd === "session" && op === "closed") return this.#session.closedByServer(sessionMessage);
    const { convs = [], notifTime = this.#session.lastUnreadNotifTime } = unreadMessage ?? {};
    this.#session.lastUnreadNotifTime = notifTime;
    this.#conversations.expect(convs);
    this.#handled = this.#handled.then(() => this.#handle(command)).catch((error) => {
      if (this.#host.left.aborted) return;
      this.#host.log.error("A push could not be handled", { cmd, op, error });
    }).then(() => this.#conversations.expected(convs));
  }

  /** Asks for what was told to the client while it was away, and handles it. */
  async catchUp(): Promise<void> {
    const { rest, left: leaving, log } = this.#host;
    this.#missing ??= this.#session.noticed;
    const missed = new Set<string>();
    try {
      while (this.#missing !== undefined) {
        const { notifications, hasMore } = await rest(
          "rtm/notifications",
          `notification_type=permanent&start_ts=${this.#missing}`,
          { signal: leaving },
        ) as unknown as Missed;
        for (const { cmd, op, serverTs, ...fields } of notifications) {
          this.take({ cmd, op, serverTs, [`${cmd}Message`]: fields } as Command);
          if (fields.cid) missed.add(fields.cid);
        }
        this.#missing = hasMore ? notifications.at(-1)?.serverTs : undefined;
      }
      await this.#handled;
      // What came first in time may have been handled last.
      await this.#conversations.find([...missed], true);
    } catch (error) {
      // Of a client that leaves, nothing is missing.
      if (!leaving.aborted) log.warn("What was missed could not be asked for", { error });
    }
  }

  /** Does what a command says; plugins are asked before. */
  async #handle(command: Command): Promise<void> {
    const host = this.#host;
    const conversations = this.#conversations;
    if (host.allowed && !await host.allowed("beforeCommandDispatch", command, host.realtime)) {
      return;
    }
    const {
      cmd = "",
      op = "",
      convMessage,
      directMessage,
      unreadMessage,
      patchMessage,
      rcpMessage,
      serverTs,
    } = command;
    const effect = effects[cmd === "conv" ? op : cmd];
    const items: readonly ({ readonly cid?: string | undefined } | undefined)[] =
      unreadMessage?.convs ?? patchMessage?.patches ?? [convMessage ?? directMessage ?? rcpMessage];
    if (!effect || items.includes(undefined)) {
      host.log[cmd === "error" ? "warn" : "debug"]("A push has no handler", { command });
      return host.emit("unhandledmessage", command);
    }
    // The reply that brings the conversation is handled before what it caused.
    if (convMessage?.initBy === host.clientId) await conversations.created();
    await conversations.find(items.map((item) => item?.cid ?? ""));
    // What a client that closes did not get to, it does not acknowledge either.
    if (host.left.aborted) return;
    // Not before: where the conversation could not be asked for, the server is to send it again.
    if (serverTs && (convMessage ?? rcpMessage)) {
      this.#session.noticed = serverTs;
      // One that came while the client logged in comes as a missed one too.
      if (host.seen(`${op} ${items[0]?.cid} ${rcpMessage?.id} ${serverTs}`)) return;
    }
    const { cid = "", timestamp = 0, fromPeerId, transient, convType } = directMessage ?? {};
    if (directMessage && !transient && fromPeerId !== host.clientId && convType !== 2) {
      host.receipts.received(cid, timestamp);
    }
    const changed: ConversationBase[] = [];
    for (const item of items) {
      const conversation = conversations.get(item?.cid ?? "");
      if (!conversation) {
        host.log.warn("A push concerns a conversation that does not exist", { cid: item?.cid });
      } else if (await effect(host, conversation, item as never)) changed.push(conversation);
    }
    if (changed.length) host.emit("unreadmessagescountupdate", changed);
  }
}
