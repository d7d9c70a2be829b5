import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BinaryMessage, Message, MessageQueryDirection, TextMessage } from "@curlew/realtime";
import { inWorld, two } from "./world.ts";

describe("the history", () => {
  it(
    "is asked for as the protocol has it",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      const asked = async (...args: Parameters<typeof conversation.queryMessages>) => {
        await conversation.queryMessages(...args);
        const { cid: _, ...logs } = world.server.requests("logs").at(-1)!.logsMessage!;
        return logs;
      };
      assert.deepEqual(await asked(), { direction: "OLD" });
      assert.deepEqual(await asked({ limit: 5, type: -1 }), { direction: "OLD", l: 5, lctype: -1 });
      assert.deepEqual(
        await asked({
          startTime: new Date(9),
          startMessageId: "a",
          startClosed: true,
          endTime: 3,
          endMessageId: "b",
          endClosed: false,
        }),
        { direction: "OLD", t: 9, mid: "a", tIncluded: true, tt: 3, tmid: "b", ttIncluded: false },
      );
      assert.deepEqual(await asked({ startTime: 3, endTime: 9 }), {
        direction: "NEW",
        t: 3,
        tt: 9,
      });
      assert.deepEqual(
        await asked({ direction: MessageQueryDirection.OLD_TO_NEW }),
        { direction: "NEW" },
      );
      assert.deepEqual(
        await asked({ beforeTime: 9, beforeMessageId: "a", afterTime: 3, afterMessageId: "b" }),
        { direction: "OLD", t: 9, mid: "a", tt: 3, tmid: "b" },
      );
    }),
  );

  for (
    const wrong of [
      { startMessageId: "a" },
      { endMessageId: "a" },
      { limit: -1 },
      { limit: 1.5 },
      { startTime: new Date("never") },
    ]
  ) {
    it(
      `refuses ${JSON.stringify(wrong)}`,
      inWorld(async (world) => {
        const { conversation } = await two(world);
        await assert.rejects(conversation.queryMessages(wrong), TypeError);
      }),
    );
  }

  it(
    "takes null for what is not wanted",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      await conversation.queryMessages({ startTime: null, limit: null, type: null } as never);
      const ids = { startMessageId: null, endMessageId: null };
      await conversation.queryMessages(ids as never);
      const [first, second] = world.server.requests("logs");
      for (const asked of [first, second]) {
        assert.deepEqual(asked?.logsMessage, { cid: conversation.id, direction: "OLD" });
      }
      await conversation.send(new TextMessage("1"));
      const none = { limit: null, beforeTime: null, beforeMessageId: null };
      const { value } = await conversation.createMessagesIterator(none as never).next();
      assert.equal(value.length, 1);
    }),
  );

  it(
    "gives messages as they were sent, oldest first",
    inWorld(async (world) => {
      const { jerry, conversation } = await two(world);
      await conversation.send(new TextMessage("1"));
      await conversation.send(new BinaryMessage(Uint8Array.of(7).buffer));
      const there = (await jerry.getConversation(conversation.id))!;
      const [text, bytes] = await there.queryMessages();
      assert.equal((text as TextMessage).text, "1");
      assert.equal(text?.cid, conversation.id);
      assert.equal(text?.from, "tom");
      assert.deepEqual([...new Uint8Array((bytes as BinaryMessage).buffer)], [7]);
    }),
  );

  it(
    "is walked through page by page, the last with done",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      for (let i = 1; i <= 5; i++) await conversation.send(new TextMessage(String(i)));
      const texts = (messages: Message[]) => messages.map((each) => (each as TextMessage).text);
      const iterator = conversation.createMessagesIterator({ limit: 2 });
      const pages = await Promise.all([iterator.next(), iterator.next(), iterator.next()]);
      assert.deepEqual(pages.map(({ value, done }) => [texts(value), done]), [
        [["4", "5"], false],
        [["2", "3"], false],
        [["1"], true],
      ]);
      assert.deepEqual(await iterator.next(), { value: [], done: true });
      const all: (string | undefined)[][] = [];
      for await (const page of conversation.createMessagesIterator({ limit: 2 })) {
        all.push(texts(page));
      }
      assert.deepEqual(all, [["4", "5"], ["2", "3"], ["1"]]);
    }),
  );

  it(
    "is walked on from where a page could not be had",
    inWorld(async (world) => {
      const { server } = world;
      const { conversation } = await two(world);
      for (const text of ["1", "2", "3"]) await conversation.send(new TextMessage(text));
      const iterator = conversation.createMessagesIterator({ limit: 2 });
      await iterator.next();
      server.script = () => ({
        cmd: "error",
        errorMessage: { code: 4311, reason: "CONVERSATION_LOG_FAILED" },
      });
      await assert.rejects(iterator.next(), { code: 4311 });
      server.script = () => {};
      const { value, done } = await iterator.next();
      assert.deepEqual(value.map((message) => (message as TextMessage).text), ["1"]);
      assert.equal(done, true);
    }),
  );

  it(
    "is walked through to its end, whatever number a page is asked to have",
    inWorld(async ({ server, clock, device }) => {
      const { messages } = server.seed("c", ["tom"]);
      for (let i = 1; i <= 101; i++) {
        const direct = { msg: String(i) };
        messages.push({ id: `m${i}`, from: "tom", timestamp: clock.now() + i, direct });
      }
      // What a server that follows the protocol does with such a limit.
      server.script = ({ cmd, logsMessage }) =>
        void (cmd === "logs" &&
          assert.ok(logsMessage!.l! <= 100, "the server would give 100 and no more"));
      const tom = await device().createIMClient("tom");
      const conversation = (await tom.getConversation("c"))!;
      for (const [limit, sizes] of [[1_000, [100, 1]], [0, []]] as const) {
        const seen: number[] = [];
        for await (const page of conversation.createMessagesIterator({ limit })) {
          seen.push(page.length);
        }
        assert.deepEqual(seen, sizes);
      }
    }),
  );
});

describe("parseMessage", () => {
  it(
    "reads what toFullJSON wrote",
    inWorld(async (world) => {
      const { tom, jerry, conversation } = await two(world);
      for (
        const sent of [
          await conversation.send(new TextMessage("hi").setMentionList(["jerry"])),
          await conversation.send(new BinaryMessage(Uint8Array.of(7).buffer)),
          await conversation.send(new Message({ a: 1 })),
          await conversation.send(new Message("plain")),
        ]
      ) {
        const json = JSON.parse(JSON.stringify(sent.toFullJSON()));
        const read = await jerry.parseMessage(json);
        assert.equal(read.constructor, sent.constructor);
        assert.equal(read.id, sent.id);
        assert.equal(read.cid, conversation.id);
        assert.equal(read.from, tom.id);
        assert.equal(read.timestamp.getTime(), sent.timestamp.getTime());
        assert.deepEqual(read.getPayload(), sent.getPayload());
        assert.deepEqual(read.mentionList, sent.mentionList);
        assert.equal(read.mentioned, sent.mentionList.length > 0);
      }
    }),
  );
});
