import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Conversation, PersistentConversation, Realtime } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { testApp } from "../../kit/test_server.ts";
import { until } from "../../kit/wire_client.ts";
import { type Talk, talking } from "./talk.ts";
import { heard, inWorld, type World } from "./world.ts";

/** Jerry's device, which can be taken off the network, and what Tom does to a conversation meanwhile. */
async function whileAway(
  { client, clock }: Talk,
  change: (mine: Conversation) => Promise<unknown>,
  hear: (his: PersistentConversation) => void,
) {
  let device: Realtime | undefined;
  const onRealtimeCreate = (realtime: Realtime) => void (device = realtime);
  const tom = await client("tom");
  const jerry = await client("jerry", { plugins: [{ onRealtimeCreate }] });
  const mine = await tom.createConversation({ members: ["jerry"], name: "Ours" });
  const his = (await jerry.getConversation(mine.id))!;
  await settle();
  hear(his);
  device!.pause();
  await clock.advance(1_000);
  await change(mine as Conversation);
  await clock.advance(1_000);
  device!.resume();
  await clock.advance(1_000);
  return { jerry, his: his as Conversation, mine: mine as Conversation };
}

/** What Jerry hears who was removed meanwhile. */
async function removedWhileAway(talk: Talk) {
  let events: unknown[][] = [];
  const { his } = await whileAway(
    talk,
    (mine) => mine.remove("jerry"),
    (his) => events = heard(his, "kicked"),
  );
  await until(() => events.length > 0, "the notice");
  return { events, his };
}

const roles = { apps: [{ ...testApp, roles: true }] };

/** A notice as the REST interface tells it. */
const joined = (member: string, serverTs: number) => ({
  cmd: "conv",
  op: "members_joined",
  cid: "c",
  m: [member],
  initBy: "tom",
  serverTs,
  notificationType: 1,
});

/** A client in a conversation, and what it is answered that asks for what it missed. */
async function asking(
  { server, device }: World,
  answers: (since: number) => unknown,
  world: World,
) {
  const asked: string[] = [];
  world.answer = (url) => {
    asked.push(url);
    return answers(Number(new URL(url).searchParams.get("start_ts")));
  };
  server.seed("c", ["tom", "jerry"]);
  const jerry = await device().createIMClient("jerry & co");
  const conversation = (await jerry.getConversation("c"))!;
  return { asked, jerry, conversation };
}

