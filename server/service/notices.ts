/**
 * What those in a conversation are told of it: at once where they are there, and kept for those who
 * are away.
 *
 * @module
 */
import type { MessageOf, OpType } from "@curlew/realtime/protocol";
import type { Conversation, Json, NewNotice } from "../store/store.ts";
import type { Caller, Context } from "./context.ts";
import type { NoticeEvent } from "./events.ts";
import { isoTime } from "./iso_time.ts";

/** One thing that is told. */
export interface Told {
  /** What happened. */
  readonly op: OpType;
  /** The clients who are told; without them all members are. */
  readonly to?: readonly string[];
  /** The room that these clients are not in any more. */
  readonly out?: string;
  /** What belongs to it. */
  readonly more?: MessageOf<"ConvCommand">;
}

/** The notices of what a client did to a conversation, in order. */
export async function tell(
  told: readonly Told[],
  conversation: Conversation,
  caller: Caller,
  context: Context,
): Promise<readonly NoticeEvent[]> {
  const { id: cid, kind, updatedAt, members } = conversation;
  // Nobody is a member of a room: nobody there is told of others.
  const heard = told.filter(({ to = [...members] }) => to.length > 0).map((
    { op, to, out, more },
  ) => ({
    to,
    out,
    command: {
      cmd: "conv" as const,
      op,
      convMessage: {
        cid,
        initBy: caller.client,
        udate: isoTime(updatedAt),
        ...more,
        transient: kind === "room" ? true : undefined,
        tempConv: kind === "temporary" ? true : undefined,
      },
    },
  }));
  if (heard.length === 0) return [];
  const times = await keep(heard, cid, caller, context);
  return heard.map(({ to = [...members], out, command }, index) => ({
    kind: "notice",
    id: context.newId(),
    to,
    ...(out === undefined ? {} : { out }),
    command: { ...command, service: 2, serverTs: times[index]!, notificationType: 1 },
  }));
}

/** Keeps what is told; where that fails, it is told to those who are there all the same. */
async function keep(
  heard: readonly { readonly to: readonly string[] | undefined; readonly command: object }[],
  cid: string,
  { app }: Caller,
  { store, clock, log }: Context,
): Promise<readonly number[]> {
  try {
    return await store.keepNotices(
      app.id,
      cid,
      heard.map(({ to, command }): NewNotice => ({
        to: to ?? "members",
        // As it is written: what is absent is not there.
        command: JSON.parse(JSON.stringify(command)) as Json,
      })),
    );
  } catch (error) {
    log.error("What was told could not be kept for those who are away", { cid, error });
    return heard.map(() => clock.now());
  }
}
