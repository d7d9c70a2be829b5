/**
 * Messages that their authors change or recall.
 *
 * @module
 */
import { type Command, type MessageOf, protocolError } from "@curlew/realtime/protocol";
import type { Patch, Patched, StoredMessage } from "../store/store.ts";
import { type Caller, type Context, errorReply, type Handler } from "./context.ts";
import type { NoticeEvent } from "./events.ts";
import { patchItemOf } from "./message_fields.ts";
import { checkSize } from "./messages.ts";

/** How many changes one push holds. */
const PUSHED = 20;

/** The pushes of changes, without `peerId`. */
export function patchPushes(messages: readonly StoredMessage[]): readonly Command[] {
  const pushes: Command[] = [];
  for (let first = 0; first < messages.length; first += PUSHED) {
    const patches = messages.slice(first, first + PUSHED).map(patchItemOf);
    pushes.push({ cmd: "patch", op: "modify", service: 2, patchMessage: { patches } });
  }
  return pushes;
}

/**
 * What those in a conversation hear of a change. Its id is the change's own: told again, it is
 * known; and so it is when a later change of the message was told before.
 */
export function patchNotice({ message, conversation }: Omit<Patched, "app">): NoticeEvent {
  const [command] = patchPushes([message]);
  return {
    kind: "notice",
    id: `patch ${message.id} ${message.patchedAt}`,
    newest: [{ of: `patch ${message.id}`, version: message.patchedAt ?? 0 }],
    to: [...conversation.members],
    ...(conversation.kind === "room" ? { room: conversation.id } : {}),
    command: command!,
  };
}

function patchOf({ client }: Caller, item: MessageOf<"PatchItem">): Patch {
  const { cid, mid, recall, data = "", binaryMsg, mentionPids, mentionAll } = item;
  if (!cid) throw protocolError("INVALID_MESSAGING_TARGET", "The change names no conversation");
  if (!mid) throw protocolError("MESSAGE_NOT_FOUND", "The change names no message");
  const patch = { conversation: cid, id: mid, from: client };
  if (recall) return patch;
  checkSize({ msg: binaryMsg ? "" : data, binaryMsg, mentionPids });
  const content = binaryMsg ? { binary: binaryMsg } : { text: data };
  const mentions = { mentioned: mentionPids ?? [], mentionedAll: mentionAll ?? false };
  return { ...patch, edit: { content, ...mentions } };
}

/**
 * Changes or recalls messages, one after the other. The first one that is refused is the reply; what
 * was changed before it stays so, and is told.
 */
export const modify: Handler = async (caller, { patchMessage = {} }, { store }: Context) => {
  const changes: Patched[] = [];
  const outcome = (reply: Command) => ({
    reply,
    events: changes.map((change) => ({ ...patchNotice(change), except: caller.session })),
  });
  try {
    for (const item of patchMessage.patches ?? []) {
      changes.push(await store.applyPatch(caller.app.id, patchOf(caller, item)));
    }
  } catch (error) {
    if (changes.length === 0) throw error;
    return outcome(errorReply(error));
  }
  const lastPatchTime = changes.at(-1)?.message.patchedAt;
  return outcome({ cmd: "patch", op: "modified", patchMessage: { lastPatchTime } });
};
