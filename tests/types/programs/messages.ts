/** What is done to messages: sent in many ways, changed, taken back, found again. */
import {
  type ConversationBase,
  type IMClient,
  Message,
  type MessagePointer,
  MessagePriority,
  MessageQueryDirection,
  MessageStatus,
  type RecalledMessage,
  TextMessage,
} from "leancloud-realtime";

export async function send(conversation: ConversationBase): Promise<TextMessage> {
  await conversation.send(new TextMessage("typing"), { transient: true });
  await conversation.send(new TextMessage("I am gone"), { will: true });
  await conversation.send(new TextMessage("now!"), {
    priority: MessagePriority.HIGH,
    pushData: { alert: "now!", badge: "Increment" },
  });
  const message = new TextMessage("Hello").setMentionList(["jerry"]);
  message.mentionAll();
  return await conversation.send(message, { receipt: true });
}

const marks = new Map<MessageStatus, string>([
  [MessageStatus.NONE, ""],
  [MessageStatus.SENDING, "…"],
  [MessageStatus.SENT, "✓"],
  [MessageStatus.DELIVERED, "✓✓"],
  [MessageStatus.FAILED, "!"],
]);

export function mark({ status, deliveredAt }: Message): string {
  return `${marks.get(status)} ${deliveredAt?.toLocaleTimeString() ?? ""}`;
}

export async function isRead(conversation: ConversationBase, message: Message): Promise<boolean> {
  const { lastReadAt, lastDeliveredAt } = await conversation.fetchReceiptTimestamps();
  if (lastDeliveredAt && lastDeliveredAt < message.timestamp) return false;
  return lastReadAt !== undefined && lastReadAt >= message.timestamp;
}

export async function correct(conversation: ConversationBase, old: Message): Promise<string> {
  const pointer: MessagePointer = { id: old.id, timestamp: old.timestamp.getTime() };
  const changed = await conversation.update(pointer, new TextMessage("better"));
  const again: TextMessage = await conversation.update(old, changed);
  const left: RecalledMessage = await conversation.recall(again);
  await conversation.recall(pointer);
  return `${changed.text} ${changed.updatedAt.getTime()} ${left.summary}`;
}

export async function history(conversation: ConversationBase): Promise<Message[]> {
  const newest: Message[] = await conversation.queryMessages({ limit: 20 });
  const older = await conversation.queryMessages({
    beforeTime: newest[0]!.timestamp,
    beforeMessageId: newest[0]!.id,
    afterTime: new Date(0),
    afterMessageId: "first",
    limit: 20,
    type: -1,
  });
  const upwards = await conversation.queryMessages({
    startTime: new Date(0),
    startMessageId: "first",
    startClosed: true,
    endTime: new Date(),
    endMessageId: "last",
    endClosed: false,
    limit: 100,
    type: -1,
    direction: MessageQueryDirection.OLD_TO_NEW,
  });
  return [...older, ...newest, ...upwards];
}

export async function walk(conversation: ConversationBase): Promise<number> {
  const pages = conversation.createMessagesIterator({
    limit: 100,
    beforeTime: new Date(),
    beforeMessageId: "last",
  });
  let count = 0;
  for (let done = false; !done;) {
    const page = await pages.next();
    count += page.value.length;
    done = page.done;
  }
  return count;
}

export async function keep(client: IMClient, message: Message): Promise<string> {
  const kept = JSON.stringify(message.toFullJSON());
  const again = await client.parseMessage(JSON.parse(kept));
  const text = await client.parseMessage<TextMessage>(JSON.parse(kept));
  return `${again.cid} ${text.text} ${Message.validate()}`;
}

export function mentions(message: Message, me: string): boolean {
  const listed: boolean = message.getMentionList().includes(me) ||
    message.mentionList.indexOf(me) >= 0;
  return !!message.mentioned || !!message.mentionedAll || listed;
}

export const opposite = (direction: MessageQueryDirection): MessageQueryDirection =>
  direction === MessageQueryDirection.NEW_TO_OLD
    ? MessageQueryDirection.OLD_TO_NEW
    : MessageQueryDirection.NEW_TO_OLD;

export const urgency = (priority: MessagePriority): string =>
  priority === MessagePriority.LOW ? "low" : priority === MessagePriority.NORMAL ? "" : "!";
