/**
 * Sending messages, and reading them again.
 *
 * @module
 */
import { type MessageOf, protocolError } from "@curlew/realtime/protocol";
import { forSender } from "../store/member_rules.ts";
import type { Content, Conversation, HistoryBound } from "../store/store.ts";
import type { Caller, Context, Handler, Outcome } from "./context.ts";
import type { NoticeEvent } from "./events.ts";
import { conversationTypes, logItemOf } from "./message_fields.ts";
import type { Will } from "./will.ts";

/** How large a message may be with what is pushed for it, and whom it mentions likewise, in bytes. */
const MESSAGE_SIZE = 5_120;
/** How many messages a page of history has where it doesn't say, and at most. */
const HISTORY_LIMIT = { usual: 20, most: 100 };

/** How much a message matters that does not say it. */
export const NORMAL = 2;

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
    throw protocolError("FRAME_TOO_LONG", `A message takes ${MESSAGE_SIZE} bytes at most`);
  }
}

/** The conversation to which a message is passed on and not kept; or the refusal. */
async function destination(
  { app, client }: Pick<Caller, "app" | "client">,
  cid: string,
  { store }: Pick<Context, "store">,
): Promise<Conversation> {
  const conversation = await store.conversation(app.id, cid);
  const message = { conversation: cid, from: client };
  return forSender(conversation && { conversation }, message).conversation;
}

/** The push of a message that is not kept. */
function passedOn(
  { id: cid, kind, members }: Conversation,
  { client, session }: Pick<Caller, "client" | "session">,
  { msg, binaryMsg, mentionPids, mentionAll }: MessageOf<"DirectCommand">,
  more: MessageOf<"DirectCommand"> & { readonly id: string; readonly timestamp: number },
  priority = NORMAL,
): NoticeEvent {
  return {
    kind: "notice",
    id: more.id,
    to: kind === "service" ? [client] : [...members],
    ...(kind === "room" ? { room: cid, priority } : {}),
    except: session,
    command: {
      cmd: "direct",
      service: 2,
      directMessage: {
        cid,
        fromPeerId: client,
        msg: binaryMsg ? undefined : msg,
        binaryMsg,
        mentionPids,
        mentionAll,
        convType: conversationTypes[kind],
        ...more,
      },
    },
  };
}

/** Sends a message that is passed on and not kept. */
async function sendTransient(
  caller: Caller,
  cid: string,
  direct: MessageOf<"DirectCommand">,
  context: Context,
  priority: number | undefined,
): Promise<Outcome> {
  const conversation = await destination(caller, cid, context);
  const id = context.newId();
  const timestamp = context.clock.now();
  return {
    reply: { cmd: "ack", ackMessage: { uid: id, t: timestamp, cid } },
    events: [passedOn(conversation, caller, direct, { id, timestamp, transient: true }, priority)],
  };
}

/** Takes down a message that is to be sent when the client is lost; the last one counts. */
async function takeWill(
  caller: Caller,
  cid: string,
  { msg, binaryMsg, mentionPids, mentionAll }: MessageOf<"DirectCommand">,
  context: Context,
): Promise<Outcome> {
  await destination(caller, cid, context);
  const id = context.newId();
  const direct = { msg, binaryMsg: binaryMsg?.slice(), mentionPids, mentionAll };
  return {
    reply: { cmd: "ack", ackMessage: { uid: id, t: context.clock.now(), cid } },
    will: { cid, id, direct },
  };
}

/** What the others hear of a client that was lost; nothing where it may not speak to them any more. */
export async function executeWill(
  caller: Pick<Caller, "app" | "client" | "session">,
  { cid, id, direct }: Will,
  context: Pick<Context, "store" | "clock" | "log">,
): Promise<readonly NoticeEvent[]> {
  try {
    const conversation = await destination(caller, cid, context);
    return [passedOn(conversation, caller, direct, { id, timestamp: context.clock.now() })];
  } catch (error) {
    context.log.debug("A last will could not be sent", { client: caller.client, error });
    return [];
  }
}

/** Sends a message that is kept. It is acknowledged then. */
async function sendKept(
  caller: Caller,
  cid: string,
  direct: MessageOf<"DirectCommand">,
  context: Context,
  priority: number | undefined,
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
      ...(priority === undefined ? {} : { priority }),
      message,
    }],
  };
}

/** Sends a message. */
export const direct: Handler = (caller, { directMessage = {}, priority }, context) => {
  const { cid } = directMessage;
  checkSize(directMessage);
  if (!cid) throw protocolError("INVALID_MESSAGING_TARGET", "The message names no conversation");
  const { will, transient } = directMessage;
  const send = will ? takeWill : transient ? sendTransient : sendKept;
  return send(caller, cid, directMessage, context, priority);
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
    throw protocolError(
      "CONVERSATION_NOT_FOUND",
      `There is no conversation ${JSON.stringify(cid ?? "")}`,
    );
  }
  const limit = logsMessage.l ?? logsMessage.limit ?? HISTORY_LIMIT.usual;
  if (limit < 0) throw protocolError("CONVERSATION_LOG_FAILED", "limit must not be negative");
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
