/**
 * What each command that the server pushes does to a client.
 *
 * @module
 */
import type { Log } from "../environment/mod.ts";
import type { Command, MessageOf } from "../protocol/mod.ts";
import type { IMClientEvents } from "./client_events.ts";
import type { ConversationBase, ConversationEvents } from "./conversations/conversation_base.ts";
import { ChatRoom } from "./conversations/chat_room.ts";
import type { ConversationHost } from "./conversations/host.ts";
import { joined, left } from "./conversations/members.ts";

/** What a push needs from the client that it is for. */
export interface PushHost extends ConversationHost {
  /** Where failures go. */
  readonly log: Log;
  /** The conversations of these ids, asked for where they are not known. */
  readonly find: (cids: readonly string[]) => Promise<ConversationBase[]>;
  /** The conversations that the client is creating just now have been created. */
  readonly created: () => Promise<void>;
  /** A message is to be acknowledged. */
  readonly acknowledge: (cid: string, timestamp: number) => void;
  /** The server knows how far the client has read. */
  readonly readConfirmed: (cid: string) => void;
  /** Emits on the client; what a listener throws reaches the log. */
  readonly emit: <K extends keyof IMClientEvents>(event: K, ...args: IMClientEvents[K]) => void;
  /** Emits on the conversation and on the client. */
  readonly announce: <K extends keyof ConversationEvents>(
    conversation: ConversationBase,
    event: K,
    ...args: ConversationEvents[K]
  ) => void;
}

/** What a change of a conversation's members does: the event, its field for who did it, the members. */
type Change = readonly [
  event: Exclude<keyof ConversationEvents, "message">,
  by: string,
  change: (members: readonly string[], changed: readonly string[]) => string[],
];

/** What a change of a conversation's members does, by `op`. */
const changes: Readonly<Record<string, Change>> = {
  joined: ["invited", "invitedBy", joined],
  left: ["kicked", "kickedBy", left],
  members_joined: ["membersjoined", "invitedBy", joined],
  members_left: ["membersleft", "kickedBy", left],
};

async function conv(host: PushHost, [event, by, change]: Change, push: MessageOf<"ConvCommand">) {
  const { cid, initBy = "", m } = push;
  // The reply that brings the conversation is handled before what it caused.
  if (initBy === host.clientId) await host.created();
  const conversation = await known(host, cid);
  if (!conversation) return;
  conversation.members = change(conversation.members, m ?? [host.clientId]);
  const payload = { [by]: initBy, ...m && { members: [...m] } };
  host.announce(conversation, event, ...[payload] as unknown as ConversationEvents[typeof event]);
}

async function known(host: PushHost, cid = ""): Promise<ConversationBase | undefined> {
  const [conversation] = await host.find([cid]);
  if (!conversation) host.log.warn("A push concerns a conversation that does not exist", { cid });
  return conversation;
}

async function direct(host: PushHost, message: MessageOf<"DirectCommand">) {
  const { cid = "", id = "", timestamp = 0, fromPeerId: from = "", transient } = message;
  const own = from === host.clientId;
  const conversation = await known(host, cid);
  // Not before: where the conversation could not be asked for, the server is to send it again.
  if (!transient && !own && message.convType !== 2) host.acknowledge(cid, timestamp);
  if (!conversation) return;
  const received = await host.receive(message.binaryMsg ?? message.msg ?? "", {
    ...message,
    cid,
    id,
    from,
    timestamp,
  });
  // Only now: what could not be dispatched may come again.
  if (id && host.seen(id)) return;
  if (!transient) {
    conversation.advance(received);
    if (!own && !(conversation instanceof ChatRoom)) {
      conversation.unreadMessagesMentioned ||= received.mentioned;
      conversation.unreadMessagesCount++;
    }
  }
  host.announce(conversation, "message", received);
}

async function unread(host: PushHost, tuples: readonly MessageOf<"UnreadTuple">[]) {
  const conversations = await host.find(tuples.map(({ cid }) => cid));
  const byId = new Map(conversations.map((conversation) => [conversation.id, conversation]));
  const changed: ConversationBase[] = [];
  for (const tuple of tuples) {
    const { cid, mid, from = "", timestamp = 0 } = tuple;
    const conversation = byId.get(cid);
    if (!conversation) {
      host.log.warn("An unread notice concerns a conversation that does not exist", { cid });
      continue;
    }
    if (tuple.unread === 0) host.readConfirmed(cid);
    if (mid !== undefined) {
      const content = tuple.binaryMsg ?? tuple.data ?? "";
      conversation.advance(
        await host.receive(content, { ...tuple, cid, id: mid, from, timestamp }),
      );
    }
    const differs = conversation.setUnread(tuple.unread, tuple.mentioned);
    // A conversation that was asked for after the push came has the number already.
    if (differs || tuple.unread > 0) changed.push(conversation);
  }
  if (changed.length) host.emit("unreadmessagescountupdate", changed);
}

/** Does what a pushed command says. */
export async function handle(host: PushHost, command: Command): Promise<void> {
  const { cmd, op = "", convMessage, directMessage, unreadMessage } = command;
  const change = cmd === "conv" ? changes[op] : undefined;
  if (change && convMessage) return await conv(host, change, convMessage);
  if (cmd === "direct" && directMessage) return await direct(host, directMessage);
  if (cmd === "unread") return await unread(host, unreadMessage?.convs ?? []);
  host.log[cmd === "error" ? "warn" : "debug"]("A push has no handler", { command });
  host.emit("unhandledmessage", command);
}
