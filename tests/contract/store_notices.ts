/** What every store must do with what was told of conversations, as tests. @module */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Audience, Changed, NewNotice, Told } from "@curlew/server/store";
import { protocolError } from "@curlew/realtime/protocol";
import { type Kit, refused } from "./store_kit.ts";

const DAY = 86_400_000;

/** Registers the tests. */
export function storeNotices(kit: Kit): void {
  const keep = (id: string, to: NewNotice["to"], ...commands: readonly string[]) =>
    kit.keep(id, commands.map((command) => ({ to, command: { command } })));
  const toldTo = async (client: string, since = 0, limit = 99) => {
    const notices = await kit.store.notices("app", client, since, limit);
    return notices.map(({ command }) => (command as { readonly command: string }).command);
  };

  describe("what was told", () => {
    it("is heard by who is a member when it asks, and by whom it was told to", async () => {
      const talk = await kit.start(["tom", "jerry"]);
      const other = await kit.start(["jerry", "spike"]);
      await keep(talk.id, "members", "one");
      await keep(other.id, "members", "two");
      await keep(talk.id, ["spike", "eve"], "three");
      assert.deepEqual(await toldTo("tom"), ["one"]);
      assert.deepEqual(await toldTo("jerry"), ["one", "two"]);
      assert.deepEqual(await toldTo("spike"), ["two", "three"]);
      assert.deepEqual(await toldTo("eve"), ["three"]);
      assert.deepEqual(await kit.store.notices("elsewhere", "tom", 0, 99), []);
      await kit.store.removeMembers("app", talk.id, "tom", ["tom"]);
      await kit.store.addMembers("app", talk.id, "jerry", ["eve"]);
      assert.deepEqual(await toldTo("tom"), []);
      assert.deepEqual(await toldTo("eve"), ["one", "three"]);
    });

    it("has times that rise, and is asked for after one of them, a page at a time", async () => {
      const talk = await kit.start(["tom"]);
      const timesOf = (told: readonly Told[]) => told.map(({ at }) => at);
      const [one, two] = timesOf(await keep(talk.id, "members", "one", "two"));
      kit.clock.jump(kit.clock.now() - 5_000);
      const [three] = timesOf(await keep(talk.id, ["tom"], "three"));
      assert.deepEqual([two! - one!, three! - two!], [1, 1]);
      assert.deepEqual(await toldTo("tom", one), ["two", "three"]);
      assert.deepEqual(await toldTo("tom", 0, 2), ["one", "two"]);
      assert.deepEqual(await toldTo("tom", three), []);
      const notices = await kit.store.notices("app", "tom", 0, 99);
      assert.deepEqual(notices.map(({ at }) => at), [one, two, three]);
    });

    it("has a last time, later than which is what is told from then on", async () => {
      const { store, clock } = kit;
      const talk = await kit.start(["tom"]);
      const before = await store.lastTold("app");
      const [one] = await keep(talk.id, "members", "one");
      assert.ok(one!.at > before);
      assert.equal(await store.lastTold("app"), one!.at);
      clock.jump(clock.now() - 5_000);
      const two = (await keep(talk.id, ["tom"], "two"))[0]!;
      assert.ok(two.at > one!.at);
      assert.equal(await store.lastTold("app"), two.at);
    });

    it("is forgotten after 7 days", async () => {
      const talk = await kit.start(["tom"]);
      await keep(talk.id, "members", "old");
      await keep(talk.id, ["tom"], "old too");
      await kit.clock.advance(7 * DAY - 1_000);
      assert.deepEqual(await toldTo("tom"), ["old", "old too"]);
      await kit.clock.advance(2_000);
      assert.deepEqual(await toldTo("tom"), []);
      await keep(talk.id, "members", "new");
      assert.deepEqual(await toldTo("tom"), ["new"]);
    });

    it("ends with a temporary conversation, but for what was told to clients alone", async () => {
      const brief = await kit.start(["tom"], { kind: "temporary", ttl: 1_000 });
      await keep(brief.id, "members", "one");
      await keep(brief.id, ["tom"], "two");
      const inside = async () => {
        const told = await kit.store.toldAfter("app", { conversation: brief.id }, 0, 9);
        return told.length;
      };
      assert.deepEqual([await toldTo("tom"), await inside()], [["one", "two"], 1]);
      await kit.clock.advance(1_000);
      assert.deepEqual([await toldTo("tom"), await inside()], [["two"], 0]);
    });

    it("names what was told before it, to the members or to each client", async () => {
      const [talk, other] = [await kit.start(["tom"]), await kit.start(["tom"])];
      const afters = async (id: string, to: NewNotice["to"]) => {
        const [told] = await keep(id, to, "any");
        return [told!.at, told!.after];
      };
      const [first, nothing] = await afters(talk.id, "members");
      assert.deepEqual(nothing, [0]);
      const [second] = await afters(talk.id, ["tom"]);
      const [third, beside] = await afters(other.id, ["jerry", "tom"]);
      assert.deepEqual(beside, [0, second]);
      assert.deepEqual((await afters(talk.id, "members"))[1], [first]);
      assert.deepEqual((await afters(talk.id, ["tom", "jerry"]))[1], [third, third]);
      assert.deepEqual((await afters(other.id, "members"))[1], [0]);
    });

    it("is read on from any point, by conversation or by client", async () => {
      const [talk, other] = [await kit.start(["tom"]), await kit.start(["tom"])];
      const [one, two] = await keep(talk.id, "members", "one", "two");
      await keep(other.id, "members", "three");
      await keep(talk.id, ["tom", "jerry"], "four");
      const read = async (audience: Audience, after = 0, limit = 9, app = "app") =>
        (await kit.store.toldAfter(app, audience, after, limit)).map(({ at, command }) => [
          at,
          (command as { readonly command: string }).command,
        ]);
      const inside = { conversation: talk.id };
      assert.deepEqual(await read(inside), [[one!.at, "one"], [two!.at, "two"]]);
      assert.deepEqual(await read(inside, one!.at), [[two!.at, "two"]]);
      assert.deepEqual(await read(inside, 0, 1), [[one!.at, "one"]]);
      assert.deepEqual((await read({ client: "jerry" })).map(([, what]) => what), ["four"]);
      assert.deepEqual(await read(inside, 0, 9, "other"), []);
      assert.deepEqual(await read({ client: "jerry" }, 0, 9, "other"), []);
      assert.deepEqual(await read({ conversation: "nonsense" }), []);
    });

    it("is found by its time: to whom, and when last", async () => {
      const talk = await kit.start(["tom"]);
      await keep(talk.id, "members", "old");
      await keep(talk.id, ["eve"], "old");
      await kit.clock.advance(1_000);
      const since = kit.clock.now();
      const [, two] = await keep(talk.id, "members", "one", "two");
      const [three] = await keep(talk.id, ["tom", "jerry"], "three");
      const all = await kit.store.toldSince(since);
      const sorted = [...all].sort((a, b) => a.at - b.at || (a.client! < b.client! ? -1 : 1));
      assert.deepEqual(sorted.map((lately) => ({ ...lately })), [
        { app: "app", conversation: talk.id, at: two!.at },
        { app: "app", client: "jerry", at: three!.at },
        { app: "app", client: "tom", at: three!.at },
      ]);
    });

    it("is kept with the change that it is made of, or not at all", async () => {
      const { store } = kit;
      const tell = (what: string) => ({ conversation }: Changed): readonly NewNotice[] => [
        { to: "members", command: { command: `${what} ${conversation.members.size}` } },
      ];
      const { conversation: { id }, told } = await store.startConversation("app", {
        kind: "normal",
        creator: "tom",
        members: ["tom"],
        unique: true,
        attributes: {},
      }, tell("started"));
      assert.deepEqual(told.map(({ to, after }) => [to, after]), [["members", [0]]]);
      await store.addMembers("app", id, "tom", ["jerry"], tell("added"));
      await store.setStanding("app", id, "tom", ["eve"], "blocked", true, tell("blocked"));
      await store.setManager("app", id, "tom", "jerry", true, tell("managed"));
      await store.updateConversation("app", id, "tom", { name: "x" }, tell("updated"));
      await store.removeMembers("app", id, "tom", ["jerry"], undefined, tell("removed"));
      await refused(store.addMembers("app", id, "eve", ["jerry"], tell("refused")), 4317);
      const all = ["started 1", "added 2", "blocked 2", "managed 2", "updated 2", "removed 1"];
      assert.deepEqual(await toldTo("tom"), all);
      const broken = () => {
        throw new Error("A fault");
      };
      await assert.rejects(store.addMembers("app", id, "tom", ["spike"], broken), /A fault/);
      assert.deepEqual([...(await store.conversation("app", id))!.members], ["tom"]);
      assert.deepEqual(await toldTo("tom"), all);
    });

    it("is kept with the marks that it is made of, or not at all", async () => {
      const { store } = kit;
      const talk = await kit.start(["tom", "jerry"]);
      const [one] = await kit.sayAll(talk, ["tom"], { receipt: true });
      const told = (client: string) => [{ to: [client], command: { command: "it" } }];
      const refusal = () => {
        throw protocolError("CONVERSATION_API_FAILED", "This can't be told");
      };
      const upTo = { newest: true } as const;
      await refused(store.markDelivered("app", "jerry", talk.id, upTo, refusal), 4301);
      await refused(store.markRead("app", "jerry", talk.id, upTo, refusal), 4301);
      const look = async () => {
        const [message] = await store.messagesAfter("app", talk.id, 0, 1);
        const { messages } = await store.undelivered("app", "jerry", 9);
        const unread = await store.unread("app", "jerry");
        return [message, messages.length, unread.length];
      };
      assert.deepEqual(await look(), [one, 1, 1]);
      const ack = await store.markDelivered("app", "jerry", talk.id, upTo, (receipts) => {
        assert.deepEqual(receipts.map(({ message }) => message.id), [one!.id]);
        return told("tom");
      });
      assert.deepEqual(ack.told.map(({ to }) => to), [["tom"]]);
      const read = await store.markRead("app", "jerry", talk.id, upTo, ({ read, unread }) => {
        assert.deepEqual([read?.id, unread], [one!.id, 0]);
        return told("tom");
      });
      assert.deepEqual(read.told.map(({ after }) => after), [[ack.told[0]!.at]]);
      assert.deepEqual(await toldTo("tom"), ["it", "it"]);
      assert.deepEqual((await look()).slice(1), [0, 0]);
    });

    it("is nothing where what is told is refused, and then nothing happened", async () => {
      const { store } = kit;
      const talk = await kit.start(["tom"]);
      const service = await kit.start(["tom"], { kind: "service" });
      const refusal = () => {
        throw protocolError("CONVERSATION_API_FAILED", "This can't be told");
      };
      const start = {
        kind: "normal",
        creator: "tom",
        members: ["eve"],
        unique: true,
        attributes: {},
      } as const;
      await refused(store.startConversation("app", start, refusal), 4301);
      await refused(store.addMembers("app", talk.id, "tom", ["jerry"], refusal), 4301);
      await refused(
        store.changeSubscription("app", service.id, "tom", "subscribe", refusal),
        4301,
      );
      assert.deepEqual([...(await store.conversation("app", talk.id))!.members], ["tom"]);
      assert.equal(await store.subscription("app", service.id, "tom"), undefined);
      const all = { sort: [], skip: 0, limit: 9 };
      for (const m of ["jerry", "eve"]) {
        assert.deepEqual(await store.findConversations("app", { where: { m }, ...all }), []);
      }
      assert.equal((await store.startConversation("app", start)).existing, false);
    });
  });
}
