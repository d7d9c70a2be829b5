/**
 * What JavaScript keeps of the messages of a conversation by what it heard: the newest one, and how
 * many are unread.
 *
 * @module
 */
import type { Command, MessageOf } from "@curlew/realtime/protocol";
import { rowsOf } from "./every_message.ts";
import type { Heard } from "./recording.ts";

/** The newest message of a conversation. */
export interface Newest {
  /** Its id. */
  readonly id: string;
  /** When it was sent. */
  readonly timestamp: number;
  /** What it says; bytes as base64. */
  readonly content: string;
}

/** The most that a server counts. */
const MOST = 100;

const base64 = (bytes: Uint8Array) => btoa(String.fromCharCode(...bytes));
const contentOf = (text: string | undefined, binary: Uint8Array | undefined): string =>
  binary ? base64(binary) : text ?? "";

/** The message that an acknowledgement is about, or that was pushed: no passing one, and no will. */
function messageIn({ command, name, request }: Heard): [cid: string, message: Newest] | undefined {
  if (name === "ack") {
    const { cid, uid, t } = command.ackMessage!;
    const { msg, binaryMsg, transient, will } = request!.directMessage!;
    if (transient || will) return undefined;
    return [cid!, { id: uid!, timestamp: t!, content: contentOf(msg, binaryMsg) }];
  }
  if (name !== "direct") return undefined;
  const { cid, id, timestamp, msg, binaryMsg, transient } = command.directMessage!;
  if (transient) return undefined;
  return [cid!, { id: id!, timestamp: timestamp!, content: contentOf(msg, binaryMsg) }];
}

/** What became of messages: told, or asked for and agreed to. */
function patchesIn({ command, name, request }: Heard): readonly MessageOf<"PatchItem">[] {
  if (name === "patch/modify") return command.patchMessage!.patches!;
  if (name !== "patch/modified") return [];
  return request!.patchMessage!.patches!.map((item) =>
    item.recall ? { ...item, data: '{"_lctype":-127}' } : item
  );
}

/** The newest message in a row of a query. */
export function newestIn(row: Readonly<Record<string, unknown>>): Newest | undefined {
  if (row.msg_mid === undefined) return undefined;
  return {
    id: String(row.msg_mid),
    timestamp: Number(row.msg_timestamp),
    content: String(row.msg),
  };
}

/** The newest message of each conversation that a client heard of or sent to. */
export function newest(peerId: string, heard: readonly Heard[]): ReadonlyMap<string, Newest> {
  const known = new Map<string, Newest>();
  const note = (cid: string, message: Newest) => {
    if ((known.get(cid)?.timestamp ?? 0) < message.timestamp) known.set(cid, message);
  };
  for (const one of heard) {
    if (one.command.peerId !== peerId) continue;
    // What is said while it is away it does not hear.
    if (one.name === "conv/left") known.delete(one.command.convMessage!.cid!);
    const message = messageIn(one);
    if (message) note(...message);
    for (const { cid, mid, timestamp, data, binaryMsg } of unreadIn(one.command)) {
      if (mid) note(cid, { id: mid, timestamp: timestamp!, content: contentOf(data, binaryMsg) });
    }
    for (const { cid, mid, data, binaryMsg } of patchesIn(one)) {
      const last = known.get(cid!);
      if (last?.id !== mid) continue;
      known.set(cid!, { ...last!, content: contentOf(data, binaryMsg) });
    }
    if (one.name === "conv/results") {
      for (const row of rowsOf(one)) {
        const last = newestIn(row);
        if (last) note(String(row.objectId), last);
      }
    }
  }
  return known;
}

const unreadIn = ({ unreadMessage }: Command) => unreadMessage?.convs ?? [];

/** How many messages of each conversation a client counts as unread; nothing of rooms. */
export function unread(peerId: string, heard: readonly Heard[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { name, command } of heard) {
    if (command.peerId !== peerId) continue;
    if (name === "conv/left") counts.delete(command.convMessage!.cid!);
    for (const { cid, unread } of unreadIn(command)) counts.set(cid, unread);
    if (name !== "direct") continue;
    const { cid = "", fromPeerId, transient, convType } = command.directMessage!;
    if (transient || fromPeerId === peerId || convType === 2) continue;
    counts.set(cid, Math.min(MOST, (counts.get(cid) ?? 0) + 1));
  }
  return counts;
}
