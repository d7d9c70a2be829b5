/**
 * What clients may ask for and this server does not do yet: each is refused with the code that they
 * know for it, rather than left without an answer.
 *
 * @module
 */
import type { ErrorName } from "@curlew/realtime/protocol";
import { type Handler, refusal } from "./context.ts";

const not = (name: ErrorName, what: string): Handler => () => {
  throw refusal(name, `This server does not ${what} yet`);
};

const silencing = not("CONVERSATION_NOT_ALLOWED", "silence members");

/** The handlers that refuse, by the names of commands. */
export const later: { readonly [name: string]: Handler } = {
  "conv/member_info_update": not(
    "CONVERSATION_MEMBER_INFO_FEATURE_DISABLED",
    "give members roles",
  ),
  "conv/add_shutup": silencing,
  "conv/remove_shutup": silencing,
  "conv/query_shutup": silencing,
  "conv/check_shutup": silencing,
  "blacklist": not("BLACKLIST_FEATURE_DISABLED", "block clients"),
};
