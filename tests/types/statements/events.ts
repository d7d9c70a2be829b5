/** Events carry what they say they carry. */
import {
  type ConversationBase,
  type ConversationMemberInfo,
  Event,
  type IMClient,
  type Message,
  type PatchReason,
  type Realtime,
  type TextMessage,
  type Unstated,
} from "@curlew/realtime";
import { type Equal, same } from "./same.ts";

declare const realtime: Realtime;
declare const client: IMClient;
declare const conversation: ConversationBase;

client.on("message", (message, conversation) => {
  same<Equal<typeof message, Message>>();
  same<Equal<typeof conversation, ConversationBase>>();
});
client.on(Event.MESSAGE_UPDATE, (message, conversation, reason) => {
  same<Equal<typeof message, Message>>();
  same<Equal<typeof conversation, ConversationBase>>();
  same<Equal<typeof reason, PatchReason | undefined>>();
});
client.on("unreadmessagescountupdate", (conversations) => {
  same<Equal<typeof conversations, ConversationBase[]>>();
});
client.on("close", ({ code, reason }) => {
  same<Equal<typeof code, number>>();
  same<Equal<typeof reason, string | undefined>>();
});
client.once("reconnecterror", (error) => same<Equal<typeof error, Error>>());
client.on("conversationinfoupdated", ({ attributes, updatedBy }, conversation) => {
  same<Equal<typeof attributes, Record<string, Unstated>>>();
  same<Equal<typeof updatedBy, string>>();
  same<Equal<typeof conversation, ConversationBase>>();
});
conversation.on("message", (message, ...none) => {
  same<Equal<typeof message, Message>>();
  same<Equal<typeof none, []>>();
});
conversation.on("memberinfoupdated", ({ memberInfo }) => {
  same<Equal<typeof memberInfo, ConversationMemberInfo>>();
});
conversation.on("lastreadatupdate", (...none) => same<Equal<typeof none, []>>());
conversation.on("lastreadtimestampsupdate", (updated) => {
  same<Equal<typeof updated, Readonly<Record<string, Date>>>>();
});
realtime.on("schedule", (attempt, delay) => {
  same<Equal<typeof attempt, number>>();
  same<Equal<typeof delay, number>>();
});

// Who knows what arrives may say so.
client.on("message", (message: TextMessage) => message.text.length);

// @ts-expect-error: there is no such event
client.on("mesage", () => {});
// @ts-expect-error: a client does not tell it by that name
client.on("infoupdated", () => {});
// @ts-expect-error: it is for members, not for connections
realtime.on("membersjoined", () => {});
// @ts-expect-error: it carries a message
client.on("message", (message: number) => message);
// @ts-expect-error: it carries no third argument
client.on("message", (_message, _conversation, reason) => reason);
// @ts-expect-error: it carries something
conversation.emit("message");
// @ts-expect-error: not that
conversation.emit("kicked", { invitedBy: "tom" });
