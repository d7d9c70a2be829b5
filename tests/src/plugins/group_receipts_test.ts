import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type IMClient, type Message, TextMessage } from "@curlew/realtime";
import {
  groupReceipts,
  readersOf,
  ReadReceipt,
  type ReadTimestamps,
  receiptsOf,
} from "@curlew/realtime/plugins/group-receipts";
import { settle } from "../../kit/clock.ts";
import { type Talk, talking } from "../im/talk.ts";

/** Tom, Jerry and Spike with the plugin, in a conversation that Tom made. */
async function group(
  { client }: Talk,
  others: readonly string[] = ["jerry", "spike"],
  make: "createConversation" | "createTemporaryConversation" = "createConversation",
) {
  const clients = await Promise.all(
    ["tom", ...others].map((id) => client(id, { plugins: [groupReceipts()] })),
  );
  const { id } = await clients[0]![make]({ members: [...others] });
  await settle();
  const [mine, ...theirs] = await Promise.all(clients.map((one) => conversationOf(one, id)));
  return { clients, id, mine: mine!, theirs };
}

const conversationOf = async (client: IMClient, id: string) =>
  receiptsOf((await client.getConversation(id))!);

/** What a conversation tells, as times in ms. */
function tellsOf(conversation: Awaited<ReturnType<typeof conversationOf>>) {
  const told: Record<string, number>[] = [];
  conversation.on("lastreadtimestampsupdate", (updated) => told.push(inMs(updated)));
  return told;
}

/** Has a device miss what members tell each other, as while it is away. */
const deaf = {
  name: "deaf",
  beforeMessageDispatch: (message: Message) => !(message instanceof ReadReceipt),
};

const inMs = (times: ReadTimestamps) =>
  Object.fromEntries(Object.entries(times).map(([id, at]) => [id, at.getTime()]));

