/**
 * Service conversations: the operator of an app starts them, and clients subscribe.
 *
 * Who is subscribed is nobody's business but the client's own, so that it alone hears of it.
 *
 * @module
 */
import { type OpType, protocolError } from "@curlew/realtime/protocol";
import type { Conversation, Json, Store, SubscriptionChange } from "../store/store.ts";
import type { Caller, Context, Outcome } from "./context.ts";
import { attributesFault } from "./conversations.ts";
import { isoTime } from "./iso_time.ts";
import { telling, toldEvents } from "./notices.ts";

/** Starts one for an app's operator, and gives its id; `TypeError` for attributes that can't be. */
export async function startService(
  app: string,
  attributes: { readonly [name: string]: Json },
  { store }: { readonly store: Store },
): Promise<string> {
  const fault = attributesFault(attributes);
  if (fault !== undefined) throw new TypeError(fault);
  const { conversation } = await store.startConversation(app, {
    kind: "service",
    creator: "",
    members: [],
    unique: false,
    attributes,
  });
  return conversation.id;
}

/** What is said of each change, in the reply and to the client's devices. */
const words = {
  subscribe: { reply: "added", told: "joined" },
  unsubscribe: { reply: "removed", told: "left" },
} as const satisfies { readonly [action: string]: { reply: OpType; told: OpType } };

/** Subscribes the client to a service conversation, or ends that. */
export async function subscribe(
  action: keyof typeof words,
  { id, updatedAt }: Conversation,
  caller: Caller,
  m: readonly string[],
  { store }: Context,
): Promise<Outcome> {
  const { app, client } = caller;
  if (m.some((other) => other !== client)) {
    throw protocolError(
      "CONVERSATION_NOT_ALLOWED",
      "A client subscribes to a service conversation for itself alone",
    );
  }
  const { reply, told: op } = words[action];
  const tell = telling<SubscriptionChange>(
    ({ changed }) => changed ? [{ op, to: [client] }] : [],
    caller,
  );
  const { conversation, told } = await store
    .changeSubscription(app.id, id, client, action, tell);
  return {
    reply: {
      cmd: "conv",
      op: reply,
      convMessage: { cid: id, allowedPids: m, failedPids: [], udate: isoTime(updatedAt) },
    },
    events: toldEvents(conversation, told),
  };
}
