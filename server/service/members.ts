/**
 * Who comes and who goes.
 *
 * @module
 */
import { ErrorCode, type MessageOf, type OpType, protocolError } from "@curlew/realtime/protocol";
import type { Conversation, MemberChange, WithTold } from "../store/store.ts";
import { type Caller, type Handler, nameOf, type Outcome } from "./context.ts";
import { clientIds } from "./conversations.ts";
import { isoTime } from "./iso_time.ts";
import { type News, telling, toldEvents } from "./notices.ts";
import { subscribe } from "./services.ts";
import { mustBeSigned } from "./signatures.ts";

function asked({ cid, m }: MessageOf<"ConvCommand"> = {}): [cid: string, m: readonly string[]] {
  if (!cid) throw protocolError("CONVERSATION_NOT_FOUND", "The command names no conversation");
  if (!m?.length) throw protocolError("CONVERSATION_API_FAILED", "The command names no client");
  return [cid, clientIds(m)];
}

/** Why something is refused for some clients alone, for people. */
const details: { readonly [code: number]: string } = {
  [ErrorCode.CONVERSATION_FULL]: "The conversation has as many members as it may have",
  [ErrorCode.CONVERSATION_OPERATION_UNAUTHORIZED]: "Their role is not below that of who asks",
  [ErrorCode.CONVERSATION_NEED_OWNER]: "The owner of a conversation stays its owner",
  [ErrorCode.BLACKLIST_FULL]: "The conversation blocks as many clients as it may block",
  [ErrorCode.BLOCKED_BY_CONV]: "They are blocked from the conversation",
  [ErrorCode.SILIENCED_MEMBER_LIST_FULL]: "The conversation silences as many clients as it may",
};

/** Those for whom something was refused, as replies state them. */
export function failures({ refused }: MemberChange): MessageOf<"ConvCommand">["failedPids"] {
  return refused.map(({ code, clients }) => ({
    code,
    reason: nameOf(code),
    detail: details[code],
    pids: clients,
  }));
}

/** Those whom a change of members is about are told, and the members that are there then. */
const news = (alone: OpType, together: OpType) => ({ changed }: MemberChange): readonly News[] =>
  changed.length === 0 ? [] : [{ op: alone, to: changed }, { op: together, more: { m: changed } }];

/** What a change of members comes to. */
function outcome(op: OpType, change: MemberChange & WithTold): Outcome {
  const { conversation, allowed, told } = change;
  return {
    reply: {
      cmd: "conv",
      op,
      convMessage: {
        cid: conversation.id,
        allowedPids: allowed,
        failedPids: failures(change),
        udate: isoTime(conversation.updatedAt),
      },
    },
    events: toldEvents(conversation, told),
  };
}

/** In a room there are no members: a client itself goes in and out, and nobody hears of it. */
function pass(
  inside: boolean,
  { id, updatedAt, blocked }: Conversation,
  { client }: Caller,
  m: readonly string[],
): Outcome {
  if (m.some((other) => other !== client)) {
    throw protocolError(
      "CONVERSATION_NOT_ALLOWED",
      "Others can't be brought into a room, or out of it",
    );
  }
  if (inside && blocked.has(client)) {
    throw protocolError("BLOCKED_BY_CONV", `${client} is blocked from the room ${id}`);
  }
  return {
    room: { id, inside },
    reply: {
      cmd: "conv",
      op: inside ? "added" : "removed",
      convMessage: { cid: id, allowedPids: m, udate: isoTime(updatedAt) },
    },
  };
}

/** Adds members; whoever adds itself joins, or subscribes. */
export const add: Handler = async (caller, { convMessage }, context) => {
  const [cid, m] = asked(convMessage);
  const signed = { cid, clients: m, actions: ["invite", "add"] };
  await mustBeSigned("conversations", caller, convMessage ?? {}, signed, context);
  const conversation = await context.store.conversation(caller.app.id, cid);
  if (conversation?.kind === "room") return pass(true, conversation, caller, m);
  if (conversation?.kind === "service") {
    return await subscribe("subscribe", conversation, caller, m, context);
  }
  const tell = telling(news("joined", "members_joined"), caller);
  return outcome(
    "added",
    await context.store.addMembers(caller.app.id, cid, caller.client, m, tell),
  );
};

/** Removes members; whoever removes itself quits, or ends its subscription. */
export const remove: Handler = async (caller, { convMessage }, context) => {
  const [cid, m] = asked(convMessage);
  const signed = { cid, clients: m, actions: ["kick", "remove"] };
  await mustBeSigned("conversations", caller, convMessage ?? {}, signed, context);
  const conversation = await context.store.conversation(caller.app.id, cid);
  if (conversation?.kind === "room") return pass(false, conversation, caller, m);
  if (conversation?.kind === "service") {
    return await subscribe("unsubscribe", conversation, caller, m, context);
  }
  const rolesCount = caller.app.roles ?? false;
  const tell = telling(news("left", "members_left"), caller);
  return outcome(
    "removed",
    await context.store.removeMembers(caller.app.id, cid, caller.client, m, { rolesCount }, tell),
  );
};
