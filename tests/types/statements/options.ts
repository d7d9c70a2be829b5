/** Options and arguments are what they must be. */
import { ErrorCode, Event, MessageQueryDirection, Realtime } from "@curlew/realtime";
import { type Equal, same } from "./same.ts";

const app = { appId: "APP_ID", appKey: "APP_KEY" };
const realtime = new Realtime({ ...app, server: "https://chat.example.com" });
const tom = await realtime.createIMClient("tom", { tag: "Mobile" });
const conversation = await tom.createConversation();

// @ts-expect-error: an app has a key
new Realtime({ appId: "APP_ID" });
// @ts-expect-error: there is no such option
new Realtime({ ...app, sever: "https://chat.example.com" });
// @ts-expect-error: a server is told by its address
new Realtime({ ...app, server: 8450 });
// @ts-expect-error: there is no such option
realtime.createIMClient("tom", { tags: ["Mobile"] });
// @ts-expect-error: that is no signature
realtime.createIMClient("tom", { signatureFactory: () => ({ signature: 1 }) });
// @ts-expect-error: members are listed
tom.createConversation({ members: "jerry" });
// @ts-expect-error: a time is a number
tom.createTemporaryConversation({ ttl: "60" });
// @ts-expect-error: there is no such condition
tom.getQuery().equals("name", "Tom");
// @ts-expect-error: there is no such role
conversation.updateMemberRole("jerry", "Boss");
// @ts-expect-error: there is no such option
conversation.queryMessages({ before: new Date() });
// @ts-expect-error: there is no such direction
conversation.queryMessages({ direction: 3 });
// @ts-expect-error: there is no such member
conversation.sned("Hello");

realtime.createIMClient("tom", {
  conversationSignatureFactory: (conversationId, clientId, targetIds, action) => {
    same<Equal<typeof conversationId, string | null>>();
    same<Equal<[typeof clientId, typeof targetIds, typeof action], [string, string[], string]>>();
    return { signature: "", timestamp: 0, nonce: "" };
  },
});

const event: Event = Event.MESSAGE;
const code: ErrorCode = ErrorCode.SESSION_CONFLICT;
const direction: MessageQueryDirection = MessageQueryDirection.OLD_TO_NEW;
export const values = [event, code, direction];
// @ts-expect-error: there is no such code
export const none: ErrorCode = 1;
