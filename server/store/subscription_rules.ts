/**
 * What becomes of a subscription to a service conversation, as a pure function: the same for every
 * store.
 *
 * @module
 */
import { protocolError } from "@curlew/realtime/protocol";
import { mustBeName } from "./member_rules.ts";
import type { Conversation, Subscription, SubscriptionAction } from "./store.ts";

/** What a client's subscription is after an action; the very same where nothing changes. */
export function subscriptionAfter(
  { id, kind }: Conversation,
  before: Subscription | undefined,
  client: string,
  action: SubscriptionAction,
  now: number,
): Subscription | undefined {
  mustBeName(client);
  if (kind !== "service") {
    throw protocolError("CONVERSATION_NOT_ALLOWED", `${id} is no service conversation`);
  }
  if (action === "subscribe") return before ?? { since: now, muted: false };
  if (action === "unsubscribe") return undefined;
  if (!before) {
    throw protocolError(
      "CONVERSATION_MEMBERSHIP_REQUIRED",
      `${client} is not subscribed to the conversation ${id}`,
    );
  }
  const muted = action === "mute";
  return muted === before.muted ? before : { ...before, muted };
}
