/**
 * Plugins and message classes of an app, written once and given to Curlew's client and to
 * LeanCloud's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { meeting, type Sdk, sides } from "./sides.ts";

interface VoteMessage extends official.TypedMessage {
  choice: string;
}

/** A message class as LeanCloud's documentation makes one, for an SDK. */
function voteOf({ TypedMessage, messageField, messageType }: Sdk) {
  class Vote extends TypedMessage {
    declare choice: string;
  }
  messageField(["choice"])(Vote);
  messageType(7)(Vote);
  return Vote as unknown as new () => VoteMessage;
}

/** A plugin that writes down what it is asked, and keeps back what is not for it. */
function writing(name: string, calls: string[], decided: () => void): official.Plugin {
  const note = (hook: string) => void calls.push(`${name} ${hook}`);
  return {
    name,
    onRealtimeCreate: () => note("onRealtimeCreate"),
    onIMClientCreate: ({ id }: official.IMClient) => note(`onIMClientCreate ${id}`),
    onConversationCreate: () => note("onConversationCreate"),
    beforeMessageParse: (content: official.AVMessage) => {
      note("beforeMessageParse");
      return content;
    },
    afterMessageParse: (message: official.AVMessage) => {
      note("afterMessageParse");
      return message;
    },
    beforeMessageDispatch: (message: official.AVMessage) => {
      note("beforeMessageDispatch");
      const wanted = (message as official.TextMessage).text !== `not for ${name}`;
      if (!wanted || name === "two") decided();
      return wanted;
    },
  };
}

for (const { title, appId, actor, other } of sides) {
  describe(`plugins of both: ${title}`, () => {
    const calls: string[] = [];
    let decided = () => {};
    const votes = new Map([actor, other].map((sdk) => [sdk, voteOf(sdk)] as const));
    const { logIn } = meeting({}, (sdk) => ({
      plugins: [
        { messageClasses: [votes.get(sdk)!] },
        ...sdk === other ? ["one", "two"].map((name) => writing(name, calls, () => decided())) : [],
      ],
    }));
    let tom: official.IMClient;
    let jerry: official.IMClient;
    let talk: official.ConversationBase;
    const both = (hook: string) => [`one ${hook}`, `two ${hook}`];

    before(async () => {
      jerry = await logIn(other, appId, "jerry");
      tom = await logIn(actor, appId, "tom");
      const invited = heard(jerry, "invited");
      talk = await tom.createConversation({ members: ["jerry"] });
      await invited;
    });

    it(`are asked by ${other.name}'s client in their order for all that is created`, () => {
      // LeanCloud's client creates a conversation anew with each answer that names it.
      assert.deepEqual([...new Set(calls.splice(0))], [
        ...both("onRealtimeCreate"),
        ...both("onIMClientCreate jerry"),
        ...both("onConversationCreate"),
      ]);
    });

    it(`are asked by ${other.name}'s client in their order for what arrives`, async () => {
      const first = heard<[official.TextMessage]>(jerry, "message");
      const parsed = [...both("beforeMessageParse"), ...both("afterMessageParse")];
      for (
        const [text, asked] of [
          ["not for one", ["one beforeMessageDispatch"]],
          ["not for two", both("beforeMessageDispatch")],
          ["for all", both("beforeMessageDispatch")],
        ] as const
      ) {
        calls.length = 0;
        const done = new Promise<void>((resolve) => decided = resolve);
        await talk.send(new actor.TextMessage(text));
        await done;
        assert.deepEqual(calls, [...parsed, ...asked]);
      }
      assert.equal((await first)[0].text, "for all");
    });

    it("bring classes of messages, which arrive as what they are", async () => {
      const vote = new (votes.get(actor)!)();
      vote.choice = "yes";
      const arrived = heard<[VoteMessage]>(jerry, "message");
      await talk.send(vote);
      const [message] = await arrived;
      assert.ok(message instanceof votes.get(other)!);
      assert.deepEqual([message.choice, message.type], ["yes", 7]);
    });
  });
}
