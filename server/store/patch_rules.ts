/**
 * Who may change a message, and what becomes of it, as a pure function: the same for every store.
 *
 * @module
 */
import { protocolError } from "@curlew/realtime/protocol";
import type { Patch, StoredMessage } from "./store.ts";

/** What a recalled message says: LeanCloud's type for it, which clients show as recalled. */
const RECALLED = JSON.stringify({ _lctype: -127 });

/**
 * The message after a change at the time `at`; the same one where nothing changes. What was lent is
 * copied.
 *
 * @throws A refusal: 4404 where there is no such message any more, 4403 where it is not the author's.
 */
export function patched(
  message: StoredMessage | undefined,
  { id, from, edit }: Patch,
  at: number,
): StoredMessage {
  if (!message || message.recalled && edit) {
    throw protocolError("MESSAGE_NOT_FOUND", `There is no message ${id}, or it was recalled`);
  }
  if (message.from !== from) {
    throw protocolError("MESSAGE_OWNERSHIP_REQUIRED", `The message ${id} is not ${from}'s`);
  }
  if (message.recalled) return message;
  if (!edit) {
    const content = { text: RECALLED };
    return {
      ...message,
      content,
      mentioned: [],
      mentionedAll: false,
      recalled: true,
      patchedAt: at,
    };
  }
  const { content, mentioned, mentionedAll } = edit;
  return {
    ...message,
    content: content.binary ? { binary: content.binary.slice() } : content,
    mentioned: [...mentioned],
    mentionedAll,
    patchedAt: at,
  };
}
