/**
 * Exchanges in which several things come together.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import { until } from "../../kit/wire_client.ts";
import { rowsOf } from "./every_message.ts";
import { type Exchange, hears } from "./exchange.ts";

/** The exchanges. */
export const together: readonly Exchange[] = [
  {
    title: "messages come while a client logs in",
    play: async ({ login, arrive, start, clock, begin }) => {
      const tom = await login("tom");
      const cid = await start(tom, { m: ["jerry"] });
      begin();
      const say = (i: number) =>
        tom.client.send({ cmd: "direct", i, directMessage: { cid, msg: `${i}` } });
      // Between the reply to the login and what is told of before, too.
      const hears = ({ op }: Command) => op === "opened" && say(104);
      const jerry = await arrive("jerry", { hears });
      jerry.clients.add("jerry");
      say(101);
      jerry.client.send({
        cmd: "session",
        op: "open",
        i: 100,
        appId: "app",
        peerId: "jerry",
        sessionMessage: { r: false, lastPatchTime: clock.now(), configBitmap: 187 },
      });
      say(102);
      // A token is signed outside of this process's turns: some come before it, some after.
      await Promise.resolve();
      say(103);
      await until(() => jerry.client.heard.length > 0, "login");
      say(105);
      await until(() => tom.client.reply(105), "reply");
      await clock.advance(100);
    },
    promises: [{
      to: "JavaScript",
      that: "hears first that it is logged in, and counts each message once",
      kept: (recording) => {
        const [first, ...others] = recording.names("jerry");
        assert.equal(first, "session/opened");
        const [unread] = recording.all("jerry", "unread");
        const counted = unread?.unreadMessage?.convs?.[0]?.unread ?? 0;
        assert.equal(counted + others.filter((name) => name === "direct").length, 5);
      },
    }],
  },
  {
    title: "a bad token is followed by a login on the same link",
    play: async ({ arrive, open, begin }) => {
      const device = await arrive("back");
      begin();
      await open(device, "tom", { session: { r: true, st: "old" } });
      await open(device, "tom", { session: { r: true } });
    },
    promises: [
      hears("JavaScript", "is let in", { back: "error session/opened" }),
    ],
  },
  {
    title: "who answers has not read",
    play: async ({ login, start, say, request, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const cid = await start(tom, { m: ["jerry"] }, [jerry]);
      begin();
      const { uid: mid, t: timestamp } = await say(tom, { cid, msg: "one" });
      await say(tom, { cid, msg: "two" });
      await say(jerry, { cid, msg: "three" });
      const patches = [{ cid, mid: mid!, timestamp: timestamp!, recall: true }];
      await request(tom, { cmd: "patch", op: "modify", patchMessage: { patches } });
      await login("jerry", { as: "phone" });
    },
    promises: [{
      to: "JavaScript",
      that: "counts what others said, also where it was recalled",
      kept: (recording) => {
        const [tuple] = recording.one("phone", "unread").unreadMessage!.convs!;
        assert.deepEqual([tuple!.unread, tuple!.data], [2, "three"]);
      },
    }],
  },
  {
    title: "an app shows conversations to their members alone",
    play: async ({ login, start, conv, find, begin }) => {
      const tom = await login("tom", { appId: "closed" });
      const jerry = await login("jerry", { appId: "closed" });
      const attr = { data: '{"name":"secret"}' };
      const cid = await start(tom, { m: ["jerry"], attr }, [jerry]);
      begin();
      await conv(tom, "remove", { cid, m: ["jerry"] });
      await find(jerry, { objectId: cid });
      await find(jerry, { name: "secret" });
      await conv(jerry, "count", { cid });
    },
    promises: [{
      to: "JavaScript",
      that: "finds by its id what it was removed from, and no more of it than what it is",
      kept: (recording) => {
        const [row, others] = recording.all("jerry", "conv/results").map((command) =>
          rowsOf({ command })
        );
        const { objectId, ...flags } = row![0]!;
        assert.equal(objectId, recording.one("jerry", "conv/left").convMessage!.cid);
        assert.deepEqual(flags, { tr: false, sys: false, temp: false, conv_type: 1 });
        assert.deepEqual([others, recording.one("jerry", "error").errorMessage!.code], [[], 4317]);
      },
    }],
  },
];
