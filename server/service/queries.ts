/**
 * Finding conversations.
 *
 * @module
 */
import { type Command, protocolError } from "@curlew/realtime/protocol";
import type { Conversation, Json, StoredMessage } from "../store/store.ts";
import type { Caller, Context, Handler } from "./context.ts";
import { isVisible } from "./conversations.ts";
import { conversationJson, conversationOutline } from "./conversation_json.ts";
import { parseObject } from "./parse_object.ts";

/** How many conversations a query gives where it doesn't say, and at most. */
const LIMIT = { usual: 10, most: 1_000 };

/** How many characters all results have at most: beyond that they would hold up everybody else. */
const SIZE = 16_000_000;

const COMPACT = 1;
const WITH_LAST_MESSAGE = 2;

/** The newest message that the caller may see: a conversation may be found by those not in it. */
async function newest(
  { id, kind, seq, members }: Conversation,
  { app, client }: Caller,
  { store }: Context,
): Promise<StoredMessage | undefined> {
  if (kind === "service") {
    const range = { conversation: id, reader: client, direction: "older", limit: 1 } as const;
    return (await store.history(app.id, range))[0];
  }
  if (seq === 0 || !members.has(client)) return undefined;
  const [message] = await store.messagesAfter(app.id, id, seq - 1, 1);
  return message;
}

/** The conversations with these ids that are there, in the order asked. */
async function withIds(
  ids: readonly string[],
  { app }: Caller,
  { store }: Context,
): Promise<readonly Conversation[]> {
  const all = await Promise.all(
    ids.slice(0, LIMIT.most).map((id) => store.conversation(app.id, id)),
  );
  return all.filter((conversation) => conversation !== undefined);
}

/** The ids, where nothing is asked but for some conversations by their ids. */
function idsOf({ objectId, ...others }: { readonly [key: string]: Json }): readonly string[] {
  if (Object.keys(others).length > 0) return [];
  const list = typeof objectId === "string" ? [objectId] : Object(objectId).$in;
  return Array.isArray(list) && list.every((id) => typeof id === "string") ? list : [];
}

async function found(
  { convMessage = {} }: Command,
  caller: Caller,
  context: Context,
): Promise<readonly Conversation[]> {
  const { where, sort, skip = 0, limit = LIMIT.usual, tempConvIds } = convMessage;
  const { app, client } = caller;
  if (tempConvIds?.length) return await withIds(tempConvIds, caller, context);
  if (skip < 0 || limit < 0) {
    throw protocolError("CONVERSATION_QUERY_FAILED", "skip and limit must not be negative");
  }
  const conditions = parseObject(where?.data, "CONVERSATION_QUERY_FAILED", "where");
  const own = Object.keys(conditions).length === 0;
  const members = app.conversationQueries === "members";
  const others = { $or: [{ m: client }, { tr: true }, { sys: true }] };
  const results = await context.store.findConversations(app.id, {
    where: own ? { m: client } : members ? { $and: [conditions, others] } : conditions,
    sort: sort ? sort.split(",") : [],
    skip,
    limit: Math.min(limit || LIMIT.usual, LIMIT.most),
  });
  if (!members) return results;
  // Clients ask by its id for what they were removed from: they are told that it is there.
  const hidden = (await withIds(idsOf(conditions), caller, context))
    .filter((conversation) => !isVisible(conversation, caller));
  return [...results, ...hidden];
}

/** All results as one text. */
function written(results: readonly object[]): string {
  const texts: string[] = [];
  let size = 0;
  for (const result of results) {
    const text = JSON.stringify(result);
    size += text.length;
    if (size > SIZE) {
      const why = `The results take more than ${SIZE} characters: ask for fewer`;
      throw protocolError("CONVERSATION_QUERY_FAILED", why);
    }
    texts.push(text);
  }
  return `[${texts.join(",")}]`;
}

/** Finds conversations; without conditions, the caller's own. */
export const query: Handler = async (caller, command, context) => {
  const flag = command.convMessage?.flag ?? 0;
  const conversations = await found(command, caller, context);
  const now = context.clock.now();
  const results = await Promise.all(conversations.map(async (conversation) => {
    if (!isVisible(conversation, caller)) return conversationOutline(conversation);
    const { id, kind } = conversation;
    const { app, client } = caller;
    return conversationJson(conversation, {
      client,
      now,
      compact: (flag & COMPACT) !== 0,
      subscription: kind === "service"
        ? await context.store.subscription(app.id, id, client)
        : undefined,
      last: flag & WITH_LAST_MESSAGE ? await newest(conversation, caller, context) : undefined,
    });
  }));
  return {
    reply: {
      cmd: "conv",
      op: "results",
      convMessage: { results: { data: written(results) } },
    },
  };
};
