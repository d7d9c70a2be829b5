/**
 * What reached whom, and who has read how far.
 *
 * @module
 */
import type { MessageOf } from "@curlew/realtime/protocol";
import type { Mark } from "../store/store.ts";
import type { Handler } from "./context.ts";
import type { NoticeEvent } from "./events.ts";
import { unreadTupleOf } from "./message_fields.ts";
import { type Heard, keptNotices } from "./notices.ts";

/** A receipt, for the author of what it is about. */
function receipt(author: string, rcpMessage: MessageOf<"RcpCommand">): Heard {
  return { to: [author], command: { cmd: "rcp", rcpMessage } };
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
  const due = await context.store.markDelivered(app.id, client, cid, mark);
  const receipts = due.map(({ message: { id, from }, at }) =>
    receipt(from, { cid, id, t: at, from: client })
  );
  return { events: await keptNotices(cid, receipts, caller, context) };
};

function readMark({ mid, timestamp }: MessageOf<"ReadTuple">): Mark {
  if (timestamp) return { timestamp };
  return mid ? { id: mid } : { newest: true };
}

/** Messages were read: all sessions of the reader hear of it, and in a conversation of two the author. */
export const read: Handler = async (caller, { readMessage = {} }, context) => {
  const { app, client } = caller;
  const changes = await Promise.allSettled(
    (readMessage.convs ?? []).map((tuple) =>
      context.store.markRead(app.id, client, tuple.cid, readMark(tuple))
    ),
  );
  const done = changes.flatMap((result) => result.status === "fulfilled" ? [result.value] : []);
  for (const result of changes) {
    if (result.status === "rejected") {
      context.log.debug("A read mark was refused", { app: app.id, error: result.reason });
    }
  }
  if (done.length === 0) return {};
  const unread: NoticeEvent = {
    kind: "notice",
    id: context.newId(),
    to: [client],
    version: 3,
    command: {
      cmd: "unread",
      service: 2,
      unreadMessage: {
        convs: done.map(({ conversation, unread: count, mentioned }) =>
          unreadTupleOf({ conversation, count, mentioned })
        ),
        notifTime: context.clock.now(),
      },
    },
  };
  const receipts = await Promise.all(
    done.map(({ conversation: { id: cid, members }, read, at }) => {
      if (!read || members.size > 2) return [];
      const told = receipt(read.from, { cid, id: read.id, t: at, from: client, read: true });
      return keptNotices(cid, [told], caller, context);
    }),
  );
  return { events: [unread, ...receipts.flat()] };
};