describe("what a client was told while it was away", () => {
  it(
    "is heard once it is back, each once and in order, and what is known is as it is now",
    talking(async (talk) => {
      let events: unknown[][] = [];
      const { his, mine } = await whileAway(talk, async (mine) => {
        await mine.add("mary");
        await mine.set("color", "red").save();
        await mine.updateMemberRole("jerry", "Manager");
        await mine.remove("mary");
      }, (his) => {
        events = heard(his, "membersjoined", "infoupdated", "memberinfoupdated", "membersleft");
      });
      await until(() => events.length >= 4, "the notices");
      await settle();
      assert.deepEqual(events.map(([name]) => name), [
        "membersjoined",
        "infoupdated",
        "memberinfoupdated",
        "membersleft",
      ]);
      assert.deepEqual(events[0]![1], { members: ["mary"], invitedBy: "tom" });
      assert.deepEqual([...his.members].sort(), ["jerry", "tom"]);
      assert.equal(his.get("color"), "red");
      assert.equal((await his.getMemberInfo("jerry")).role, "Manager");
      const again = heard(his, "membersjoined");
      await mine.add("mary");
      await settle();
      assert.equal(again.length, 1, "news still come");
    }, roles),
  );

  it(
    "says that the client itself was removed",
    talking(async (talk) => {
      const { events, his } = await removedWhileAway(talk);
      assert.deepEqual(events, [["kicked", { kickedBy: "tom" }]]);
      assert.deepEqual(his.members, ["tom"]);
    }),
  );

  it(
    "leaves what was known of a conversation that others may not see any more",
    talking(async (talk) => {
      const { his } = await removedWhileAway(talk);
      await his.fetch();
      assert.equal(his.name, "Ours");
    }, { apps: [{ ...testApp, conversationQueries: "members" }] }),
  );

  it(
    "is asked for from the newest notice on that came, with the session's token, page by page",
    inWorld(async (world) => {
      const { server, clock } = world;
      const at = clock.now() + 5_000;
      const { asked, jerry } = await asking(world, (since) => ({
        notifications: since < at + 2 ? [joined(`m${since - at}`, since + 1)] : [],
        hasMore: since < at + 1,
      }), world);
      const { cid, m, initBy, cmd, op, serverTs } = joined("mary", at);
      const convMessage = { cid, m, initBy };
      server.push("jerry & co", {
        cmd: cmd as "conv",
        op: op as "members_joined",
        serverTs,
        convMessage,
      });
      await settle();
      const events = heard(jerry, "membersjoined");
      server.cut();
      await clock.advance(1_000);
      assert.deepEqual(
        asked.map((url) => url.replace(String(at), "AT").replace(String(at + 1), "AT+1")),
        [
          "http://server/1.1/rtm/notifications?client_id=jerry%20%26%20co&notification_type=permanent&start_ts=AT",
          "http://server/1.1/rtm/notifications?client_id=jerry%20%26%20co&notification_type=permanent&start_ts=AT+1",
        ],
      );
      assert.equal(world.fetched[0]!.headers["X-LC-IM-Session-Token"], "st-2");
      const members = events.map(([, payload]) => (payload as { members: string[] }).members);
      assert.deepEqual(members, [["m0"], ["m1"]]);
      assert.deepEqual(
        server.requests("conv", "query").length,
        2,
        "it is as it is now, asked once",
      );
    }),
  );

  it(
    "is heard once where it came as news too",
    inWorld(async (world) => {
      const { server, clock } = world;
      const at = clock.now() + 5_000;
      let answer = (_: unknown) => {};
      const { jerry } = await asking(
        world,
        () => new Promise((resolve) => answer = resolve),
        world,
      );
      const events = heard(jerry, "membersjoined");
      server.cut();
      await clock.advance(1_000);
      const { cmd: _cmd, op: _op, serverTs, notificationType, ...convMessage } = joined("mary", at);
      server.push("jerry & co", {
        cmd: "conv",
        op: "members_joined",
        serverTs,
        notificationType,
        convMessage,
      });
      await settle();
      answer({ notifications: [joined("mary", at), joined("anna", at + 1)], hasMore: false });
      await settle();
      const members = events.map(([, payload]) => (payload as { members: string[] }).members);
      assert.deepEqual(members, [["mary"], ["anna"]]);
    }),
  );

  it(
    "is asked for again at the next time where it was not to be had",
    inWorld(async (world) => {
      const { server, clock, log } = world;
      const times: number[] = [];
      let failing = true;
      const { jerry } = await asking(world, (since) => {
        times.push(since);
        if (failing) throw new Error("No answer");
        return { notifications: [], hasMore: false };
      }, world);
      const first = clock.now();
      server.cut();
      await clock.advance(1_000);
      const { cmd: _cmd, op: _op, serverTs, ...convMessage } = joined("mary", first + 2_000);
      server.push("jerry & co", { cmd: "conv", op: "members_joined", serverTs, convMessage });
      failing = false;
      for (let again = 0; again < 2; again++) {
        server.cut();
        await clock.advance(5_000);
      }
      assert.deepEqual(times, [first, first, first + 2_000]);
      const warnings = log.lines.filter(({ level }) => level === "warn");
      assert.deepEqual(warnings.map(({ event }) => event), [
        "What was missed could not be asked for",
      ]);
      assert.equal(jerry.id, "jerry & co");
    }),
  );

  it(
    "is waited for no longer once the client closes",
    inWorld(async (world) => {
      const { server, clock } = world;
      const { jerry } = await asking(world, () => new Promise(() => {}), world);
      server.cut();
      await clock.advance(1_000);
      const closed = jerry.close();
      await clock.advance(1_000);
      await closed;
      assert.equal(clock.waiting, 0);
    }),
  );
});
