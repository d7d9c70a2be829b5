/**
 * The methods of a store that change a conversation, each one of the rules: the same for every
 * store, which brings how a change is carried out.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { adding, muting, removing, updating } from "./member_rules.ts";
import { managing, standing } from "./standing_rules.ts";
import type { Conversation, Store } from "./store.ts";

/** Carries a change out in one transaction: what the rule makes of the conversation is kept. */
export type Change = <C extends { readonly conversation: Conversation }>(
  app: string,
  id: string,
  rule: (conversation: Conversation) => C,
) => Promise<C>;

/** The methods. */
export function conversationChanges(
  change: Change,
  { now }: Pick<Clock, "now">,
): Pick<
  Store,
  | "addMembers"
  | "removeMembers"
  | "setStanding"
  | "setManager"
  | "updateConversation"
  | "setMuted"
> {
  const changed = async (
    app: string,
    id: string,
    rule: (conversation: Conversation) => Conversation,
  ): Promise<Conversation> => {
    const { conversation } = await change(app, id, (before) => ({ conversation: rule(before) }));
    return conversation;
  };
  return {
    addMembers: (app, id, actor, clients) =>
      change(app, id, (conversation) => adding(conversation, actor, clients, now())),
    removeMembers: (app, id, actor, clients, { rolesCount } = { rolesCount: false }) =>
      change(app, id, (conversation) => removing(conversation, actor, clients, now(), rolesCount)),
    setStanding: (app, id, actor, clients, which, on) =>
      change(app, id, (conversation) => standing(conversation, actor, clients, which, on, now())),
    setManager: (app, id, actor, client, manager) =>
      change(app, id, (conversation) => managing(conversation, actor, client, manager, now())),
    updateConversation: (app, id, actor, changes) =>
      changed(app, id, (conversation) => updating(conversation, actor, changes, now())),
    setMuted: (app, id, client, muted) =>
      changed(app, id, (conversation) => muting(conversation, client, muted)),
  };
}
