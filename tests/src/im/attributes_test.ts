import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settle } from "../../kit/clock.ts";
import { group, talking } from "./talk.ts";
import { heard, inWorld } from "./world.ts";

describe("a conversation's attributes", () => {
  it(
    "are set by path, saved together, and told to all members",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk, ["jerry"], {
        name: "T & J",
        attr: { color: "red", size: 1 },
      });
      const there = heard(his!, "infoupdated");
      const onClient = heard(jerry!, "conversationinfoupdated");
      const here = heard(mine, "infoupdated");
      mine.name = "Tom";
      assert.equal(mine.set("attr.color", "blue").set("deep.er.still", true), mine);
      assert.deepEqual(
        [mine.name, mine.get("attr.color"), mine.get("attr"), mine.get("deep.er.still")],
        ["Tom", "blue", { color: "blue", size: 1 }, true],
      );
      assert.equal(his!.get("attr.color"), "red");
      await talk.clock.advance(1_000);
      assert.equal(await mine.save(), mine);
      await settle();
      const attributes = { name: "Tom", "attr.color": "blue", "deep.er.still": true };
      const payload = { attributes, updatedBy: "tom" };
      assert.deepEqual(there, [["infoupdated", payload]]);
      assert.deepEqual(here, [["infoupdated", payload]]);
      assert.deepEqual(onClient, [["conversationinfoupdated", payload, his]]);
      for (const conversation of [mine, his!]) {
        assert.equal(conversation.name, "Tom");
        assert.deepEqual(conversation.get("attr"), { color: "blue", size: 1 });
        assert.deepEqual(conversation.get("deep"), { er: { still: true } });
        assert.ok(conversation.updatedAt! > conversation.createdAt!);
      }
    }),
  );

  it(
    "may be dates, which arrive as dates and are found by dates",
    talking(async (talk) => {
      const [first, second] = [new Date(1e12), new Date(2e12)];
      const { clients: [tom, jerry], mine, theirs: [his] } = await group(talk, ["jerry"], {
        since: first,
        attr: { days: [first] },
      });
      assert.deepEqual([his!.get("since"), his!.get("attr.days")], [first, [first]]);
      const there = heard(his!, "infoupdated");
      await mine.set("since", second).set("attr.until", second).save();
      await settle();
      const attributes = { since: second, "attr.until": second };
      assert.deepEqual(there, [["infoupdated", { attributes, updatedBy: "tom" }]]);
      for (const conversation of [mine, his!, await his!.fetch()]) {
        assert.deepEqual(conversation.get("since"), second);
        assert.deepEqual(conversation.get("attr"), { days: [first], until: second });
      }
      const found = async (query: ReturnType<NonNullable<typeof jerry>["getQuery"]>) =>
        (await query.find()).map(({ id }) => id);
      const after = (date: Date) => jerry!.getQuery().greaterThan("since", date);
      assert.deepEqual(await found(after(first)), [mine.id]);
      assert.deepEqual(await found(after(second)), []);
      assert.deepEqual(await found(tom!.getQuery().equalTo("since", second)), [mine.id]);
    }),
  );

  it(
    "go out once, with what was set inside them since",
    inWorld(async ({ server, device }) => {
      server.seed("c", ["tom"]);
      const tom = await device().createIMClient("tom");
      const conversation = (await tom.getConversation("c"))!;
      server.script = ({ op, convMessage }) =>
        op === "update"
          ? { cmd: "conv", op: "updated", convMessage: { attrModified: convMessage!.attr! } }
          : undefined;
      await conversation.save();
      assert.equal(server.requests("conv", "update").length, 0, "nothing was set");
      conversation.set("a.b", 1).set("a", { c: 2 }).set("a.d", 3).set("ab", 4);
      await conversation.save();
      await conversation.save();
      const [only, ...more] = server.requests("conv", "update");
      assert.equal(more.length, 0);
      assert.deepEqual(JSON.parse(only!.convMessage!.attr!.data), { a: { c: 2, d: 3 }, ab: 4 });
    }),
  );

  it(
    "stay set where they could not be saved, and where others change something",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk);
      mine.set("mine", 1);
      await his!.set("his", 2).save();
      await settle();
      assert.deepEqual([mine.get("mine"), mine.get("his")], [1, 2]);
      await mine.remove("jerry");
      his!.set("his", 3);
      await assert.rejects(his!.save(), { code: 4309 });
      assert.equal(his!.get("his"), 3);
      await mine.add("jerry");
      await settle();
      await his!.save();
      assert.equal(jerry!.id, "jerry");
      assert.equal((await mine.fetch()).get("his"), 3);
      assert.equal(mine.get("mine"), 1);
    }),
  );

  it(
    "go as the server says, what is deleted with it",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk, ["jerry"], { attr: { a: 1, b: 2 }, n: 1 });
      await mine.set("attr.a", { __op: "Delete" }).set("n", { __op: "Increment", amount: 2 })
        .save();
      await settle();
      for (const conversation of [mine, his!]) {
        assert.deepEqual([conversation.get("attr"), conversation.get("n")], [{ b: 2 }, 3]);
      }
    }),
  );

  it(
    "are none that every object has",
    talking(async (talk) => {
      const { mine } = await group(talk, ["jerry"], { attr: { text: "x" } });
      const paths = ["constructor", "toString", "attr.constructor", "attr.text.length.x", "no.ne"];
      for (const path of paths) assert.equal(mine.get(path), undefined, path);
      mine.set("__proto__.polluted", 1);
      assert.equal(({} as Record<string, unknown>).polluted, undefined);
      assert.equal(mine.get("polluted"), undefined);
    }),
  );
});

describe("muting a conversation", () => {
  it(
    "is kept by the server, for oneself",
    talking(async (talk) => {
      const { clients: [tom], mine, theirs: [his] } = await group(talk);
      assert.equal(await mine.mute(), mine);
      assert.deepEqual([mine.muted, mine.mutedMembers], [true, ["tom"]]);
      await his!.fetch();
      assert.deepEqual([his!.muted, his!.mutedMembers], [false, ["tom"]]);
      const again = (await tom!.getConversation(mine.id, true))!;
      assert.equal(again.muted, true);
      await mine.unmute();
      assert.deepEqual([mine.muted, mine.mutedMembers], [false, []]);
      assert.deepEqual((await his!.fetch()).mutedMembers, []);
    }),
  );
});
