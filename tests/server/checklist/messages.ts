/**
 * Exchanges about messages: sending, receiving, receipts, reading, history.
 *
 * @module
 */
import assert from "node:assert/strict";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { type Exchange, hears } from "./exchange.ts";
import type { Recording } from "./recording.ts";
import type { Stage } from "./stage.ts";

const hi = '{"_lctype":-1,"_lctext":"hi"}';

/** Tom on two devices and jerry on one, who talk to each other. */
async function pair({ login, start }: Stage, m: readonly string[] = ["jerry"]) {
  const tom = await login("tom");
  const tablet = await login("tom", { as: "tablet", codec: protobufText });
  const jerry = await login("jerry");
  const cid = await start(tom, { m, unique: true }, [tablet, jerry]);
  return { tom, tablet, jerry, cid };
}

const errors = (recording: Recording, device: string) =>
  recording.all(device, "error").map(({ errorMessage }) => errorMessage!.reason);

/** The exchanges about sending. */
const sending: readonly Exchange[] = [
  {
    title: "a message is sent with a receipt, delivered and read",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      stage.begin();
      const { uid, t } = await stage.say(tom, { cid, msg: hi, r: true, dt: "d1" });
      await stage.tell(jerry, { cmd: "ack", ackMessage: { cid, fromts: t, tots: t } });
      const convs = [{ cid, mid: uid, timestamp: t }];
      await stage.tell(jerry, { cmd: "read", readMessage: { convs } });
      await stage.conv(tom, "max_read", { cid });
      await stage.conv(tom, "max_read", { cid, queryAllMembers: true });
    },
    promises: [
      hears("Any", "hears of each step on each of its devices, and who sent it not of itself", {
        tom: "ack rcp rcp conv/max_read conv/max_read",
        tablet: "direct rcp rcp",
        jerry: "direct unread",
      }),
      {
        to: "Any",
        that: "reads the message as it was sent, with the id and time of its acknowledgement",
        kept: (recording) => {
          const { uid: id, t: timestamp, cid } = recording.one("tom", "ack").ackMessage!;
          const expected = { cid, id, timestamp, fromPeerId: "tom", msg: hi, convType: 1 };
          for (const device of ["tablet", "jerry"]) {
            assert.deepEqual(recording.one(device, "direct").directMessage, expected);
          }
        },
      },
      {
        to: "Swift",
        that: "has the same id in what was delivered and what was read, and when each was",
        kept: (recording) => {
          const { uid } = recording.one("tom", "ack").ackMessage!;
          const [delivered, read] = recording.all("tom", "rcp").map(({ rcpMessage }) =>
            rcpMessage!
          );
          assert.deepEqual([delivered!.id, read!.id, read!.read], [uid, uid, true]);
          assert.ok(delivered!.t! < read!.t!);
          assert.deepEqual(recording.all("tablet", "rcp"), recording.all("tom", "rcp"));
        },
      },
      {
        to: "Swift",
        that: "waits for the 0 after it read, and its other devices hear it too",
        kept: (recording) => {
          const [tuple] = recording.one("jerry", "unread").unreadMessage!.convs!;
          assert.deepEqual([tuple!.unread, tuple!.mentioned], [0, false]);
        },
      },
      {
        to: "C#",
        that: "reads how far the other one read, of two alone and of all members",
        kept: (recording) => {
          const { t } = recording.one("tom", "ack").ackMessage!;
          const [two, all] = recording.all("tom", "conv/max_read").map(({ convMessage }) =>
            convMessage!
          );
          assert.deepEqual([two!.maxReadTimestamp, two!.maxAckTimestamp], [t, t]);
          assert.deepEqual(all!.maxReadTuples, [
            { pid: "jerry", maxReadTimestamp: t, maxAckTimestamp: t },
          ]);
        },
      },
    ],
  },
  {
    title: "C# and Java acknowledge messages by their ids, and read up to the newest",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      await stage.login("jerry", { as: "phone" });
      stage.begin();
      const { uid } = await stage.say(tom, { cid, msg: hi, r: true });
      await stage.tell(jerry, { cmd: "ack", ackMessage: { cid, mid: uid } });
      await stage.tell(jerry, { cmd: "ack", ackMessage: { cid, mid: uid } });
      const { t } = await stage.say(tom, { cid, msg: hi, r: true });
      await stage.tell(jerry, { cmd: "ack", ackMessage: { cid, tots: t } });
      await stage.tell(jerry, { cmd: "read", readMessage: { convs: [{ cid }] } });
    },
    promises: [
      hears("C#", "is understood, and a message is delivered once", {
        tom: "ack rcp ack rcp rcp",
        tablet: "direct rcp direct rcp rcp",
        jerry: "direct direct unread",
        phone: "direct direct unread",
      }),
    ],
  },
  {
    title: "a message is sent again that was not acknowledged",
    play: async (stage) => {
      const { tom, cid } = await pair(stage);
      stage.begin();
      await stage.say(tom, { cid, msg: hi, dt: "same" });
      await stage.say(tom, { cid, msg: hi, dt: "same" });
    },
    promises: [
      hears("JavaScript", "has two acknowledgements, and the others one message", {
        tom: "ack ack",
        tablet: "direct",
        jerry: "direct",
      }),
      {
        to: "JavaScript",
        that: "has the same id and time in both",
        kept: (recording) => {
          const [one, two] = recording.all("tom", "ack").map(({ ackMessage }) => ackMessage);
          assert.deepEqual(one, two);
        },
      },
    ],
  },
  {
    title: "messages that mention, bytes, and such as are not kept",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage, ["jerry", "spike"]);
      stage.begin();
      await stage.say(tom, { cid, msg: hi, mentionPids: ["jerry"] });
      await stage.say(tom, { cid, msg: hi, mentionAll: true });
      await stage.say(tom, { cid, binaryMsg: Uint8Array.of(0, 255) });
      await stage.say(tom, { cid, msg: hi, transient: true });
      await stage.say(tom, { cid, msg: "" });
      const { uid } = await stage.say(tom, { cid, msg: "I am lost", will: true });
      await stage.lose(tom);
      await stage.request(jerry, { cmd: "logs", logsMessage: { cid, limit: 20 } });
      assert.ok(uid);
    },
    promises: [
      {
        to: "JavaScript",
        that: "reads who is mentioned, and what is passing",
        kept: (recording) => {
          const [some, all, bytes, passing, empty, will] = recording.all("jerry", "direct")
            .map(({ directMessage }) => directMessage!);
          assert.deepEqual([some!.mentionPids, all!.mentionAll], [["jerry"], true]);
          assert.deepEqual(bytes!.binaryMsg, Uint8Array.of(0, 255));
          assert.deepEqual([passing!.transient, empty!.msg], [true, ""]);
          assert.equal(will!.msg, "I am lost");
        },
      },
      {
        to: "Any",
        that: "has the id of a last will in its acknowledgement already",
        kept: (recording) => {
          const { uid } = recording.all("tom", "ack").at(-1)!.ackMessage!;
          assert.equal(recording.all("jerry", "direct").at(-1)!.directMessage!.id, uid);
        },
      },
      {
        to: "Any",
        that: "finds in history neither what was passing nor a last will",
        kept: (recording) => {
          const { logs } = recording.one("jerry", "logs").logsMessage!;
          assert.deepEqual(logs!.map(({ data, bin }) => [data, bin ?? false]), [
            [hi, false],
            [hi, false],
            ["AP8=", true],
            ["", false],
          ]);
        },
      },
    ],
  },
  {
    title: "messages that can't be sent",
    play: async (stage) => {
      const { tom, cid } = await pair(stage);
      const eve = await stage.login("eve");
      stage.begin();
      await stage.say(eve, { cid, msg: hi });
      await stage.say(tom, { cid: "none", msg: hi });
      await stage.say(tom, { cid, msg: "x".repeat(6_000) });
      await stage.say(eve, { cid, msg: hi, transient: true });
    },
    promises: [{
      to: "JavaScript",
      that: "is refused by the reason that its tests match on",
      kept: (recording) => {
        const target = "INVALID_MESSAGING_TARGET";
        assert.deepEqual(errors(recording, "eve"), [target, target]);
        assert.deepEqual(errors(recording, "tom"), [target, "FRAME_TOO_LONG"]);
      },
    }],
  },
  {
    title: "three members read at their own pace",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage, ["jerry", "spike"]);
      const { t } = await stage.say(tom, { cid, msg: hi, r: true });
      stage.begin();
      await stage.tell(jerry, { cmd: "ack", ackMessage: { cid, fromts: t, tots: t } });
      await stage.tell(jerry, { cmd: "read", readMessage: { convs: [{ cid, timestamp: t! }] } });
      await stage.conv(tom, "max_read", { cid });
      await stage.conv(tom, "max_read", { cid, queryAllMembers: true });
    },
    promises: [
      hears("JavaScript", "has no receipts where there are more than two", {
        tom: "conv/max_read conv/max_read",
        jerry: "unread",
      }),
      {
        to: "JavaScript",
        that: "reads how far each member is, where it asks for all",
        kept: (recording) => {
          const { maxReadTuples } = recording.all("tom", "conv/max_read")[1]!.convMessage!;
          assert.deepEqual(maxReadTuples!.map(({ pid }) => pid).sort(), ["jerry", "spike"]);
        },
      },
    ],
  },
];

