/**
 * Who in a group has read up to when, as LeanCloud's plugin for group chats tells it. (In a
 * conversation of two, `lastReadAt` says so without a plugin.)
 *
 * Whoever calls `conversation.read()` tells the others who are online. The server is asked when
 * messages are queried for the first time, by `fetchReceiptTimestamps()`, and after a reconnect. A
 * client without the plugin gets what the members tell each other as messages of a type that it does
 * not know, so all of an app's clients should have it.
 *
 * @example
 * ```ts
 * import { Realtime } from "@curlew/realtime";
 * import { groupReceipts, receiptsOf } from "@curlew/realtime/plugins/group-receipts";
 *
 * const server = "http://127.0.0.1:8450";
 * const plugins = [groupReceipts()];
 * const realtime = new Realtime({ appId: "curlew-dev", appKey: "dev-key", server, plugins });
 * const tom = await realtime.createIMClient("tom");
 * const group = receiptsOf(await tom.createConversation({ members: ["jerry", "spike"] }));
 * group.on("lastreadtimestampsupdate", (updated) => {
 *   for (const [member, at] of Object.entries(updated)) console.log(`${member} has read up to ${at}`);
 * });
 * ```
 *
 * @module
 */
import type { CallOptions } from "../../im/call_options.ts";
import type { ClientHooks } from "../../im/client.ts";
import type { ConversationBase } from "../../im/conversations/conversation_base.ts";
import type { EventEmitter } from "../../connection/event_emitter.ts";
import type { Message } from "../../im/messages/message.ts";
import { Group, type ReadTimestamps } from "./group.ts";
import { ReadReceipt } from "./read_receipt.ts";

export { ReadReceipt, type ReadTimestamps };

/** What the plugin has a conversation tell. */
export interface GroupReceiptsEvents {
  /** Members have read on: those alone, by their ids, with the time of the newest message. */
  lastreadtimestampsupdate: [updated: ReadTimestamps];
}

/** What the plugin adds to a conversation. */
export interface GroupReceipts
  extends Pick<EventEmitter<GroupReceiptsEvents>, "on" | "once" | "off"> {
  /** When the newest message that each of the others has read was sent, by their ids. */
  readonly lastReadTimestamps: ReadTimestamps;
}

/** The plugin that follows who has read; each `Realtime` takes one of its own. */
export function groupReceipts(): Omit<ClientHooks, "beforeCommandDispatch"> {
  const groups = new WeakMap<ConversationBase, Group>();
  const all = new Set<WeakRef<Group>>();
  return {
    name: "group-receipts",
    messageClasses: [ReadReceipt],
    onIMClientCreate: (client) => {
      client.on("reconnect", () => {
        for (const ref of all) {
          const group = ref.deref();
          if (!group) all.delete(ref);
          else if (group.clientId === client.id) group.askAgain();
        }
      });
    },
    onConversationCreate: (conversation) => {
      const group = new Group(conversation);
      groups.set(conversation, group);
      all.add(new WeakRef(group));
      extend(conversation, group);
    },
    beforeMessageDispatch: (message, conversation) => {
      if (!(message instanceof ReadReceipt)) return;
      // Nobody has read what was not sent yet.
      const newest = Math.max(Number(message.timestamp), Number(conversation.lastMessageAt ?? 0));
      const upTo = Math.min(Number(message.upTo), newest);
      groups.get(conversation)?.note([[message.from ?? "", upTo]]);
      return false;
    },
  };
}

/** Adds to a conversation what it is asked and told by. */
function extend(conversation: ConversationBase, group: Group): void {
  const { read, queryMessages, fetchReceiptTimestamps } = conversation;
  Object.assign(conversation, {
    lastReadTimestamps: group.times,
    read() {
      group.tell();
      return read.call(conversation);
    },
    queryMessages(...args: Parameters<typeof queryMessages>) {
      group.asked();
      return queryMessages.apply(conversation, args);
    },
    async fetchReceiptTimestamps(options?: CallOptions) {
      await Promise.all([fetchReceiptTimestamps.call(conversation, options), group.ask(options)]);
      return conversation;
    },
  });
}

/**
 * The same conversation, with what the plugin adds to it; throws a `TypeError` where its `Realtime` is
 * without the plugin.
 */
export function receiptsOf<C extends ConversationBase>(conversation: C): C & GroupReceipts {
  if (!("lastReadTimestamps" in conversation)) {
    throw new TypeError("The Realtime needs groupReceipts() among its plugins");
  }
  return conversation as C & GroupReceipts;
}

/** Who of a conversation's members has read a message, as far as that is known. */
export function readersOf(conversation: ConversationBase, message: Message): string[] {
  const { lastReadTimestamps: times, members } = receiptsOf(conversation);
  return members.filter((id) =>
    id !== message.from && Number(times[id] ?? 0) >= Number(message.timestamp)
  );
}
