/**
 * The methods of a store that change a conversation, each one of the rules: the same for every
 * store, which brings how a change is carried out.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import { adding, muting, removing, updating } from "./member_rules.ts";
import { managing, standing } from "./standing_rules.ts";
import type { Changed, Conversation, Store, Tell, WithTold } from "./store.ts";

/**
 * Carries a change out in one transaction: what the rule makes of the conversation is kept, and what
 * is told of it.
 */
export type Change = <C extends Changed>(
  app: string,
  id: string,
  rule: (conversation: Conversation) => C,
  tell?: Tell<C>,
) => Promise<C & WithTold>;

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
  return {
    addMembers: (app, id, actor, clients, tell) =>
      change(app, id, (conversation) => adding(conversation, actor, clients, now()), tell),
    removeMembers: (app, id, actor, clients, { rolesCount } = { rolesCount: false }, tell) =>
      change(
        app,
        id,
        (conversation) => removing(conversation, actor, clients, now(), rolesCount),
        tell,
      ),
    setStanding: (app, id, actor, clients, which, on, tell) =>
      change(
        app,
        id,
        (conversation) => standing(conversation, actor, clients, which, on, now()),
        tell,
      ),
    setManager: (app, id, actor, client, manager, tell) =>
      change(
        app,
        id,
        (conversation) => managing(conversation, actor, client, manager, now()),
        tell,
      ),
    updateConversation: (app, id, actor, changes, tell) =>
      change(
        app,
        id,
        (before) => ({ conversation: updating(before, actor, changes, now()) }),
        tell,
      ),
    setMuted: async (app, id, client, muted) => {
      const { conversation } = await change(
        app,
        id,
        (before) => ({ conversation: muting(before, client, muted) }),
      );
      return conversation;
    },
  };
}