/** The exchanges about history. */
const history: readonly Exchange[] = [
  {
    title: "history is read in both directions",
    play: async (stage) => {
      const { tom, cid } = await pair(stage);
      const eve = await stage.login("eve");
      const sent = [];
      for (const text of ["1", "2", "3"]) sent.push(await stage.say(tom, { cid, msg: text }));
      await stage.say(tom, { cid, binaryMsg: Uint8Array.of(4) });
      await stage.say(tom, { cid, msg: '{"_lctype":-2}' });
      stage.begin();
      const { t, uid: mid } = sent[1]!;
      for (
        const more of [
          { l: 2 },
          { limit: 2 },
          { limit: 2, direction: "NEW" },
          { limit: 20, t, mid, tIncluded: false, ttIncluded: false },
          { limit: 20, t, mid, tIncluded: true, direction: "NEW" },
          { limit: 0 },
          { l: 0 },
          { limit: 20, lctype: -2 },
        ] as const
      ) {
        await stage.request(tom, { cmd: "logs", logsMessage: { cid, ...more } });
      }
      await stage.request(tom, { cmd: "logs", op: "open", logsMessage: { cid, limit: 1 } });
      await stage.request(eve, { cmd: "logs", logsMessage: { cid } });
    },
    promises: [
      {
        to: "Any",
        that: "reads the newest before a message, or the oldest after it, oldest first",
        kept: (recording) => {
          const pages = recording.all("tom", "logs").map(({ logsMessage }) =>
            (logsMessage!.logs ?? []).map(({ data }) => data)
          );
          const last = '{"_lctype":-2}';
          assert.deepEqual(pages, [
            ["BA==", last],
            ["BA==", last],
            ["1", "2"],
            ["1"],
            ["2", "3", "BA==", last],
            [],
            [],
            [last],
            [last],
          ]);
        },
      },
      {
        to: "JavaScript",
        that: "is refused by the reason where it is no member",
        kept: (recording) =>
          assert.deepEqual(errors(recording, "eve"), ["CONVERSATION_LOG_REJECTED"]),
      },
    ],
  },
  {
    title: "history tells what was delivered and read",
    play: async (stage) => {
      const { tom, jerry, cid } = await pair(stage);
      const { t } = await stage.say(tom, { cid, msg: hi, r: true });
      await stage.tell(jerry, { cmd: "ack", ackMessage: { cid, fromts: t, tots: t } });
      await stage.tell(jerry, { cmd: "read", readMessage: { convs: [{ cid, timestamp: t! }] } });
      await stage.say(tom, { cid, msg: hi });
      stage.begin();
      await stage.request(tom, { cmd: "logs", logsMessage: { cid, l: 20 } });
    },
    promises: [{
      to: "JavaScript",
      that: "reads when, and nothing where it was not",
      kept: (recording) => {
        const [old, fresh] = recording.one("tom", "logs").logsMessage!.logs!;
        assert.ok(old!.ackAt! > 0 && old!.readAt! > old!.ackAt!);
        assert.ok(!("ackAt" in fresh!) && !("readAt" in fresh!));
      },
    }],
  },
];

/** All exchanges about messages. */
export const messages: readonly Exchange[] = [...sending, ...history];
