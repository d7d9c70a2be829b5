/**
 * How far the other one in a conversation of two has come.
 *
 * @module
 */
import { type Handler, refusal } from "./context.ts";
import { named } from "./conversations.ts";

/** How many of the newest messages are looked at. */
const NEWEST = 100;

/**
 * The newest of the caller's messages that was delivered, and that was read. They are told by when
 * they were sent: the time of a receipt may be later than that of a message sent meanwhile.
 */
export const maxRead: Handler = async (caller, command, context) => {
  const conversation = await named(command, caller, context);
  const { id: cid, members, seq } = conversation;
  if (!members.has(caller.client)) {
    throw refusal("CONVERSATION_MEMBERSHIP_REQUIRED", `${caller.client} is no member`);
  }
  const others = [...members].filter((client) => client !== caller.client);
  const [other] = others;
  const all = command.convMessage?.queryAllMembers ?? false;
  if (others.length !== 1 || other === undefined) {
    if (all) {
      throw refusal("CONVERSATION_API_FAILED", "This server can tell it of two members only");
    }
    return { reply: { cmd: "conv", op: "max_read", convMessage: { cid } } };
  }
  const after = Math.max(0, seq - NEWEST);
  const messages = await context.store.messagesAfter(caller.app.id, cid, after, NEWEST);
  const own = messages.filter(({ from }) => from === caller.client);
  const maxReadTimestamp = own.findLast(({ readAt }) => readAt !== undefined)?.timestamp;
  const maxAckTimestamp = own.findLast(({ deliveredAt }) => deliveredAt !== undefined)?.timestamp;
  const far = { maxReadTimestamp, maxAckTimestamp };
  return {
    reply: {
      cmd: "conv",
      op: "max_read",
      convMessage: all ? { cid, maxReadTuples: [{ pid: other, ...far }] } : { cid, ...far },
    },
  };
};
