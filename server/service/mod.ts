/**
 * What each command does, as one table. Opening and closing sessions is the gateway's, since only
 * it has them.
 *
 * @module
 */
import type { Command } from "@curlew/realtime/protocol";
import type { Handler } from "./context.ts";
import * as attributes from "./attributes.ts";
import * as conversations from "./conversations.ts";
import { maxRead } from "./max_read.ts";
import * as members from "./members.ts";
import * as messages from "./messages.ts";
import * as patches from "./patches.ts";
import * as queries from "./queries.ts";
import * as receipts from "./receipts.ts";
import * as roles from "./roles.ts";
import type { SessionTokens } from "./session_token.ts";
import * as sessions from "./sessions.ts";
import * as standings from "./standings.ts";

/** Finds the handler of a command; `undefined` for one that no server knows. */
export type Handlers = (command: Command) => Handler | undefined;

/** The table. Where a command has no operations, any that is named is ignored: C# names some. */
export function handlers(tokens: SessionTokens): Handlers {
  const table: { readonly [name: string]: Handler } = {
    "session/query": sessions.online,
    "session/refresh": sessions.refresh(tokens),
    "report/upload": sessions.report,
    "conv/start": conversations.start,
    "conv/query": queries.query,
    "conv/update": attributes.update,
    "conv/mute": attributes.mute,
    "conv/unmute": attributes.unmute,
    "conv/member_info_update": roles.update,
    "conv/add_shutup": standings.silence,
    "conv/remove_shutup": standings.unsilence,
    "conv/query_shutup": standings.silenced,
    "conv/check_shutup": standings.checkSilenced,
    "blacklist/block": standings.block,
    "blacklist/unblock": standings.unblock,
    "blacklist/query": standings.blocked,
    "blacklist/check_block": standings.checkBlocked,
    "conv/count": conversations.count,
    "conv/members": conversations.members,
    "conv/is_member": conversations.isMember,
    "conv/max_read": maxRead,
    "conv/add": members.add,
    "conv/remove": members.remove,
    "direct": messages.direct,
    "logs": messages.logs,
    "patch": patches.modify,
    "ack": receipts.ack,
    "read": receipts.read,
  };
  return ({ cmd = "", op = "" }) => Object.hasOwn(table, cmd) ? table[cmd] : table[`${cmd}/${op}`];
}
