/** An app that has missed messages pushed when it logs in, by the older declarations. */
import {
  Event,
  type Message,
  messageField,
  messageType,
  Realtime,
  TypedMessage,
} from "leancloud-realtime";

class Vote extends TypedMessage {
  choice!: number;
}
messageType(1)(Vote);
messageField(["choice"])(Vote);

const options = {
  appId: "APP_ID",
  appKey: "APP_KEY",
  server: "chat.example.com",
  pushOfflineMessages: true,
};
const realtime = new Realtime(options);

export async function missed(me: string, show: (message: Message) => void): Promise<void> {
  const client = await realtime.createIMClient(me);
  client.on(Event.MESSAGE, show);
  const conversation = await client.getConversation("CONVERSATION");
  const messages = await conversation.queryMessages({ limit: 10, type: Vote.TYPE });
  messages.forEach(show);
  const [kept] = messages.map((message: Message) => message.toFullJSON());
  const vote = (await client.parseMessage(kept!)) as Vote;
  if (conversation.name === "Polls" && vote.choice > 0) await conversation.quit();
}
