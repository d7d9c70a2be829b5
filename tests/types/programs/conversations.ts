// deno-lint-ignore-file ban-types -- as programs have it
/** Finding, making and changing conversations of every kind. */
import {
  ChatRoom,
  Conversation,
  type ConversationBase,
  ConversationQuery,
  type IMClient,
  type PresistentConversation,
  ServiceConversation,
  TemporaryConversation,
  TextMessage,
} from "leancloud-realtime";

export async function find(client: IMClient): Promise<PresistentConversation[]> {
  const mine = client.getQuery().containsMembers(["tom"]).descending("lm").limit(10).skip(0);
  const named = client.getQuery()
    .equalTo("name", "Tom & Jerry")
    .notEqualTo("attr.archived", true)
    .exists("attr.color")
    .doesNotExist("attr.deleted");
  const sized = client.getQuery()
    .greaterThan("attr.size", 1)
    .greaterThanOrEqualTo("attr.size", 2)
    .lessThan("attr.size", 10)
    .lessThanOrEqualTo("createdAt", new Date())
    .sizeEqualTo("m", 2);
  const listed = client.getQuery()
    .containedIn("attr.color", ["red", "blue"])
    .notContainsIn("attr.color", ["green"])
    .containsAll("attr.tags", ["a", "b"])
    .contains("name", "om")
    .startsWith("name", "T")
    .endsWith("name", "y")
    .matches("name", "^T.*y$")
    .withMembers(["jerry"], true);
  const query = ConversationQuery.or(
    ConversationQuery.and(mine, named),
    sized,
    listed.ascending("name").addAscending("createdAt").addDescending("updatedAt"),
  );
  return await query.compact(false).compact().withLastMessagesRefreshed().find();
}

export async function rooms(client: IMClient): Promise<string> {
  const room: ChatRoom = await client.createChatRoom({ name: "Lobby", level: 3 });
  const found: ChatRoom[] = await client.getChatRoomQuery().equalTo("name", "Lobby").find();
  await room.join();
  await room.send(new TextMessage("Hi"), { transient: true });
  return `${room.transient} ${await room.count()} ${found.length} ${await room.quit()}`;
}

export async function service(client: IMClient): Promise<boolean> {
  const all: ServiceConversation[] = await client.getServiceConversationQuery().find();
  for (const each of all) await each.subscribe();
  const one = (await client.getConversation("SERVICE")) as ServiceConversation;
  await one.unsubscribe();
  return one.system;
}

export async function passing(client: IMClient): Promise<string> {
  const passing: TemporaryConversation = await client.createTemporaryConversation({
    members: ["jerry"],
    ttl: 60,
  });
  if (passing.expired) return "gone";
  await passing.send(new TextMessage("for a minute"));
  return passing.expiredAt.toISOString();
}

export async function change(conversation: PresistentConversation): Promise<string> {
  conversation.name = conversation.name.trim();
  conversation.set("attr.color", "red").set("attr.size", 3);
  const color: string = conversation.get("attr.color");
  const attr: { size: number } = conversation.get("attr");
  await conversation.save();
  await (await conversation.fetch()).mute();
  if (conversation.muted) await conversation.unmute();
  const muters = conversation.mutedMembers?.join() ?? "";
  const days = (conversation.updatedAt.getTime() - conversation.createdAt.getTime()) / 86_400_000;
  return [color, attr.size, muters, days, conversation.creator.toLowerCase()].join();
}

export async function keep(client: IMClient, conversation: ConversationBase): Promise<string> {
  const json: Object = conversation.toFullJSON();
  const again = await client.parseConversation(JSON.parse(JSON.stringify(json)));
  console.log(conversation.toJSON());
  const online = await client.ping(again.members);
  return `${again.id} ${again.lastMessageAt?.getTime()} ${again.lastMessage?.from} ${online.length}`;
}

export function kind(conversation: ConversationBase): string {
  if (conversation instanceof ChatRoom) return conversation.name;
  if (conversation instanceof ServiceConversation) return conversation.creator;
  if (conversation instanceof TemporaryConversation) return String(conversation.expired);
  if (conversation instanceof Conversation) return conversation.get("topic");
  return conversation.id;
}
