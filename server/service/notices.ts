/**
 * What those in a conversation are told of it.
 *
 * @module
 */
import type { MessageOf, OpType } from "@curlew/realtime/protocol";
import type { Conversation } from "../store/store.ts";
import type { Caller, Context } from "./context.ts";
import type { NoticeEvent } from "./events.ts";
import { isoTime } from "./iso_time.ts";

/** A notice of what happened to a conversation. */
export function conversationNotice(
  op: OpType,
  to: readonly string[],
  conversation: Conversation,
  { client }: Caller,
  { clock, newId }: Context,
  more: MessageOf<"ConvCommand"> = {},
): NoticeEvent {
  const { id: cid, kind, updatedAt } = conversation;
  return {
    kind: "notice",
    id: newId(),
    to,
    command: {
      cmd: "conv",
      op,
      service: 2,
      serverTs: clock.now(),
      notificationType: 1,
      convMessage: {
        cid,
        initBy: client,
        udate: isoTime(updatedAt),
        ...more,
        transient: kind === "room" ? true : undefined,
        tempConv: kind === "temporary" ? true : undefined,
      },
    },
  };
}