describe("receipts of a group", () => {
  for (const make of ["createConversation", "createTemporaryConversation"] as const) {
    it(
      `tell the others who has read, and up to when, in what ${make} made`,
      talking(async (talk) => {
        const { mine, theirs: [jerrys, spikes] } = await group(talk, undefined, make);
        const told = [mine, spikes!].map(tellsOf);
        const first = await mine.send(new TextMessage("first"));
        await talk.clock.advance(5);
        await jerrys!.read();
        await settle();
        const at = first.timestamp.getTime();
        assert.deepEqual(told, [[{ jerry: at }], [{ jerry: at }]]);
        assert.deepEqual(inMs(mine.lastReadTimestamps), { jerry: at });
        assert.deepEqual(jerrys!.lastReadTimestamps, Object.create(null));
        const second = await mine.send(new TextMessage("second"));
        await settle();
        assert.deepEqual([first, second].map((sent) => readersOf(mine, sent)), [["jerry"], []]);
        await spikes!.read();
        await settle();
        assert.deepEqual([first, second].map((sent) => readersOf(mine, sent)), [
          ["jerry", "spike"],
          ["spike"],
        ]);
      }),
    );
  }

  it(
    "are neither messages nor unread, nor kept",
    talking(async (talk) => {
      const { clients, mine, theirs: [jerrys] } = await group(talk);
      const messages: Message[] = [];
      for (const client of clients) client.on("message", (message) => messages.push(message));
      const sent = await mine.send(new TextMessage("hello"));
      await settle();
      await jerrys!.read();
      await settle();
      assert.deepEqual(messages.map(({ id }) => id), [sent.id, sent.id]);
      assert.deepEqual([mine.unreadMessagesCount, mine.lastMessage?.id], [0, sent.id]);
      assert.deepEqual((await mine.queryMessages()).map(({ id }) => id), [sent.id]);
    }),
  );

  it(
    "are sent once for what was read, however often it is read",
    talking(async (talk) => {
      const { mine, theirs: [jerrys, spikes] } = await group(talk);
      const told = tellsOf(mine);
      const frames: unknown[] = [];
      const { send } = jerrys!;
      jerrys!.send = (message, options) => {
        frames.push(message);
        return send.call(jerrys, message, options) as never;
      };
      await jerrys!.read(); // nothing there
      await mine.send(new TextMessage("1"));
      await settle();
      for (let n = 0; n < 5; n++) void jerrys!.read();
      await settle();
      await jerrys!.read();
      await settle();
      assert.equal(frames.length, 1);
      assert.ok(frames[0] instanceof ReadReceipt);
      // While one is on its way, what follows is told by one more.
      await talk.clock.advance(5);
      await mine.send(new TextMessage("2"));
      await settle();
      void jerrys!.read();
      await spikes!.send(new TextMessage("3"));
      await settle();
      void jerrys!.read();
      await settle();
      assert.ok(frames.length <= 3);
      assert.deepEqual(told.at(-1), { jerry: Number(jerrys!.lastMessageAt) });
    }),
  );

  it(
    "are asked for with the first messages, by fetchReceiptTimestamps, and after a reconnect",
    talking(async (talk) => {
      const { id, mine, theirs: [jerrys, spikes] } = await group(talk);
      const sent = await mine.send(new TextMessage("hello"));
      const at = sent.timestamp.getTime();
      await settle();
      await jerrys!.read();
      await talk.clock.advance(1000);
      // Another device has not heard of that.
      const phone = await talk.client("tom", { plugins: [deaf, groupReceipts()] });
      const onPhone = await conversationOf(phone, id);
      assert.deepEqual(inMs(onPhone.lastReadTimestamps), {});
      const told = tellsOf(onPhone);
      await onPhone.queryMessages();
      await settle();
      assert.deepEqual([told, inMs(onPhone.lastReadTimestamps)], [[{ jerry: at }], { jerry: at }]);

      const later = await talk.client("tom", { plugins: [groupReceipts()] });
      const asked = await conversationOf(later, id);
      assert.equal(await asked.fetchReceiptTimestamps(), asked);
      assert.deepEqual(inMs(asked.lastReadTimestamps), { jerry: at });

      await spikes!.read();
      await talk.clock.advance(1000);
      assert.deepEqual(Object.keys(onPhone.lastReadTimestamps), ["jerry"]);
      talk.cut();
      await talk.clock.advance(30_000);
      assert.deepEqual(inMs(onPhone.lastReadTimestamps), { jerry: at, spike: at });
    }),
  );

  it(
    "are not sent in a conversation of two, where the server tells it",
    talking(async (talk) => {
      const { mine, theirs: [jerrys] } = await group(talk, ["jerry"]);
      const told = tellsOf(mine);
      await mine.send(new TextMessage("hello"), { receipt: true });
      await settle();
      await jerrys!.read();
      await talk.clock.advance(1000);
      await mine.fetchReceiptTimestamps();
      assert.deepEqual([told, Number(mine.lastReadAt)], [[], Number(mine.lastMessageAt)]);
    }),
  );

  it(
    "never go back, and never say more than was sent",
    talking(async (talk) => {
      const { mine, theirs: [jerrys] } = await group(talk);
      const told = tellsOf(mine);
      const now = talk.clock.now();
      for (const at of [now + 1e9, 1, 0]) await jerrys!.send(new ReadReceipt(new Date(at)));
      await settle();
      assert.equal(told.length, 1);
      assert.ok(told[0]!.jerry! <= now + 1000);
    }),
  );

  it(
    "are left to others where they are malformed, and names can do no harm",
    talking(async (talk) => {
      const names = ["__proto__", "constructor"];
      const { mine, theirs: [first] } = await group(talk, names);
      const told = tellsOf(mine);
      await mine.send(new TextMessage("hello"));
      await settle();
      assert.deepEqual(Object.keys(mine.lastReadTimestamps), []);
      await first!.read();
      await settle();
      assert.deepEqual(Object.keys(mine.lastReadTimestamps), ["__proto__"]);
      assert.deepEqual(told.map((updated) => Object.keys(updated).length), [1]);
      for (const timestamp of [undefined, null, "yesterday", {}, [1], true]) {
        assert.equal(ReadReceipt.validate({ _lctype: -101, timestamp }), false);
      }
      assert.ok(ReadReceipt.validate({ _lctype: -101, timestamp: 1_700_000_000_000 }));
      assert.ok(ReadReceipt.validate({ _lctype: -101, timestamp: "2026-11-24T00:00:00.000Z" }));
    }),
  );
});

describe("without the plugin", () => {
  it(
    "receiptsOf says what is missing",
    talking(async ({ client }) => {
      const tom = await client("tom");
      const conversation = await tom.createConversation({ members: ["jerry", "spike"] });
      assert.throws(() => receiptsOf(conversation), {
        name: "TypeError",
        message: "The Realtime needs groupReceipts() among its plugins",
      });
    }),
  );
});
