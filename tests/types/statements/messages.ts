/** What is sent is what comes back, and classes are what they are. */
import {
  type ConversationBase,
  type IMClient,
  type Message,
  messageField,
  messageType,
  type Realtime,
  type RecalledMessage,
  type TextMessage,
  TypedMessage,
} from "@curlew/realtime";
import { type Equal, same } from "./same.ts";

declare const realtime: Realtime;
declare const client: IMClient;
declare const conversation: ConversationBase;
declare const text: TextMessage;

@messageType(1)
@messageField(["choice"])
class Vote extends TypedMessage {
  choice = 0;
}

const Named = messageType(2)(class extends Vote {});
const named = new Named();
same<Equal<typeof named.choice, number>>();

realtime.register(Vote);
realtime.register([Vote, Named]);

const sent = await conversation.send(new Vote());
same<Equal<typeof sent, Vote>>();
const changed = await conversation.update(sent, text);
same<Equal<typeof changed, TextMessage>>();
const left = await conversation.recall(changed);
same<Equal<typeof left, RecalledMessage>>();
const kept = await client.parseMessage({});
same<Equal<typeof kept, Message>>();
const vote = await client.parseMessage<Vote>({});
same<Equal<typeof vote, Vote>>();

client.on("message", (message) => {
  if (message instanceof Vote) same<Equal<typeof message, Vote>>();
  // Not every message is a text, and the compiler knows.
  same<Equal<typeof message.text, string | undefined>>();
});

// @ts-expect-error: no message
conversation.send("Hello");
// @ts-expect-error: there is no such option
conversation.send(text, { receipts: true });
// @ts-expect-error: a priority is none of these
conversation.send(text, { priority: 7 });
// @ts-expect-error: it tells not when it was sent
conversation.recall({ id: "1" });
// @ts-expect-error: no class of messages
realtime.register(class {});
// @ts-expect-error: neither
messageType(1)(class {});
// @ts-expect-error: this class has no such field
sent.chioce = 1;
