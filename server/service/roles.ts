/**
 * Who manages a conversation. Its creator is its owner; apps may do without roles.
 *
 * @module
 */
import { protocolError } from "@curlew/realtime/protocol";
import type { Conversation, ManagerChange } from "../store/store.ts";
import type { Handler } from "./context.ts";
import { clientIds } from "./conversations.ts";
import { telling, toldEvents } from "./notices.ts";

/** The id under which a member's role is listed. */
export function roleId({ id }: Pick<Conversation, "id">, client: string): string {
  return `${id}/${client}`;
}

/** Makes a member a manager, or a mere member again: all members hear of it. */
export const update: Handler = async (caller, { convMessage = {} }, context) => {
  const { cid = "", targetClientId, info: asked } = convMessage;
  if (!caller.app.roles) {
    throw protocolError("CONVERSATION_MEMBER_INFO_FEATURE_DISABLED", "This app does without roles");
  }
  const [client] = clientIds([targetClientId ?? asked?.pid ?? ""]);
  const { role } = asked ?? {};
  if (role === "Owner") {
    throw protocolError(
      "CONVERSATION_OPERATION_UNAUTHORIZED",
      "The owner is who created the conversation",
    );
  }
  if (role !== "Manager" && role !== "Member") {
    throw protocolError(
      "UNKNOWN_CONVERSATION_ROLE",
      `There is no role ${JSON.stringify(role ?? "")}`,
    );
  }
  const tell = telling<ManagerChange>(({ conversation, changed }) => {
    const info = { pid: client, role, infoId: roleId(conversation, client!) };
    return changed ? [{ op: "member_info_changed", more: { info } }] : [];
  }, caller);
  const { conversation, told } = await context.store
    .setManager(caller.app.id, cid, caller.client, client!, role === "Manager", tell);
  return {
    reply: { cmd: "conv", op: "member_info_updated", convMessage: { cid } },
    events: toldEvents(conversation, told),
  };
};
