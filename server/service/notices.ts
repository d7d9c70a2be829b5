/**
 * What those in a conversation are told of it: at once where they are there, and kept for those who
 * are away.
 *
 * @module
 */
import type { Command, MessageOf, OpType } from "@curlew/realtime/protocol";
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
  const heard = told.map(({ op, to, out, more }): Heard => ({
    to: to ?? [...members],
    all: to === undefined,
    out,
    command: {
      cmd: "conv",
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
  return await keptNotices(cid, heard.filter(({ to }) => to.length > 0), caller, context);
}

/** One push that is told to some, and kept for them. */
export interface Heard {
  /** The clients who are told. */
  readonly to: readonly string[];
  /** Whether those are all members, and who is one later hears of it too. */
  readonly all?: boolean;
  /** The room that these clients are not in any more. */
  readonly out?: string | undefined;
  /** What they are told. */
  readonly command: Command;
}

/** The notices of what is told of a conversation, in order, each with the time under which it is kept. */
export async function keptNotices(
  cid: string,
  heard: readonly Heard[],
  caller: Pick<Caller, "app">,
  context: Context,
): Promise<readonly NoticeEvent[]> {
  if (heard.length === 0) return [];
  const times = await keep(heard, cid, caller, context);
  return heard.map(({ to, out, command }, index) => ({
    kind: "notice",
    id: context.newId(),
    to,
    ...(out === undefined ? {} : { out }),
    command: { ...command, service: 2, serverTs: times[index]!, notificationType: 1 },
  }));
}

/** Keeps what is told; where that fails, it is told to those who are there all the same. */
async function keep(
  heard: readonly Heard[],
  cid: string,
  { app }: Pick<Caller, "app">,
  { store, clock, log }: Context,
): Promise<readonly number[]> {
  try {
    return await store.keepNotices(
      app.id,
      cid,
      heard.map(({ to, all, command }): NewNotice => ({
        to: all ? "members" : to,
        // As it is written: what is absent is not there.
        command: JSON.parse(JSON.stringify(command)) as Json,
      })),
    );
  } catch (error) {
    log.error("What was told could not be kept for those who are away", { cid, error });
    return heard.map(() => clock.now());
  }
}
