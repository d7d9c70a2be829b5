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

/** A change that somebody made to a conversation: the event, its field for who did it, the members. */
function change(
  event: keyof AnnouncedEvents,
  by: string,
  members?: (members: readonly string[], changed: readonly string[]) => string[],
): Effect<MessageOf<"ConvCommand">> {
  return (host, conversation, { m, initBy = "" }) => {
    if (members) conversation.members = members(conversation.members, m ?? [host.clientId]);
    const payload = { [by]: initBy, ...m && { members: [...m] } };
    host.announce(conversation, event, ...[payload] as unknown as AnnouncedEvents[typeof event]);
  };
}

async function direct(
  host: PushHost,
  conversation: ConversationBase,
  item: MessageOf<"DirectCommand">,
) {
  const { id, fromPeerId: from, transient } = item;
  const received = await host.receive(item.binaryMsg ?? item.msg ?? "", { ...item, from });
  // Only now: what could not be dispatched may come again.
  if (id && host.seen(id)) return;
  if (host.allowed && !await host.allowed("beforeMessageDispatch", received, conversation)) return;
  if (!transient) {
    conversation.advance(received);
    if (from !== host.clientId && !(conversation instanceof ChatRoom)) {
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
  const { mid: id, unread, mentioned } = item;
  if (unread === 0) host.receipts.confirmed(conversation.id);
  if (id !== undefined) {
    conversation.advance(await host.receive(item.binaryMsg ?? item.data ?? "", { ...item, id }));
  }
  // A conversation that was asked for after the push came has the number already.
  return conversation.setUnread(unread, mentioned) || unread > 0;
}

async function patch(host: PushHost, conversation: ConversationBase, item: MessageOf<"PatchItem">) {
  const { mid: id, recall, patchTimestamp = 0, patchCode: code, patchReason: detail } = item;
  const message = await host.receive(item.binaryMsg ?? item.data ?? "", { ...item, id });
  // One made while the client logged in may come as a missed one, and as news.
  if (host.seen(`${id} ${patchTimestamp}`)) return;
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
  joined: change("invited", "invitedBy", joined),
  left: change("kicked", "kickedBy", left),
  members_joined: change("membersjoined", "invitedBy", joined),
  members_left: change("membersleft", "kickedBy", left),
  blocked: change("blocked", "blockedBy"),
  unblocked: change("unblocked", "unblockedBy"),
  members_blocked: change("membersblocked", "blockedBy"),
  members_unblocked: change("membersunblocked", "unblockedBy"),
  shutuped: change("muted", "mutedBy"),
  unshutuped: change("unmuted", "unmutedBy"),
  members_shutuped: change("membersmuted", "mutedBy"),
  members_unshutuped: change("membersunmuted", "unmutedBy"),
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
