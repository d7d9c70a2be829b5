/** A message as it goes out. @module */
import type { MessageOf } from "../../protocol/mod.ts";
import type { MessageContent } from "./decoders.ts";
import { Message } from "./message.ts";

/** What a message says; throws a `TypeError` for what is none. */
export function plainOf(message: Message): MessageContent {
  if (!(message instanceof Message)) {
    throw new TypeError(`Argument message must be a Message, not ${message}`);
  }
  const payload = message.getPayload();
  return payload instanceof ArrayBuffer || typeof payload === "string"
    ? payload
    : JSON.stringify(payload);
}

/** Whom a message mentions, as it goes on the wire. */
export function mentionsOf(
  { mentionList, mentionedAll }: Message,
): Pick<MessageOf<"DirectCommand">, "mentionPids" | "mentionAll"> {
  return { mentionPids: mentionList, mentionAll: mentionedAll || undefined };
}
