import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessageStatus, TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { group, talking } from "./talk.ts";
import { heard } from "./world.ts";

describe("receipts", () => {
  it(
    "tell that a message was delivered, and that it was read",
    talking(async (talk) => {
      const { clock } = talk;
      const { mine, theirs: [his] } = await group(talk);
      const events = heard(mine, "lastdeliveredatupdate", "lastreadatupdate");
      assert.deepEqual([mine.lastDeliveredAt, mine.lastReadAt], [undefined, undefined]);
      const sent = await mine.send(new TextMessage("hi"), { receipt: true });
      assert.equal(sent.status, MessageStatus.SENT);
      await clock.advance(2_000);
      assert.deepEqual(events, [["lastdeliveredatupdate"]]);
      assert.equal(sent.status, MessageStatus.DELIVERED);
      assert.equal(sent.deliveredAt?.getTime(), mine.lastDeliveredAt?.getTime());
      assert.ok(mine.lastDeliveredAt! >= sent.timestamp);
      await clock.advance(5_000);
      await his!.read();
      await clock.advance(2_000);
      assert.deepEqual(events, [["lastdeliveredatupdate"], ["lastreadatupdate"]]);
      assert.ok(mine.lastReadAt! > mine.lastDeliveredAt!);
      assert.equal(his!.lastReadAt, undefined);
    }),
  );

  it(
    "are asked for by who was not there to hear of them",
    talking(async (talk) => {
      const { clock, client } = talk;
      const { mine, theirs: [his] } = await group(talk);
      const sent = await mine.send(new TextMessage("hi"), { receipt: true });
      await clock.advance(2_000);
      await his!.read();
      await clock.advance(2_000);
      const phone = await client("tom", { tag: "phone" });
      const there = (await phone.getConversation(mine.id))!;
      const events = heard(there, "lastdeliveredatupdate", "lastreadatupdate");
      assert.equal(await there.fetchReceiptTimestamps(), there);
      assert.deepEqual(
        [there.lastDeliveredAt, there.lastReadAt],
        [sent.timestamp, sent.timestamp],
      );
      assert.deepEqual(events, [["lastdeliveredatupdate"], ["lastreadatupdate"]]);
      await there.fetchReceiptTimestamps();
      assert.equal(events.length, 2, "nothing new");
    }),
  );

  it(
    "say nothing in a group",
    talking(async (talk) => {
      const { mine, theirs } = await group(talk, ["jerry", "mary"]);
      const events = heard(mine, "lastdeliveredatupdate", "lastreadatupdate");
      const sent = await mine.send(new TextMessage("hi"), { receipt: true });
      for (const each of theirs) await each.read();
      await talk.clock.advance(2_000);
      await settle();
      assert.deepEqual([events, mine.lastReadAt], [[], undefined]);
      assert.equal(sent.status, MessageStatus.SENT);
    }),
  );
});
