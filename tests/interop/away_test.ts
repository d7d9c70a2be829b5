/**
 * What a client hears of what was done while it was away: Curlew's and LeanCloud's own.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { type Message, Realtime, TextMessage } from "@curlew/realtime";
import type * as official from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { ServerProcess } from "../kit/server_process.ts";
import { meeting, sides } from "./sides.ts";

for (const { appId, actor, other } of sides) {
  describe(`what ${actor.name}'s client missed`, () => {
    const { logIn, realtime } = meeting();
    let tom: official.IMClient;
    let jerry: official.IMClient;
    let talk: official.Conversation;
    let there: official.Conversation;
    const text = (words: string) => new other.TextMessage(words);

    before(async () => {
      jerry = await logIn(actor, appId, "jerry");
      tom = await logIn(other, appId, "tom");
      talk = await tom.createConversation({ members: ["jerry"] }) as official.Conversation;
      there = await jerry.getConversation(talk.id) as official.Conversation;
    });

    /** Does something while Jerry is away, and has him come back. */
    const meanwhile = async (act: () => Promise<unknown>) => {
      const device = realtime(actor, appId) as official.Realtime & {
        pause(): void;
        resume(): void;
      };
      const gone = heard(jerry, "offline");
      device.pause();
      await gone;
      await act();
      device.resume();
    };

    it("it is told how much it has to read", async () => {
      const told = heard<[official.ConversationBase[]]>(jerry, "unreadmessagescountupdate");
      await meanwhile(async () => {
        for (const words of ["1", "2"]) await talk.send(text(words).mentionAll());
      });
      const [[conversation]] = await told;
      assert.equal(conversation, there);
      assert.deepEqual([there.unreadMessagesCount, there.unreadMessagesMentioned], [2, true]);
      assert.equal((there.lastMessage as official.TextMessage).text, "2");
      await there.read();
    });

    it("it is told of messages that were changed and recalled", async () => {
      const arrived = heard(there, "message");
      const first = await talk.send(text("helo"));
      await arrived;
      const second = await talk.send(text("oops"));
      const changed = heard<[official.TextMessage]>(there, "messageupdate");
      const recalled = heard<[official.Message]>(there, "messagerecall");
      await meanwhile(async () => {
        await talk.update(first, text("hello"));
        await talk.recall(second);
      });
      const [message] = await changed;
      assert.deepEqual([message.id, message.text], [first.id, "hello"]);
      const [gone] = await recalled;
      assert.ok(gone instanceof actor.RecalledMessage);
      assert.equal(gone.id, second.id);
    });

    it("it is told who came and went, and what the conversation is called now", async () => {
      const came = heard<[{ members: string[]; invitedBy: string }]>(there, "membersjoined");
      const went = heard<[{ members: string[]; kickedBy: string }]>(there, "membersleft");
      const named = heard<[{ attributes: object; updatedBy: string }]>(there, "infoupdated");
      await meanwhile(async () => {
        await talk.add(["butch", "spike"]);
        await talk.remove(["butch"]);
        talk.name = "Cheese";
        await talk.save();
      });
      assert.deepEqual((await came)[0], { members: ["butch", "spike"], invitedBy: "tom" });
      assert.deepEqual((await went)[0], { members: ["butch"], kickedBy: "tom" });
      const [{ attributes, updatedBy }] = await named;
      assert.deepEqual([attributes, updatedBy], [{ name: "Cheese" }, "tom"]);
      assert.deepEqual([...there.members].sort(), ["jerry", "spike", "tom"]);
      assert.equal(there.name, "Cheese");
    });

    it("it is told where it was added to, and removed from", async () => {
      const invited = heard<[{ invitedBy: string }, { id: string }]>(jerry, "invited");
      const kicked = heard<[{ kickedBy: string }, { id: string }]>(jerry, "kicked");
      let another: official.ConversationBase;
      await meanwhile(async () => {
        another = await tom.createConversation({ members: ["jerry"], unique: false });
        await talk.remove(["jerry"]);
      });
      const [{ invitedBy }, { id: there }] = await invited;
      assert.deepEqual([invitedBy, there], ["tom", another!.id]);
      const [{ kickedBy }, { id: from }] = await kicked;
      assert.deepEqual([kickedBy, from], ["tom", talk.id]);
    });
  });
}

describe("what a client with pushOfflineMessages missed", () => {
  it("comes as the messages themselves, at its login", async () => {
    const app = { id: "pushed", key: "key", masterKey: "master" };
    await using server = await ServerProcess.ofApps([app]);
    const options = { appId: app.id, appKey: app.key, server: server.url };
    await using realtime = new Realtime(options);
    await using pushed = new Realtime({ ...options, pushOfflineMessages: true });
    const tom = await realtime.createIMClient("tom");
    const talk = await tom.createConversation({ members: ["jerry"] });
    for (const words of ["1", "2", "3"]) await talk.send(new TextMessage(words));
    const jerry = await pushed.createIMClient("jerry");
    const texts: (string | undefined)[] = [];
    await new Promise<void>((done) =>
      jerry.on("message", (message: Message) => {
        texts.push((message as TextMessage).text);
        if (texts.length === 3) done();
      })
    );
    assert.deepEqual(texts, ["1", "2", "3"]);
    await tom.close();
    await jerry.close();
  });
});
