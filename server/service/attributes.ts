/**
 * What a conversation is called and what else its members note on it, and who wants to be left in
 * peace by it.
 *
 * @module
 */
import { protocolError } from "@curlew/realtime/protocol";
import type { Changed, Conversation, Json } from "../store/store.ts";
import type { Caller, Handler } from "./context.ts";
import { isServersKey } from "./conversation_json.ts";
import { isoTime } from "./iso_time.ts";
import { telling, toldEvents } from "./notices.ts";
import { parseObject } from "./parse_object.ts";

/** The top-level keys that a change touched, each in full as it is now: a removed one is absent. */
function touched(
  { attributes }: Conversation,
  changes: { readonly [path: string]: Json },
): { readonly [key: string]: Json } {
  const keys = new Set(Object.keys(changes).map((path) => path.split(".", 1)[0]!));
  return Object.fromEntries(Object.entries(attributes).filter(([key]) => keys.has(key)));
}

/** Changes attributes: all members hear of it, the one who did it too. */
export const update: Handler = async (caller, { convMessage = {} }, context) => {
  const { cid = "", attr } = convMessage;
  const changes = parseObject(attr?.data, "CONVERSATION_UPDATE_FAILED", "attr");
  const own = Object.keys(changes).find((path) => isServersKey(path.split(".", 1)[0]!));
  if (own !== undefined) {
    throw protocolError(
      "CONVERSATION_UPDATE_FAILED",
      `${own} is the server's own and can't be changed`,
    );
  }
  const modified = ({ conversation }: Changed) => ({
    data: JSON.stringify(touched(conversation, changes)),
  });
  const tell = telling<Changed>((change) => {
    const more = { attr: { data: JSON.stringify(changes) }, attrModified: modified(change) };
    return [{ op: "updated", more }];
  }, caller);
  const change = await context.store
    .updateConversation(caller.app.id, cid, caller.client, changes, tell);
  const { conversation, told } = change;
  return {
    reply: {
      cmd: "conv",
      op: "updated",
      convMessage: { cid, udate: isoTime(conversation.updatedAt), attrModified: modified(change) },
    },
    events: toldEvents(conversation, told),
  };
};

const setMuted =
  (wanted: boolean): Handler => async ({ app, client }: Caller, command, { store }) => {
    const cid = command.convMessage?.cid ?? "";
    const service = (await store.conversation(app.id, cid))?.kind === "service";
    const action = wanted ? "mute" : "unmute";
    const { updatedAt } = service
      ? (await store.changeSubscription(app.id, cid, client, action)).conversation
      : await store.setMuted(app.id, cid, client, wanted);
    return {
      reply: { cmd: "conv", op: "updated", convMessage: { cid, udate: isoTime(updatedAt) } },
    };
  };

/** Wants no offline push from a conversation. */
export const mute: Handler = setMuted(true);

/** Wants it again. */
export const unmute: Handler = setMuted(false);
