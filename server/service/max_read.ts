/**
 * How far the other members of a conversation have come.
 *
 * @module
 */
import { type MessageOf, protocolError } from "@curlew/realtime/protocol";
import type { Handler } from "./context.ts";
import { named } from "./conversations.ts";

/** How many of the newest messages are looked at. */
const NEWEST = 100;

/**
 * The newest of the caller's messages that was delivered, and that was read, by the other one of two;
 * of more members, the newest of all messages that each has, and has read, where all are asked for.
 * They are told by when they were sent: the time of a receipt may be later than that of a message
 * sent meanwhile.
 */
export const maxRead: Handler = async (caller, command, context) => {
  const conversation = await named(command, caller, context);
  const { id: cid, members, seq } = conversation;
  if (!members.has(caller.client)) {
    throw protocolError("CONVERSATION_MEMBERSHIP_REQUIRED", `${caller.client} is no member`);
  }
  const others = [...members].filter((client) => client !== caller.client);
  const [other] = others;
  const all = command.convMessage?.queryAllMembers ?? false;
  const reply = (convMessage: MessageOf<"ConvCommand">) => ({
    reply: { cmd: "conv", op: "max_read", convMessage: { cid, ...convMessage } } as const,
  });
  if (others.length !== 1 || other === undefined) {
    if (!all) return reply({});
    const progress = await context.store.progress(caller.app.id, cid);
    return reply({
      maxReadTuples: progress.filter(({ client }) => client !== caller.client).map(
        ({ client, read, delivered }) => ({
          pid: client,
          maxReadTimestamp: read,
          maxAckTimestamp: delivered,
        }),
      ),
    });
  }
  const after = Math.max(0, seq - NEWEST);
  const messages = await context.store.messagesAfter(caller.app.id, cid, after, NEWEST);
  const own = messages.filter(({ from }) => from === caller.client);
  const maxReadTimestamp = own.findLast(({ readAt }) => readAt !== undefined)?.timestamp;
  const maxAckTimestamp = own.findLast(({ deliveredAt }) => deliveredAt !== undefined)?.timestamp;
  const far = { maxReadTimestamp, maxAckTimestamp };
  return reply(all ? { maxReadTuples: [{ pid: other, ...far }] } : far);
};
