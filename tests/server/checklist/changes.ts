/**
 * Exchanges about messages that are changed and recalled, and about all that was missed.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import { type Exchange, hears } from "./exchange.ts";
import type { Device } from "./recording.ts";
import type { Stage } from "./stage.ts";

type Patch = NonNullable<NonNullable<Command["patchMessage"]>["patches"]>[number];

/** Tom on two devices and jerry on one, who talk to each other. */
async function pair({ login, start }: Stage, m: readonly string[] = ["jerry"]) {
  const tom = await login("tom");
  const tablet = await login("tom", { as: "tablet" });
  const jerry = await login("jerry");
  const cid = await start(tom, { m }, [tablet, jerry]);
  return { tom, tablet, jerry, cid };
}

const patch = ({ request }: Stage, device: Device, ...patches: readonly Patch[]) =>
  request(device, { cmd: "patch", op: "modify", patchMessage: { patches } });

const recalled = '{"_lctype":-127}';

/** The exchanges about changed messages. */
const changing: readonly Exchange[] = [
  {
    title: "a message is changed, and recalled",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      const { uid: mid, t: timestamp } = await stage.say(tom, { cid, msg: "one" });
      stage.begin();
      const which = { cid, mid, timestamp };
      await patch(stage, tom, { ...which, recall: false, data: "two", mentionPids: ["jerry"] });
      await patch(stage, tom, { ...which, recall: false, binaryMsg: Uint8Array.of(1) });
      await patch(stage, tom, { ...which, recall: true });
      await stage.request(jerry, { cmd: "logs", logsMessage: { cid } });
      await stage.find(jerry, { objectId: cid });
    },
    promises: [
      hears("Any", "hears of it on all devices but the one that did it", {
        tom: "patch/modified patch/modified patch/modified",
        tablet: "patch/modify patch/modify patch/modify",
        jerry: "patch/modify patch/modify patch/modify logs conv/results",
      }),
      {
        to: "JavaScript",
        that: "reads the new content, and that of a recalled message",
        kept: (recording) => {
          const items = recording.all("jerry", "patch/modify").map(({ patchMessage }) =>
            patchMessage!.patches![0]!
          );
          assert.deepEqual(
            items.map(({ recall, data, binaryMsg, from }) => [recall, data, binaryMsg, from]),
            [
              [false, "two", undefined, "tom"],
              [false, undefined, Uint8Array.of(1), "tom"],
              [true, recalled, undefined, "tom"],
            ],
          );
          assert.deepEqual(items[0]!.mentionPids, ["jerry"]);
        },
      },
      {
        to: "Swift",
        that: "has in the reply the time that the others read",
        kept: (recording) => {
          const replied = recording.all("tom", "patch/modified").map(({ patchMessage }) =>
            patchMessage!.lastPatchTime
          );
          const told = recording.all("jerry", "patch/modify").map(({ patchMessage }) =>
            patchMessage!.patches![0]!.patchTimestamp
          );
          assert.deepEqual(replied, told);
        },
      },
      {
        to: "Any",
        that: "finds a recalled message in history, as such",
        kept: (recording) => {
          const [item] = recording.one("jerry", "logs").logsMessage!.logs!;
          assert.equal(item!.data, recalled);
          assert.ok(item!.patchTimestamp! > item!.timestamp!);
        },
      },
    ],
  },
  {
    title: "clients recall in their own ways",
    play: async (stage) => {
      const { tom, cid } = await pair(stage);
      const [one, two, three] = [
        await stage.say(tom, { cid, msg: "1" }),
        await stage.say(tom, { cid, msg: "2" }),
        await stage.say(tom, { cid, msg: "3" }),
      ].map(({ uid, t }) => ({ cid, mid: uid!, timestamp: t! }));
      stage.begin();
      await patch(stage, tom, { ...one!, recall: true, data: recalled });
      await patch(stage, tom, { ...two!, recall: true, from: "tom", patchTimestamp: 1 });
      await patch(stage, tom, { ...three!, recall: false, data: "AQ==" });
    },
    promises: [{
      to: "C#",
      that: "is understood where it names itself and a time of its own, and Swift and Java are",
      kept: (recording) => {
        const items = recording.all("jerry", "patch/modify").map(({ patchMessage }) =>
          patchMessage!.patches![0]!
        );
        assert.deepEqual(items.map(({ data }) => data), [recalled, recalled, "AQ=="]);
        for (const { patchTimestamp, timestamp } of items) {
          assert.ok(patchTimestamp! > timestamp!);
        }
      },
    }],
  },
  {
    title: "a message is changed by who may not, and one that is not there",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      const { uid: mid, t: timestamp } = await stage.say(tom, { cid, msg: "one" });
      stage.begin();
      await patch(stage, jerry, { cid, mid, timestamp, recall: true });
      await patch(stage, tom, { cid, mid: "none", timestamp: 1, recall: true });
    },
    promises: [{
      to: "Java",
      that: "has an error under the number of its pending operation",
      kept: (recording) => {
        assert.equal(recording.one("jerry", "error").errorMessage!.code, 4403);
        assert.equal(recording.one("tom", "error").errorMessage!.code, 4404);
      },
    }],
  },
];

