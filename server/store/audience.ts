/** Who is told together. @module */
import type { Audience, NewNotice } from "./store.ts";

/** Those to whom something is told: the members of a conversation, or each client by itself. */
export function audiencesOf(conversation: string, to: NewNotice["to"]): readonly Audience[] {
  return to === "members" ? [{ conversation }] : to.map((client) => ({ client }));
}
