/**
 * Who may not send to a conversation, and who can't be in it.
 *
 * @module
 */
import { type Command, type OpType, protocolError } from "@curlew/realtime/protocol";
import type { Standing, StandingChange } from "../store/store.ts";
import type { Caller, Context, Handler } from "./context.ts";
import { clientIds, named } from "./conversations.ts";
import { failures } from "./members.ts";
import { type News, telling, toldEvents } from "./notices.ts";
import { mustBeSigned } from "./signatures.ts";

/** How many clients one command may name: in a room they may be anybody, and each is told. */
const NAMED = 500;

/** How many clients a page of a list has where it doesn't say, and at most. */
const PAGE = { usual: 10, most: 1_000 };

/** How a standing is spoken of: to whom it is about, to the members, and who else hears of it. */
interface Words {
  readonly which: Standing;
  readonly on: boolean;
  /** What the client itself is told. */
  readonly alone: OpType;
  /** What the members are told. */
  readonly together: OpType;
}

/**
 * Who is told for itself: members, while what is held against others is none of their business; and
 * whoever may come again.
 */
function concerned(
  { which, on }: Words,
  { conversation: { kind, members }, changed, left }: StandingChange,
): readonly string[] {
  if (kind === "room" || which === "blocked" && !on) return changed;
  return which === "blocked" ? left : changed.filter((client) => members.has(client));
}

/** What those concerned and the members are told. */
const news = (words: Words) => (change: StandingChange): readonly News[] => {
  const { changed, left } = change;
  if (changed.length === 0) return [];
  const standing: News[] = [
    { op: words.alone, to: concerned(words, change) },
    { op: words.together, more: { m: changed } },
  ];
  if (left.length === 0) return standing;
  return [...standing, { op: "left", to: left }, { op: "members_left", more: { m: left } }];
};

async function setStanding(
  words: Words,
  cid: string,
  clients: readonly string[],
  caller: Caller,
  context: Context,
) {
  if (!clients.length) {
    throw protocolError("CONVERSATION_API_FAILED", "The command names no client");
  }
  if (clients.length > NAMED) {
    throw protocolError("CONVERSATION_API_FAILED", `The command names more than ${NAMED} clients`);
  }
  const { which, on } = words;
  const { app, client } = caller;
  const tell = telling(news(words), caller);
  const change = await context.store
    .setStanding(app.id, cid, client, clientIds(clients), which, on, tell);
  return {
    allowedPids: change.allowed,
    failedPids: failures(change),
    events: toldEvents(change.conversation, change.told),
  };
}

const silencing = (words: Words, op: OpType): Handler => async (caller, command, context) => {
  const { cid = "", m = [] } = command.convMessage ?? {};
  const { events, ...outcome } = await setStanding(words, cid, m, caller, context);
  return { reply: { cmd: "conv", op, convMessage: { cid, ...outcome } }, events };
};

const blocking = (words: Words, op: OpType): Handler => async (caller, command, context) => {
  const { srcCid = "", toPids = [], ...signature } = command.blacklistMessage ?? {};
  const action = words.on ? "conversation-block-clients" : "conversation-unblock-clients";
  const signed = { cid: srcCid, clients: toPids, actions: [action] };
  await mustBeSigned("blacklist", caller, signature, signed, context);
  const { events, ...outcome } = await setStanding(words, srcCid, toPids, caller, context);
  return { reply: { cmd: "blacklist", op, blacklistMessage: { srcCid, ...outcome } }, events };
};

/** Silences clients: they may not send any more. */
export const silence: Handler = silencing(
  { which: "silenced", on: true, alone: "shutuped", together: "members_shutuped" },
  "shutup_added",
);

/** Lets them send again. */
export const unsilence: Handler = silencing(
  { which: "silenced", on: false, alone: "unshutuped", together: "members_unshutuped" },
  "shutup_removed",
);

/** Blocks clients: they are removed, and can't come back. */
export const block: Handler = blocking(
  { which: "blocked", on: true, alone: "blocked", together: "members_blocked" },
  "blocked",
);

/** Lets them come back. */
export const unblock: Handler = blocking(
  { which: "blocked", on: false, alone: "unblocked", together: "members_unblocked" },
  "unblocked",
);

/** One page of a list; `next`, an offset, leads to the one after it. Java reads it as a number. */
function pageOf(list: ReadonlySet<string>, limit = 0, next = "0") {
  if (!/^\d{1,9}$/.test(next)) {
    throw protocolError("CONVERSATION_API_FAILED", "next must be what the page before gave");
  }
  const end = Number(next) + Math.min(limit > 0 ? limit : PAGE.usual, PAGE.most);
  const clients = [...list].slice(Number(next), end);
  return { clients, next: end < list.size ? `${end}` : undefined };
}

/** The list that a member asks about: what goes on in a conversation is its members' business. */
async function listOf(which: Standing, command: Command, caller: Caller, context: Context) {
  const conversation = await named(command, caller, context);
  if (conversation.kind !== "room" && !conversation.members.has(caller.client)) {
    throw protocolError(
      "CONVERSATION_MEMBERSHIP_REQUIRED",
      "Only members see who is silenced or blocked",
    );
  }
  return conversation[which];
}

/** A command about a block list names its conversation elsewhere. */
const ofConversation = ({ blacklistMessage }: Command): Command =>
  blacklistMessage?.srcCid ? { convMessage: { cid: blacklistMessage.srcCid } } : {};

/** Who is silenced. */
export const silenced: Handler = async (caller, command, context) => {
  const { cid, limit, next: from } = command.convMessage ?? {};
  const list = await listOf("silenced", command, caller, context);
  const { clients: m, next } = pageOf(list, limit, from);
  return { reply: { cmd: "conv", op: "shutup_result", convMessage: { cid, m, next } } };
};

/** Which of these clients are silenced. */
export const checkSilenced: Handler = async (caller, command, context) => {
  const { cid, m = [] } = command.convMessage ?? {};
  const list = await listOf("silenced", command, caller, context);
  const those = m.filter((client) => list.has(client));
  return { reply: { cmd: "conv", op: "check_result", convMessage: { cid, m: those } } };
};

/** Who is blocked. */
export const blocked: Handler = async (caller, command, context) => {
  const { srcCid, limit, next: from } = command.blacklistMessage ?? {};
  const list = await listOf("blocked", ofConversation(command), caller, context);
  const { clients: blockedPids, next } = pageOf(list, limit, from);
  const blacklistMessage = { srcCid, blockedPids, next };
  return { reply: { cmd: "blacklist", op: "query_result", blacklistMessage } };
};

/** Which of these clients are blocked. */
export const checkBlocked: Handler = async (caller, command, context) => {
  const { srcCid, toPids = [] } = command.blacklistMessage ?? {};
  const list = await listOf("blocked", ofConversation(command), caller, context);
  const blockedPids = toPids.filter((client) => list.has(client));
  return {
    reply: { cmd: "blacklist", op: "check_result", blacklistMessage: { srcCid, blockedPids } },
  };
};