/** The exchanges about what was missed. */
const missing: readonly Exchange[] = [
  {
    title: "messages came while a client was away",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      await stage.lose(jerry);
      await stage.say(tom, { cid, msg: "one" });
      await stage.say(tom, { cid, msg: "two", mentionPids: ["jerry"] });
      stage.begin();
      const back = await stage.login("jerry", { as: "back" });
      const { notifTime } = back.client.pushes[0]!.unreadMessage!;
      await stage.login("jerry", { as: "again", session: { lastUnreadNotifTime: notifTime! } });
      await stage.say(tom, { cid, binaryMsg: Uint8Array.of(3) });
      await stage.login("jerry", { as: "later", session: { lastUnreadNotifTime: notifTime! } });
    },
    promises: [
      hears("JavaScript", "hears how many are unread, and only of what changed since", {
        back: "session/opened unread direct",
        again: "session/opened direct",
        later: "session/opened unread",
      }),
      {
        to: "JavaScript",
        that: "counts messages and reads the newest, and whether one mentions it",
        kept: (recording) => {
          const tuples = ["back", "later"].map((device) => {
            const { convs } = recording.one(device, "unread").unreadMessage!;
            assert.equal(convs!.length, 1);
            const { unread, mentioned, data, binaryMsg, from, convType } = convs![0]!;
            return [unread, mentioned, data, binaryMsg, from, convType];
          });
          assert.deepEqual(tuples, [
            [2, true, "two", undefined, "tom", 1],
            [3, true, undefined, Uint8Array.of(3), "tom", 1],
          ]);
        },
      },
    ],
  },
  {
    title: "messages came while a client of version 1 was away",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      await stage.lose(jerry);
      for (const msg of ["one", "two", "three"]) await stage.say(tom, { cid, msg, r: true });
      stage.begin();
      const old = await stage.login("jerry", { as: "old", version: 1 });
      const [first] = old.client.pushes;
      const { timestamp } = first!.directMessage!;
      await stage.tell(old, {
        cmd: "ack",
        ackMessage: { cid, fromts: timestamp, tots: timestamp },
      });
      await stage.tell(old, {
        cmd: "read",
        readMessage: { convs: [{ cid, timestamp: timestamp! }] },
      });
      await stage.login("jerry", { as: "older", version: 1 });
    },
    promises: [
      hears("JavaScript", "of version 1 hears them all, and those again that did not arrive", {
        old: "session/opened direct direct direct",
        older: "session/opened direct direct",
      }),
      {
        to: "Java",
        that: "knows while more of them come",
        kept: (recording) => {
          const pushes = ["old", "older"].flatMap((device) =>
            recording.all(device, "direct").map(({ directMessage }) => [
              directMessage!.msg,
              directMessage!.offline,
              directMessage!.hasMore ?? false,
            ])
          );
          assert.deepEqual(pushes, [
            ["one", true, true],
            ["two", true, true],
            ["three", true, false],
            ["two", true, true],
            ["three", true, false],
          ]);
        },
      },
    ],
  },
  {
    title: "messages were changed while a client was away",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      const known = stage.clock.now();
      const [one, two] = [
        await stage.say(tom, { cid, msg: "1" }),
        await stage.say(tom, { cid, msg: "2" }),
      ].map(({ uid, t }) => ({ cid, mid: uid!, timestamp: t! }));
      await stage.lose(jerry);
      await patch(stage, tom, { ...one!, recall: false, data: "one" });
      await patch(stage, tom, { ...two!, recall: true });
      stage.begin();
      const login = (as: string, lastPatchTime: number, version: 1 | 3 = 3) =>
        stage.login("jerry", { as, version, session: { lastPatchTime } });
      await login("back", known);
      await login("fresh", stage.clock.now());
      await login("old", known, 1);
    },
    promises: [
      {
        to: "Swift",
        that: "hears of each change after the time that it names, and of none before",
        kept: (recording) => {
          const changes = (device: string) =>
            recording.all(device, "patch/modify").flatMap(({ patchMessage }) =>
              patchMessage!.patches!.map(({ data, recall }) => [data, recall])
            );
          const both = [["one", false], [recalled, true]];
          assert.deepEqual([changes("back"), changes("fresh"), changes("old")], [both, [], both]);
        },
      },
    ],
  },
  {
    title: "another device reads what a client counted that is away",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      await stage.say(tom, { cid, msg: "hi" });
      const phone = await stage.login("jerry", { as: "phone" });
      await stage.lose(jerry);
      await stage.tell(phone, { cmd: "read", readMessage: { convs: [{ cid }] } });
      stage.begin();
      await stage.comeBack(jerry);
    },
    promises: [
      hears("JavaScript", "hears the 0 when it is back, though it heard no number before", {
        "jerry'": "session/opened unread",
      }),
    ],
  },
  {
    title: "another device reads",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage, ["jerry", "spike"]);
      const other = await stage.start(tom, { m: ["jerry"] }, [jerry]);
      await stage.login("jerry", { as: "phone" });
      await stage.login("jerry", { as: "old", version: 1 });
      await stage.say(tom, { cid, msg: "hi", mentionAll: true });
      await stage.say(tom, { cid: other, msg: "hi" });
      stage.begin();
      await stage.tell(jerry, { cmd: "read", readMessage: { convs: [{ cid }, { cid: other }] } });
    },
    promises: [
      hears("JavaScript", "hears the 0 on each device that hears numbers", {
        jerry: "unread",
        phone: "unread",
        old: "",
        tom: "rcp",
      }),
      {
        to: "JavaScript",
        that: "reads that nothing is unread in any of them, nor mentions it",
        kept: (recording) => {
          const { convs } = recording.one("phone", "unread").unreadMessage!;
          assert.deepEqual(convs!.map(({ unread, mentioned }) => [unread, mentioned]), [
            [0, false],
            [0, false],
          ]);
        },
      },
    ],
  },
];

/** All exchanges about changes, and about what was missed. */
export const changes: readonly Exchange[] = [...changing, ...missing];
