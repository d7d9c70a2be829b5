/** A page with one conversation in it. */
import { type Conversation, type Message, Realtime, TextMessage } from "leancloud-realtime";

interface Line {
  key: string;
  author: string;
  time: string;
  text: string;
  mine: boolean;
}

const realtime = new Realtime({
  appId: "APP_ID",
  appKey: "APP_KEY",
  server: "https://chat.example.com",
});

function lineOf(message: Message, me: string): Line {
  const text = message instanceof TextMessage ? message.text : "(not a text)";
  return {
    key: message.id,
    author: message.from,
    time: message.timestamp.toLocaleTimeString(),
    text,
    mine: message.from === me,
  };
}

export async function openChat(me: string, friend: string, show: (line: Line) => void) {
  const client = await realtime.createIMClient(me);
  const conversation = await client.createConversation({
    members: [friend],
    name: `${me} and ${friend}`,
    unique: true,
    topic: "fishing",
  });

  const pages = conversation.createMessagesIterator({ limit: 20 });
  const { value: newest, done } = await pages.next();
  newest.map((message) => lineOf(message, me)).forEach(show);

  conversation.on("message", (message: Message) => {
    show(lineOf(message, me));
    conversation.read().catch(console.error);
  });

  return {
    title: conversation.name as string,
    topic: conversation.get("topic") as string,
    complete: done,
    async older(): Promise<Line[]> {
      const { value } = await pages.next();
      return value.map((message) => lineOf(message, me));
    },
    async say(text: string): Promise<string> {
      const sent = await conversation.send(new TextMessage(text));
      return sent.id;
    },
    async leave(): Promise<void> {
      await (conversation as Conversation).quit();
      await client.close();
    },
  };
}

/** As it is written without `async`. */
export function greet(me: string, id: string): Promise<string> {
  return realtime
    .createIMClient(me, { tag: "Web" })
    .then((client) => client.getConversation(id))
    .then((conversation) => conversation.send(new TextMessage("Hello")))
    .then((message) => message.text)
    .catch((error: Error) => error.message);
}
