import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type IMClient, type Message, TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { until } from "../../kit/wire_client.ts";
import { group, talking } from "./talk.ts";
import { heard } from "./world.ts";

/** Reads all of it; `texts` grows as it comes. */
function reading(messages: AsyncIterable<Message | readonly [Message, unknown]>) {
  const texts: (string | undefined)[] = [];
  const done = (async () => {
    for await (const each of messages) {
      texts.push((("id" in each ? each : each[0]) as TextMessage).text);
    }
  })();
  done.catch(() => {});
  return { texts, done };
}

describe("messages as they arrive", () => {
  it(
    "come in order, those of one conversation and those of all",
    talking(async (talk) => {
      const { clients: [tom, jerry], mine, theirs: [his] } = await group(talk);
      const other = await tom!.createConversation({ members: ["jerry"], unique: false });
      const here = reading(his!.messages());
      const all = reading(jerry!.messages());
      for (const text of ["one", "two"]) {
        await mine.send(new TextMessage(text));
        await other.send(new TextMessage(`other ${text}`));
      }
      await settle();
      assert.deepEqual(here.texts, ["one", "two"]);
      assert.deepEqual(all.texts, ["one", "other one", "two", "other two"]);
      await jerry!.close();
      await Promise.all([here.done, all.done]);
    }),
  );

  it(
    "come with their conversation from the client",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk);
      const messages = jerry!.messages();
      const next = messages.next();
      await mine.send(new TextMessage("hello"));
      const { value } = await next;
      const [message, conversation] = value!;
      assert.equal((message as TextMessage).text, "hello");
      assert.equal(conversation, his);
      await messages.return();
    }),
  );

  it(
    "wait for who is slow, and none is left out",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk);
      const messages = his!.messages();
      const first = messages.next();
      for (const text of ["one", "two", "three"]) await mine.send(new TextMessage(text));
      await settle();
      const texts = [];
      for (const next of [first, messages.next(), messages.next()]) {
        texts.push(((await next).value as TextMessage).text);
      }
      assert.deepEqual(texts, ["one", "two", "three"]);
      await messages.return();
    }),
  );

  it(
    "end quietly with the signal, also within the loop, and listen no more",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk);
      const controller = new AbortController();
      const { texts, done } = reading(his!.messages({ signal: controller.signal }));
      await settle();
      await mine.send(new TextMessage("one"));
      await settle();
      controller.abort();
      await done;
      await mine.send(new TextMessage("two"));
      await settle();
      assert.deepEqual(texts, ["one"]);
      const before = { signal: AbortSignal.abort() };
      assert.deepEqual(await jerry!.messages(before).next(), { done: true, value: undefined });
      for (const event of ["message", "close", "conflict"] as const) {
        assert.equal(jerry!.listenerCount(event), 0, event);
      }
    }),
  );

  it(
    "leave nothing behind where the loop is left",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk);
      const leaving = (async () => {
        for await (const _ of his!.messages()) break;
      })();
      await mine.send(new TextMessage("one"));
      await leaving;
      assert.equal(jerry!.listenerCount("message"), 0);
    }),
  );

  it(
    "end when the client closes, also one that is closed already",
    talking(async (talk) => {
      const { clients: [, jerry], theirs: [his] } = await group(talk);
      const { done } = reading(his!.messages());
      await jerry!.close();
      await done;
      await reading(his!.messages()).done;
    }),
  );

  it(
    "end with the reason where the server ended the session",
    talking(async (talk) => {
      const { client } = talk;
      const phone = await client("tom", { tag: "phone" });
      const { done } = reading(phone.messages());
      await settle();
      await client("tom", { tag: "phone" });
      await assert.rejects(done, { code: 4111, name: "SESSION_CONFLICT" });
    }),
  );

  it(
    "go on over a lost link",
    talking(async (talk) => {
      const { clients, mine, theirs: [his] } = await group(talk);
      const { texts, done } = reading(his!.messages());
      await settle();
      await mine.send(new TextMessage("before"));
      const back = heard(clients[1]!, "reconnect");
      talk.cut();
      await talk.clock.advance(5_000);
      // Tokens are checked by threads that no fake clock moves.
      await until(() => back.length === 1, "Jerry on a new link");
      await mine.send(new TextMessage("after"));
      await until(() => texts.length === 2, "the message after the lost link");
      await clients[1]!.close();
      await done;
      assert.deepEqual(texts, ["before", "after"]);
    }),
  );
});

describe("a client in an `await using`", () => {
  it(
    "is logged out at its end",
    talking(async ({ client }) => {
      let kept: IMClient | undefined;
      {
        await using tom = await client("tom");
        kept = tom;
        const jerry = await client("jerry");
        assert.deepEqual(await jerry.ping(["tom"]), ["tom"]);
      }
      await assert.rejects(kept.ping(["tom"]), { name: "CONNECTION_LOST" });
      const mary = await client("mary");
      assert.deepEqual(await mary.ping(["tom"]), []);
    }),
  );
});
