/**
 * The end-to-end suite: a client against a running server. It is the same in every runtime and over
 * every transport and codec, and so it uses the client's public API, the language and timers, and
 * nothing else: no test runner, no assertion library, nothing of a platform.
 *
 * @module
 */
import type * as Curlew from "@curlew/realtime";
import { type Case, check, hear, refusal, same } from "./cases.ts";

/** The server under test. */
export interface ServerUnderTest {
  /** Where it listens. */
  readonly url: string;
  /** An app that lets everybody in. */
  readonly appId: string;
  /** Its key. */
  readonly appKey: string;
  /** An app that asks for signatures. */
  readonly signed: { readonly appId: string; readonly appKey: string };
}

/** How the client talks to it. */
export type Setup = Pick<Curlew.RealtimeOptions, "transports" | "codecs" | "noBinary">;

type Messages = readonly [message: Curlew.Message, conversation: Curlew.ConversationBase];

/** The cases: `curlew` is the client's module, as this runtime loaded it. */
export function endToEnd(
  curlew: typeof Curlew,
  { url, appId, appKey, signed }: ServerUnderTest,
  setup: Setup = {},
): readonly Case[] {
  const { BinaryMessage, Realtime, TextMessage, TypedMessage } = curlew;
  // Ids that no other run has: all runs share one server.
  let names = 0;
  const run = Math.random().toString(36).slice(2);
  const someone = (name: string) => `${name}-${run}-${++names}`;
  const connect = (more: Partial<Curlew.RealtimeOptions> = {}) =>
    new Realtime({ appId, appKey, server: url, ...setup, ...more });

  /** A case with a `Realtime` of its own, which is closed when it is over. */
  const one = (name: string, body: (realtime: Curlew.Realtime) => Promise<void>): Case => ({
    name,
    run: async () => {
      const realtime = connect();
      try {
        await body(realtime);
      } finally {
        await realtime.close();
      }
    },
  });

  /** Two people in a conversation; they share a connection. */
  const meet = async (realtime: Curlew.Realtime) => {
    const [tom, jerry] = await Promise.all(
      ["tom", "jerry"].map((name) => realtime.createIMClient(someone(name))),
    ) as [Curlew.IMClient, Curlew.IMClient];
    const conversation = await tom.createConversation({ members: [jerry.id], name: "Cheese" });
    return { tom, jerry, conversation, messages: hear<Messages>(jerry, "message") };
  };

  const texts = (messages: readonly Curlew.Message[]) =>
    messages.map((message) => (message as Curlew.TextMessage).text);

  return [
    one("logs in and says what it is connected by", async (realtime) => {
      check(realtime.transport === undefined, "nothing is connected before a login");
      const id = someone("tom");
      const [tom, again] = await Promise.all([id, id].map((who) => realtime.createIMClient(who)));
      same([tom?.id, tom === again], [id, true]);
      check(realtime.transport, "the transport has a name");
      same(await tom?.ping([id, someone("nobody")]), [id]);
    }),

    one(
      "sends texts of any script and length, which arrive once and in order",
      async (realtime) => {
        const { tom, conversation, messages } = await meet(realtime);
        const sent = ["Hello", "", "你好，奶酪 🧀", "\u0000\u{10ffff}", "é".repeat(2_000)]
          .concat(Array.from({ length: 20 }, (_, i) => `no. ${i}`));
        await Promise.all(sent.map((text) => conversation.send(new TextMessage(text))));
        await messages.nth(sent.length);
        same(texts(messages.all.map(([message]) => message)), sent);
        const [message, there] = await messages.nth(1);
        check(message instanceof TextMessage, "a text arrives as a TextMessage");
        same([message.from, there.id, there.members.length], [tom.id, conversation.id, 2]);
        same(message.id, (await conversation.queryMessages({ limit: 100 }))[0]?.id);
      },
    ),

    one("sends messages of an app's own type, mentions and attributes", async (realtime) => {
      class Vote extends TypedMessage {
        choice?: string;
      }
      curlew.messageType(1)(Vote);
      curlew.messageField("choice")(Vote);
      realtime.register(Vote);
      const { jerry, conversation, messages } = await meet(realtime);
      const vote = new Vote().setText("I vote").setAttributes({ deep: { list: [1, "2", null] } });
      (vote as Vote).choice = "brie";
      vote.setMentionList([jerry.id]);
      await conversation.send(vote);
      const [message] = await messages.nth(1);
      check(message instanceof Vote, "it arrives as what it was");
      same([message.choice, message.text, message.attributes, message.mentioned], [
        "brie",
        "I vote",
        { deep: { list: [1, "2", null] } },
        true,
      ]);
    }),

    one("sends bytes, which arrive as they were", async (realtime) => {
      const { conversation, messages } = await meet(realtime);
      const bytes = Uint8Array.from({ length: 1_000 }, (_, i) => i * 7);
      await conversation.send(new BinaryMessage(bytes.slice().buffer));
      const [message] = await messages.nth(1);
      check(message instanceof BinaryMessage, "it arrives as a BinaryMessage");
      same([...new Uint8Array(message.buffer)], [...bytes]);
      const [stored] = await conversation.queryMessages();
      check(stored instanceof BinaryMessage, "the history has it as a BinaryMessage");
      same([...new Uint8Array(stored.buffer)], [...bytes]);
    }),

    one("reads the history, in pages and from its end to its start", async (realtime) => {
      const { jerry, conversation } = await meet(realtime);
      for (let i = 1; i <= 5; i++) await conversation.send(new TextMessage(`${i}`));
      const there = await jerry.getConversation(conversation.id);
      check(there, "the other member finds it");
      same(texts(await there.queryMessages({ limit: 2 })), ["4", "5"]);
      const pages: unknown[] = [];
      const iterator = there.createMessagesIterator({ limit: 2 });
      for await (const page of iterator) pages.push(texts(page));
      same(pages, [["4", "5"], ["2", "3"], ["1"]]);
    }),

    one("finds conversations by their members and attributes", async (realtime) => {
      const { tom, jerry, conversation } = await meet(realtime);
      const members = [jerry.id];
      const other = await tom.createConversation({ members, unique: false, topic: `wine ${run}` });
      check(other.id !== conversation.id, "one that is not unique is new");
      same((await tom.createConversation({ members })).id, conversation.id);
      const wine = await jerry.getQuery().equalTo("topic", `wine ${run}`).find();
      same(wine.map(({ id }) => id), [other.id]);
      const all = await tom.getQuery().containsMembers(members).ascending("createdAt").find();
      same(all.map(({ id }) => id).sort(), [conversation.id, other.id].sort());
      same(await tom.getConversation("000000000000000000000000"), null);
    }),

    one("adds and removes members, and tells them and the others", async (realtime) => {
      const { tom, jerry, conversation } = await meet(realtime);
      const spike = await realtime.createIMClient(someone("spike"));
      const invited = hear<[{ invitedBy: string }]>(spike, "invited");
      // The conversation's start tells of members too.
      const joined = hear<[{ members: string[] }]>(
        jerry,
        "membersjoined",
        ({ members }) => members.includes(spike.id),
      );
      const kicked = hear<[{ kickedBy: string }]>(spike, "kicked");
      const left = hear<[{ members: string[] }]>(jerry, "membersleft");
      await conversation.add([spike.id]);
      same((await invited.nth(1))[0].invitedBy, tom.id);
      same((await joined.nth(1))[0].members, [spike.id]);
      same(await conversation.count(), 3);
      await conversation.remove([spike.id]);
      same((await kicked.nth(1))[0].kickedBy, tom.id);
      same((await left.nth(1))[0].members, [spike.id]);
      same(await conversation.count(), 2);
    }),

    one("counts what is unread, until it is read", async (realtime) => {
      const tom = await realtime.createIMClient(someone("tom"));
      const id = someone("jerry");
      const conversation = await tom.createConversation({ members: [id] });
      await conversation.send(new TextMessage("One"));
      await conversation.send(new TextMessage("Two"));
      const jerry = await realtime.createIMClient(id);
      const updates = hear<[Curlew.ConversationBase[]]>(jerry, "unreadmessagescountupdate");
      const [[there]] = await updates.nth(1);
      check(there, "it names the conversation");
      same([there.id, there.unreadMessagesCount], [conversation.id, 2]);
      await there.read();
      await jerry.close(); // which sends the mark on its way
      const back = await realtime.createIMClient(id);
      const again = hear<[Curlew.ConversationBase[]]>(back, "unreadmessagescountupdate");
      const heard = hear<Messages>(back, "message");
      await conversation.send(new TextMessage("Three"));
      await heard.nth(1);
      same(again.all.at(-1)?.[0].map(({ unreadMessagesCount }) => unreadMessagesCount), [1]);
    }),

    one("comes back after a pause, logged in, and takes what is said", async (realtime) => {
      const { jerry, conversation } = await meet(realtime);
      const other = connect();
      try {
        const spike = await other.createIMClient(someone("spike"));
        await conversation.add(spike.id);
        const there = await spike.getConversation(conversation.id);
        const back = hear(jerry, "reconnect");
        const unread = hear<[Curlew.ConversationBase[]]>(jerry, "unreadmessagescountupdate");
        realtime.pause();
        same((await refusal(jerry.ping([jerry.id]))).name, "CONNECTION_LOST");
        await there?.send(new TextMessage("Are you there?"));
        realtime.resume();
        await Promise.all([back.nth(1), unread.nth(1)]);
        const heard = hear<Messages>(jerry, "message");
        await there?.send(new TextMessage("Now?"));
        same(texts([(await heard.nth(1))[0]]), ["Now?"]);
        same(texts(await conversation.queryMessages()), ["Are you there?", "Now?"]);
      } finally {
        await other.close();
      }
    }),

    one("logs the first device out when a second logs in with its tag", async (realtime) => {
      const id = someone("tom");
      const first = await realtime.createIMClient(id, { tag: "phone" });
      const conflict = hear(first, "conflict");
      const other = connect();
      try {
        const second = await other.createIMClient(id, { tag: "phone" });
        await conflict.nth(1);
        same(await second.ping([id]), [id]);
      } finally {
        await other.close();
      }
    }),

    one("is refused where the app is unknown, by the router and on a link", async () => {
      for (const more of [{}, { RTMServers: url.replace(/^http/, "ws") }]) {
        const realtime = connect({ ...more, appId: `${appId}-not` });
        same((await refusal(realtime.createIMClient(someone("tom")))).code, 4100);
        await realtime.close();
      }
    }),

    one("is refused where the login is signed with another key", async () => {
      const realtime = connect(signed);
      const signature = "0123456789abcdef0123456789abcdef01234567";
      const signatureFactory = () => ({ signature, timestamp: Date.now(), nonce: run });
      const refused = await refusal(realtime.createIMClient(someone("tom"), { signatureFactory }));
      same(refused.code, 4102);
      await realtime.close();
    }),

    one("serves several clients and connections at once", async (first) => {
      const others = Array.from({ length: 3 }, () => connect());
      try {
        const clients = await Promise.all(
          [first, first, ...others].map((realtime, i) => realtime.createIMClient(someone(`${i}`))),
        );
        const heard = clients.map((client) => hear<Messages>(client, "message"));
        const [host] = clients;
        const { id } = await host!.createConversation({ members: clients.map((each) => each.id) });
        const rooms = await Promise.all(clients.map((client) => client.getConversation(id)));
        await Promise.all(rooms.map((room, i) => room?.send(new TextMessage(`${i}`))));
        await Promise.all(heard.map((each) => each.nth(clients.length - 1)));
        heard.forEach((each, i) =>
          same(
            texts(each.all.map(([message]) => message)).sort(),
            ["0", "1", "2", "3", "4"].filter((text) => text !== `${i}`),
          )
        );
      } finally {
        await Promise.all(others.map((realtime) => realtime.close()));
      }
    }),

    one("is over when it is closed, and can be opened anew", async (realtime) => {
      const { tom, conversation } = await meet(realtime);
      const closed = hear<[{ code: number }]>(tom, "close");
      await tom.close();
      same((await closed.nth(1))[0].code, 0);
      check(await refusal(conversation.send(new TextMessage("?"))), "nothing more is sent");
      const again = await realtime.createIMClient(tom.id);
      check(again !== tom, "a new login is a new client");
      await realtime.close();
      same(realtime.transport, undefined);
      same((await refusal(realtime.createIMClient(tom.id))).name, "CLOSED");
    }),
  ];
}
