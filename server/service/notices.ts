/**
 * What those in a conversation are told of it: at once where they are there, and kept for those who
 * are away.
 *
 * @module
 */
import type { Command, MessageOf, OpType } from "@curlew/realtime/protocol";
import type {
  Changed,
  Conversation,
  Json,
  KeptNotice,
  NewNotice,
  Tell,
  Told,
} from "../store/store.ts";
import type { Caller } from "./context.ts";
import type { ToldEvent } from "./events.ts";
import { isoTime } from "./iso_time.ts";

/** One thing that happened. */
export interface News {
  /** What. */
  readonly op: OpType;
  /** The clients who are told; without them all members are. */
  readonly to?: readonly string[];
  /** What belongs to it. */
  readonly more?: MessageOf<"ConvCommand">;
}

/** A command as it is written: what is absent is not there. */
export function asJson(command: Command): Json {
  return JSON.parse(JSON.stringify(command));
}

/** What is told of a client's change of a conversation. */
export function telling<C extends Changed>(
  newsOf: (change: C) => readonly News[],
  { client }: Pick<Caller, "client">,
): Tell<C> {
  return (change) => {
    const { id: cid, kind, updatedAt, members } = change.conversation;
    return newsOf(change).flatMap(({ op, to, more }): readonly NewNotice[] => {
      // Nobody is a member of a room: nobody there is told of others.
      if ((to?.length ?? members.size) === 0) return [];
      const convMessage = {
        cid,
        initBy: client,
        udate: isoTime(updatedAt),
        ...more,
        transient: kind === "room" ? true : undefined,
        tempConv: kind === "temporary" ? true : undefined,
      };
      return [{ to: to ?? "members", command: asJson({ cmd: "conv", op, convMessage }) }];
    });
  };
}

/** What is passed on of what was told in a conversation. */
export function toldEvents(
  { id, members }: Pick<Conversation, "id" | "members">,
  told: readonly Told[],
): readonly ToldEvent[] {
  return told.map(({ to, ...notice }): ToldEvent =>
    to === "members"
      ? { kind: "told", conversation: id, to: [...members], ...notice }
      : { kind: "told", to, ...notice }
  );
}

/** The push of what was told, without `peerId`. */
export function noticePush({ at, command }: KeptNotice): Command {
  return { ...command as unknown as Command, service: 2, serverTs: at, notificationType: 1 };
}

/** The room in which what was told says that a client can't be any more. */
export function roomLeft({ op, convMessage }: Command): string | undefined {
  return op === "blocked" && convMessage?.transient ? convMessage.cid : undefined;
}
