// deno-lint-ignore-file ban-types -- as programs have it
/** Objects whose types are an app's own, handed over as they are. */
import {
  type AVMessage,
  type ConversationBase,
  type IMClient,
  Message,
  type Plugin,
  Realtime,
  TextMessage,
  TypedMessage,
} from "leancloud-realtime";

interface Profile {
  nick: string;
  age?: number;
}

interface NewGroup {
  members: string[];
  name: string;
  profile: Profile;
}

interface Push {
  alert: string;
}

export async function start(client: IMClient, group: NewGroup, push: Push): Promise<Profile> {
  const conversation = await client.createConversation(group);
  const room = await client.createChatRoom({ name: group.name, profile: group.profile });
  const message = new TextMessage("Hi").setAttributes(group.profile);
  message.attributes = group.profile;
  await conversation.send(message, { pushData: push });
  await room.send(message);
  room.set("profile", group.profile);
  const back = message.getAttributes() as Profile;
  const { nick } = message.attributes as Profile;
  return { ...back, nick };
}

export async function keep(client: IMClient, json: Object): Promise<string> {
  const message = await client.parseMessage(json);
  const conversation = await client.parseConversation(json);
  const again: Object = message.toFullJSON();
  return JSON.stringify([again, message.toJSON(), conversation.toJSON()]);
}

export class Note extends TypedMessage {
  static override TYPE = 5;
  title = "";

  static override parse(json: Object, message: Message): Message {
    const note = super.parse(json, message ?? new Note({}));
    Object.assign(note, json);
    return note;
  }

  override getPayload(): Object {
    return { _lctype: Note.TYPE, title: this.title };
  }

  override toJSON(): Object {
    return { ...super.toJSON(), title: this.title };
  }

  override getText(): string {
    return this.title;
  }
}

export const noisy: Plugin = {
  beforeMessageParse(message) {
    console.log(message);
    return message;
  },
  afterMessageParse(message) {
    if (message instanceof Note) message.title = message.title.trim();
    if (message instanceof Message) console.log(message.id);
    return message;
  },
  beforeMessageDispatch: (message: AVMessage) => message.getPayload() !== undefined,
  onConversationCreate: (conversation) => console.log(conversation.members.length),
  onIMClientCreate: (client) => console.log(client.id.length),
  onRealtimeCreate: (realtime) => realtime.register([Note]),
};

export function connect(plugins: Plugin[], me: string): Promise<IMClient> {
  const realtime = new Realtime({ appId: "APP_ID", appKey: "APP_KEY", plugins });
  return realtime.createIMClient(me, {
    signatureFactory: (clientId) => ({
      signature: clientId.toUpperCase(),
      timestamp: Date.now(),
      nonce: "once",
    }),
    conversationSignatureFactory: async (conversationId, clientId, targetIds, action) => {
      const text = [conversationId, clientId, targetIds.sort().join(":"), action].join(":");
      return await Promise.resolve({ signature: text, timestamp: Date.now(), nonce: "once" });
    },
  });
}

export const unread = (conversations: ConversationBase[]): number =>
  conversations.reduce((sum, each) => sum + Number(each.unreadMessagesCount), 0);
