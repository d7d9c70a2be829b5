/** Attributes are what a program says they are, and anything where it says nothing. */
import {
  type AnyConversation,
  type ChatRoom,
  type Conversation,
  defineConversationProperty,
  type IMClient,
  type PersistentConversation,
} from "@curlew/realtime";
import { type Equal, same } from "./same.ts";

declare const client: IMClient;

interface Topic {
  name?: string;
  color: string;
  attr?: { size: number; tags: string[] };
}

const typed = await client.createConversation<Topic>({ members: ["jerry"], color: "red" });
same<Equal<typeof typed, Conversation<Topic>>>();
const color = typed.get("color");
same<Equal<typeof color, string>>();
const size = typed.get("attr.size");
same<Equal<typeof size, number | undefined>>();
const attr = typed.get("attr");
same<Equal<typeof attr, Topic["attr"]>>();
same<Equal<typeof typed.name, string | undefined>>();
typed.name = undefined;
const saved = await typed.set("color", "blue").set("attr.size", 3).save();
same<Equal<typeof saved, Conversation<Topic>>>();
// @ts-expect-error: there is no such attribute
typed.get("colour");
// @ts-expect-error: a color is a text
typed.set("color", 3);
// @ts-expect-error: a size is a number
typed.set("attr.size", "large");
// @ts-expect-error: a color is a text
client.createConversation<Topic>({ color: 3 });

// Where something is said, it is said too that there may be no such conversation.
const found = await client.getConversation<Topic>("id");
same<Equal<typeof found, PersistentConversation<Topic> | null>>();
const [listed] = await client.getQuery<Topic>().find();
same<Equal<typeof listed, PersistentConversation<Topic> | undefined>>();
const room = await client.createChatRoom<Topic>({ color: "red" });
same<Equal<typeof room, ChatRoom<Topic>>>();
const rooms = await client.getChatRoomQuery<Topic>().find();
same<Equal<typeof rooms, ChatRoom<Topic>[]>>();

// Where nothing is said, it is as LeanCloud's declarations have it.
const loose = await client.createConversation({ name: "Tom", color: "red" });
same<Equal<typeof loose, Conversation>>();
same<Equal<typeof loose.name, string>>();
const anything: number = loose.get("whatever.it.is");
loose.set("color", anything).set("attr.size", "large");
const any = await client.getConversation("id");
same<Equal<typeof any, AnyConversation>>();

// The one passes for the other.
const red = await client.createConversation<{ color: string }>();
same<Equal<typeof red.name, string>>();
const forgotten: Conversation[] = [red, typed];
const remembered = loose as Conversation<Topic>;
export const both = [forgotten, remembered, any as Conversation, any as ChatRoom];

declare module "@curlew/realtime" {
  interface ConversationProperties {
    /** Defined below. */
    color: string;
  }
}
defineConversationProperty("color");
defineConversationProperty("shout", {
  get() {
    return this.name.toUpperCase();
  },
});
loose.color = "green";
// @ts-expect-error: a color is a text
loose.color = 3;
// @ts-expect-error: nobody defined that
loose.colour = "green";
