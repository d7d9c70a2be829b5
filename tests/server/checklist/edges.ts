/**
 * Exchanges about what clients do seldom, or wrongly.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import { until } from "../../kit/wire_client.ts";
import { type Exchange, hears } from "./exchange.ts";
import type { Recording } from "./recording.ts";

const codes = (recording: Recording, device: string) =>
  recording.all(device, "error").map(({ errorMessage }) => errorMessage!.code);

/** The exchanges about sessions. */
const ofSessions: readonly Exchange[] = [
  {
    title: "the app forces a client to log out",
    play: async ({ login, lose, server, recorded, arrive, open, begin }) => {
      const tom = await login("tom");
      await login("tom", { as: "tablet" });
      await login("jerry");
      const { st } = tom.client.heard[0]!.sessionMessage!;
      begin();
      await server.kick("app", "tom", "enough");
      await until(() => recorded.names("tablet").length > 0, "push");
      await lose(tom);
      await open(await arrive("back"), "tom", { session: { r: true, st } });
    },
    promises: [
      hears("JavaScript", "is told so on each device, and can't come back by its token", {
        tom: "session/closed",
        tablet: "session/closed",
        jerry: "",
        back: "error",
      }),
      {
        to: "C#",
        that: "reads by whom and why from code and reason",
        kept: (recording) => {
          const { code, reason } = recording.one("tom", "session/closed").sessionMessage!;
          assert.deepEqual([code, reason], [4115, "enough"]);
          assert.deepEqual(codes(recording, "back"), [4112]);
        },
      },
    ],
  },
  {
    title: "clients have names of any kind",
    play: async ({ login, begin }) => {
      begin();
      await login("x".repeat(64), { as: "long" });
      await login("0bf2fa68-4b1e-4d2c-8f0a-3c2b1a0d9e8f", { as: "uuid" });
      await login("汤姆 🐱", { as: "other" });
      await login("x".repeat(65), { as: "longer" });
    },
    promises: [
      hears("JavaScript", "logs in by whatever name has at most 64 characters", {
        long: "session/opened",
        uuid: "session/opened",
        other: "session/opened",
        longer: "error",
      }),
    ],
  },
  {
    title: "devices have no tag, or the one that means none",
    play: async ({ login, begin }) => {
      begin();
      await login("tom", { as: "one" });
      await login("tom", { as: "two" });
      await login("tom", { as: "three", session: { tag: "default" } });
      await login("tom", { as: "four", session: { tag: "default" } });
      await login("tom", { as: "five", session: { tag: "Mobile" } });
    },
    promises: [
      hears("Any", "is logged in on as many of them as it likes", {
        one: "session/opened",
        two: "session/opened",
        three: "session/opened",
        four: "session/opened",
        five: "session/opened",
      }),
    ],
  },
  {
    title: "a client leaves a link that others use on",
    play: async ({ arrive, open, request, start, login, say, begin }) => {
      const shared = await arrive("shared");
      await open(shared, "tom");
      await open(shared, "jerry");
      const spike = await login("spike");
      const cid = await start(spike, { m: ["tom", "jerry"] });
      begin();
      await request(shared, { cmd: "session", op: "close", peerId: "tom" });
      await say(spike, { cid, msg: "to one of you" });
      await request(shared, { cmd: "conv", op: "count", convMessage: { cid } });
    },
    promises: [
      hears("Java", "goes on with the other client, which is then meant where none is named", {
        shared: "session/closed direct conv/result",
      }),
      {
        to: "Java",
        that: "hears for whom each is",
        kept: (recording) => {
          const heard = recording.heard().filter(({ device }) => device.name === "shared");
          assert.deepEqual(heard.map(({ command }) => command.peerId), ["tom", "jerry", "jerry"]);
        },
      },
    ],
  },
  {
    title: "a live query shares the link",
    play: async ({ login, request, begin }) => {
      const tom = await login("tom");
      begin();
      const live = { appId: "app", installationId: "S1", service: 1 };
      await request(tom, { cmd: "login", ...live });
    },
    promises: [{
      to: "Java",
      that: "is answered as what it asked as, under its subscription",
      kept: (recording) => {
        const { service, installationId, i } = recording.one("tom", "loggedin");
        assert.deepEqual([service, installationId, typeof i], [1, "S1", "number"]);
      },
    }],
  },
  {
    title: "commands that no client sends any more",
    play: async ({ login, request, tell, begin }) => {
      const tom = await login("tom");
      begin();
      const old: readonly Command[] = [
        { cmd: "session", op: "add", sessionMessage: { sessionPeerIds: ["jerry"] } },
        { cmd: "room", op: "join" },
        { cmd: "presence" },
      ];
      for (const command of old) await request(tom, command);
      for (const command of old) await tell(tom, command);
    },
    promises: [
      hears("Any", "has an error where it waits for an answer, and nothing where it doesn't", {
        tom: "error error error",
      }),
    ],
  },
];

