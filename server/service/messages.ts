/**
 * Sending messages, and reading them again.
 *
 * @module
 */
import type { MessageOf } from "@curlew/realtime/protocol";
import { mayTalk } from "../store/member_rules.ts";
import type { Content, HistoryBound } from "../store/store.ts";
import { type Caller, type Context, type Handler, type Outcome, refusal } from "./context.ts";
import { conversationTypes, logItemOf } from "./message_fields.ts";

/** How large a message may be with what is pushed for it, and whom it mentions likewise, in bytes. */
const MESSAGE_SIZE = 5_120;
/** How many messages a page of history has where it doesn't say, and at most. */
const HISTORY_LIMIT = { usual: 20, most: 100 };

const utf8 = new TextEncoder();

/** Whether text takes more than so many bytes, mostly without counting them. */
function longer(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && utf8.encode(text).length > bytes;
}

/** A refusal where a message is too large. */
export function checkSize(
  { msg = "", binaryMsg, pushData, mentionPids, dt = "" }: MessageOf<"DirectCommand">,
): void {
  const text = pushData === undefined ? msg : msg + pushData;
  const beside = mentionPids ? `${mentionPids},${dt}` : dt;
  if (
    longer(text, MESSAGE_SIZE - (binaryMsg?.length ?? 0)) || longer(beside, MESSAGE_SIZE)
  ) {
    throw refusal("FRAME_TOO_LONG", `A message takes ${MESSAGE_SIZE} bytes at most`);
  }
}

/** Sends a message that is passed on and not kept. */
async function sendTransient(
  caller: Caller,
  cid: string,
  direct: MessageOf<"DirectCommand">,
  { store, clock, newId }: Context,
): Promise<Outcome> {
  const conversation = await store.conversation(caller.app.id, cid);
  const inside = conversation?.kind === "room"; // where anybody may speak
  if (!conversation || !inside && !conversation.members.has(caller.client)) {
    throw refusal("INVALID_MESSAGING_TARGET", `${caller.client} is in no conversation ${cid}`);
  }
  mayTalk(conversation, caller.client);
  const id = newId();
  const timestamp = clock.now();
  const { msg, binaryMsg, mentionPids, mentionAll } = direct;
  return {
    reply: { cmd: "ack", ackMessage: { uid: id, t: timestamp, cid } },
    events: [{
      kind: "notice",
      id,
      to: [...conversation.members],
      ...(inside ? { room: cid } : {}),
      except: caller.session,
      command: {
        cmd: "direct",
        service: 2,
        directMessage: {
          cid,
          id,
          fromPeerId: caller.client,
          timestamp,
          transient: true,
          msg: binaryMsg ? undefined : msg,
          binaryMsg,
          mentionPids,
          mentionAll,
          convType: conversationTypes[conversation.kind],
        },
      },
    }],
  };
}

/** Sends a message that is kept. It is acknowledged then. */
async function sendKept(
  caller: Caller,
  cid: string,
  direct: MessageOf<"DirectCommand">,
  context: Context,
): Promise<Outcome> {
  const { msg = "", binaryMsg, dt, mentionPids, mentionAll, r } = direct;
  const content: Content = binaryMsg ? { binary: binaryMsg } : { text: msg };
  const { message, conversation, repeated } = await context.store.appendMessage(caller.app.id, {
    conversation: cid,
    from: caller.client,
    content,
    mentioned: mentionPids ?? [],
    mentionedAll: mentionAll ?? false,
    receipt: r ?? false,
    ...(dt === undefined ? {} : { dt }),
  });
  return {
    reply: { cmd: "ack", ackMessage: { uid: message.id, t: message.timestamp, cid } },
    events: repeated ? [] : [{
      kind: "message",
      to: [...conversation.members],
      except: caller.session,
      conversationKind: conversation.kind,
      message,
    }],
  };
}

/** Sends a message. */
export const direct: Handler = (caller, { directMessage = {} }, context) => {
  const { cid } = directMessage;
  checkSize(directMessage);
  if (!cid) throw refusal("INVALID_MESSAGING_TARGET", "The message names no conversation");
  if (directMessage.will) {
    throw refusal("MESSAGE_REJECTED_BY_APP", "This server does not keep last wills yet");
  }
  const send = directMessage.transient ? sendTransient : sendKept;
  return send(caller, cid, directMessage, context);
};

/** An end of a range; 0 is what some clients send for "not said". */
function bound(
  timestamp: number | undefined,
  id: string | undefined,
  included: boolean | undefined,
): HistoryBound | undefined {
  if (!timestamp) return undefined;
  return { timestamp, included: included ?? false, ...(id ? { id } : {}) };
}

/** Messages of a conversation, always oldest first. */
export const logs: Handler = async ({ app, client }, { logsMessage = {} }, { store }) => {
  const { cid, t, mid, tIncluded, tt, tmid, ttIncluded, direction, lctype } = logsMessage;
  const conversation = cid ? await store.conversation(app.id, cid) : undefined;
  if (!conversation) {
    throw refusal(
      "CONVERSATION_NOT_FOUND",
      `There is no conversation ${JSON.stringify(cid ?? "")}`,
    );
  }
  const limit = logsMessage.l ?? logsMessage.limit ?? HISTORY_LIMIT.usual;
  if (limit < 0) throw refusal("CONVERSATION_LOG_FAILED", "limit must not be negative");
  const from = bound(t, mid, tIncluded);
  const to = bound(tt, tmid, ttIncluded);
  const messages = await store.history(app.id, {
    conversation: conversation.id,
    reader: client,
    direction: direction === "NEW" ? "newer" : "older",
    limit: Math.min(limit, HISTORY_LIMIT.most),
    ...(from && { from }),
    ...(to && { to }),
    ...(lctype === undefined ? {} : { type: lctype }),
  });
  return {
    reply: {
      cmd: "logs",
      logsMessage: {
        cid: conversation.id,
        logs: messages.map((message) => logItemOf(message, conversation.kind)),
      },
    },
  };
};
