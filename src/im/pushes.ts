/**
 * What each command that the server pushes does to a client.
 *
 * @module
 */
import type { Command, MessageOf } from "../protocol/mod.ts";
import type { IMClientEvents } from "./client_events.ts";
import type { ConversationBase } from "./conversations/conversation_base.ts";
import type { AnnouncedEvents } from "./conversations/conversation_events.ts";
import { Conversation } from "./conversations/conversation.ts";
import type { ConversationMemberRole } from "./conversations/conversation_member_role.ts";
import { ChatRoom } from "./conversations/chat_room.ts";
import type { Conversations } from "./conversations/conversations.ts";
import type { ConversationHost } from "./conversations/host.ts";
import { PersistentConversation } from "./conversations/persistent_conversation.ts";
import { joined, left } from "./conversations/members.ts";

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
  /** A notice of that time arrived. */
  readonly noticed: (timestamp: number) => void;
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
  const attributes = JSON.parse(item.attr?.data ?? "{}");
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

/** Does what a pushed command says; plugins are asked before, and told of the `realtime`. */
export async function handle(
  host: PushHost,
  conversations: Conversations,
  command: Command,
  realtime: unknown,
): Promise<void> {
  if (host.allowed && !await host.allowed("beforeCommandDispatch", command, realtime)) return;
  const { cmd = "", op = "", convMessage, directMessage, unreadMessage, patchMessage, rcpMessage } =
    command;
  const { serverTs } = command;
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
  // Not before: where the conversation could not be asked for, the server is to send it again.
  if (serverTs && (convMessage ?? rcpMessage)) {
    host.noticed(serverTs);
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