/** The exchanges about messages. */
const ofMessages: readonly Exchange[] = [
  {
    title: "a client with a last will leaves by itself",
    play: async ({ login, start, say, request, lose, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const cid = await start(tom, { m: ["jerry"] }, [jerry]);
      begin();
      await say(tom, { cid, msg: "I am lost", will: true });
      await request(tom, { cmd: "session", op: "close" });
      await lose(tom);
    },
    promises: [
      hears("Any", "is not told of it", { tom: "ack session/closed", jerry: "" }),
    ],
  },
  {
    title: "a client sends in another's name, with all that may be said beside a message",
    play: async ({ login, start, request, begin }) => {
      const tom = await login("tom");
      await login("jerry");
      const cid = await start(tom, { m: ["jerry"] });
      begin();
      const directMessage = { cid, msg: "hi", fromPeerId: "jerry", pushData: '{"alert":"hi"}' };
      await request(tom, { cmd: "direct", priority: 3, directMessage });
    },
    promises: [{
      to: "C#",
      that: "names who sends, which only its session can",
      kept: (recording) => {
        const { fromPeerId, ...direct } = recording.one("jerry", "direct").directMessage!;
        assert.equal(fromPeerId, "tom");
        assert.ok(!("pushData" in direct));
      },
    }],
  },
  {
    title: "what arrived on one device is not stored for another",
    play: async ({ login, start, say, tell, lose, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const cid = await start(tom, { m: ["jerry"] }, [jerry]);
      const { t } = await say(tom, { cid, msg: "one" });
      await tell(jerry, { cmd: "ack", ackMessage: { cid, fromts: t, tots: t } });
      await lose(jerry);
      await say(tom, { cid, msg: "two" });
      begin();
      await login("jerry", { as: "old", version: 1 });
      await login("jerry", { as: "new" });
    },
    promises: [
      hears(
        "JavaScript",
        "of version 1 hears what no device acknowledged, of version 3 the number",
        {
          old: "session/opened direct",
          new: "session/opened unread",
        },
      ),
      {
        to: "JavaScript",
        that: "counts what it did not read, also where it arrived",
        kept: (recording) => {
          assert.equal(recording.one("old", "direct").directMessage!.msg, "two");
          assert.equal(recording.one("new", "unread").unreadMessage!.convs![0]!.unread, 2);
        },
      },
    ],
  },
  {
    title: "more is unread than is counted",
    play: async ({ login, start, say, begin }) => {
      const tom = await login("tom");
      const cid = await start(tom, { m: ["jerry"] });
      for (let n = 0; n < 101; n++) await say(tom, { cid, msg: `${n}` });
      begin();
      await login("jerry");
    },
    promises: [{
      to: "JavaScript",
      that: "reads 100 at most, and the newest message",
      kept: (recording) => {
        const [tuple] = recording.one("jerry", "unread").unreadMessage!.convs!;
        assert.deepEqual([tuple!.unread, tuple!.data], [100, "100"]);
      },
    }],
  },
  {
    title: "what was missed comes in its order",
    play: async ({ login, start, say, request, lose, clock, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const cid = await start(tom, { m: ["jerry"] }, [jerry]);
      const known = clock.now();
      const { uid: mid, t: timestamp } = await say(tom, { cid, msg: "1" });
      await lose(jerry);
      const patches = [{ cid, mid: mid!, timestamp: timestamp!, recall: true }];
      await request(tom, { cmd: "patch", op: "modify", patchMessage: { patches } });
      begin();
      await login("jerry", { as: "back", session: { lastPatchTime: known } });
    },
    promises: [
      hears("Swift", "hears of unread messages, and of changes, after its login", {
        back: "session/opened unread patch/modify",
      }),
    ],
  },
  {
    title: "a client goes from one room into another",
    play: async ({ login, conv, say, begin }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const room = async () => (await conv(tom, "start", { m: ["tom"], transient: true })).cid!;
      const [one, two] = [await room(), await room()];
      await conv(jerry, "add", { cid: one, m: ["jerry"] });
      begin();
      await conv(jerry, "add", { cid: two, m: ["jerry"] });
      await say(tom, { cid: one, msg: "in the first" });
      await say(tom, { cid: two, msg: "in the second", transient: true });
    },
    promises: [
      hears("Any", "hears no more of the first", { jerry: "conv/added direct", tom: "ack ack" }),
      {
        to: "Java",
        that: "reads what is passing in a room as such",
        kept: (recording) => {
          const { msg, transient, convType } = recording.one("jerry", "direct").directMessage!;
          assert.deepEqual([msg, transient, convType], ["in the second", true, 2]);
        },
      },
    ],
  },
];

/** All of them. */
export const edges: readonly Exchange[] = [...ofSessions, ...ofMessages];
