/**
 * What reached whom, and who has read how far.
 *
 * @module
 */
import { type Command, type MessageOf, RealtimeError } from "@curlew/realtime/protocol";
import type { Mark, NewNotice, ReadChange, Tell } from "../store/store.ts";
import type { Handler } from "./context.ts";
import type { NoticeEvent } from "./events.ts";
import { unreadTupleOf } from "./message_fields.ts";
import { asJson, toldEvents } from "./notices.ts";

/** A receipt, for the author of what it is about. */
function receipt(author: string, rcpMessage: MessageOf<"RcpCommand">): NewNotice {
  return { to: [author], command: asJson({ cmd: "rcp", rcpMessage }) };
}

function deliveredMark({ mid, fromts, tots }: MessageOf<"AckCommand">): Mark | undefined {
  if (mid) return { id: mid };
  if (tots === undefined) return undefined;
  return { timestamp: tots, ...(fromts === undefined ? {} : { from: fromts }) };
}

/** Messages arrived: whoever wanted to know hears of it. There is no reply. */
export const ack: Handler = async (caller, { ackMessage = {} }, context) => {
  const { app, client } = caller;
  const mark = deliveredMark(ackMessage);
  if (!ackMessage.cid || !mark) return {};
  const cid = ackMessage.cid;
  const { told } = await context.store.markDelivered(
    app.id,
    client,
    cid,
    mark,
    (due) =>
      due.map(({ message: { id, from }, at }) => receipt(from, { cid, id, t: at, from: client })),
  );
  return { events: toldEvents({ id: cid, members: new Set() }, told) };
};

function readMark({ mid, timestamp }: MessageOf<"ReadTuple">): Mark {
  if (timestamp) return { timestamp };
  return mid ? { id: mid } : { newest: true };
}

/** What a read mark is called. */
export function readOf(client: string, conversation: string): string {
  return `read ${JSON.stringify([client, conversation])}`;
}

/** What a reader's sessions hear of what is unread now in some conversations. */
export function readNotice(
  client: string,
  changes: readonly ReadChange[],
  { id, at }: { readonly id: string; readonly at: number },
): NoticeEvent {
  return {
    kind: "notice",
    id,
    newest: changes.map(({ conversation, upTo }) => ({
      of: readOf(client, conversation.id),
      version: upTo,
    })),
    to: [client],
    version: 3,
    command: {
      cmd: "unread",
      service: 2,
      unreadMessage: {
        convs: changes.map(({ conversation, unread: count, mentioned }) =>
          unreadTupleOf({ conversation, count, mentioned })
        ),
        notifTime: at,
      },
    },
  };
}

/** What of it is not outdated: a conversation for each that is `true`. */
export function newsOnly(
  { unreadMessage, ...command }: Command,
  fresh: readonly boolean[],
): Command {
  if (!unreadMessage?.convs) return command;
  const convs = unreadMessage.convs.filter((_, i) => fresh[i]);
  return { ...command, unreadMessage: { ...unreadMessage, convs } };
}

/** Messages were read: all sessions of the reader hear of it, and in a conversation of two the author. */
export const read: Handler = async (caller, { readMessage = {} }, context) => {
  const { app, client } = caller;
  const tell: Tell<ReadChange> = ({ conversation: { id: cid, members }, read, at }) =>
    !read || members.size > 2
      ? []
      : [receipt(read.from, { cid, id: read.id, t: at, from: client, read: true })];
  const changes = await Promise.allSettled(
    (readMessage.convs ?? []).map((tuple) =>
      context.store.markRead(app.id, client, tuple.cid, readMark(tuple), tell)
    ),
  );
  const done = changes.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  for (const result of changes) {
    if (result.status === "fulfilled") continue;
    const about = { app: app.id, error: result.reason };
    if (result.reason instanceof RealtimeError) context.log.debug("A read mark was refused", about);
    else context.log.error("A read mark could not be kept", about);
  }
  if (done.length === 0) return {};
  const unread = readNotice(client, done, { id: context.newId(), at: context.clock.now() });
  return {
    events: [unread, ...done.flatMap(({ conversation, told }) => toldEvents(conversation, told))],
  };
};
