/**
 * Exchanges about rooms, temporary conversations, and what must be signed.
 *
 * @module
 */
import assert from "node:assert/strict";
import { rowsOf } from "./every_message.ts";
import { type Exchange, hears } from "./exchange.ts";
import type { Recording } from "./recording.ts";
import type { Stage } from "./stage.ts";

const codes = (recording: Recording, device: string) =>
  recording.all(device, "error").map(({ errorMessage }) => errorMessage!.code);

/** A room of tom's, and those who might come in. */
async function room({ login, conv }: Stage) {
  const tom = await login("tom");
  const jerry = await login("jerry");
  const mary = await login("mary");
  const { cid = "" } = await conv(tom, "start", {
    m: ["tom"],
    transient: true,
    unique: false,
    tempConv: false,
    attr: { data: '{"name":"Lobby"}' },
  });
  return { tom, jerry, mary, cid };
}

/** The exchanges about rooms. */
const inRooms: readonly Exchange[] = [
  {
    title: "clients come into a room, talk and go",
    oneNode: true,
    play: async (stage) => {
      const { login, begin } = stage;
      await login("tom", { as: "tablet" });
      begin();
      const { tom, jerry, mary, cid } = await room(stage);
      await stage.conv(jerry, "add", { cid, m: ["jerry"] });
      const { uid } = await stage.say(jerry, { cid, msg: "hello", r: true });
      await stage.tell(tom, { cmd: "ack", ackMessage: { cid, mid: uid } });
      await stage.say(mary, { cid, msg: "from outside" });
      await stage.conv(tom, "count", { cid });
      await stage.conv(tom, "members", { cid, limit: 10 });
      await stage.conv(jerry, "is_member", { cids: [cid] });
      await stage.conv(jerry, "remove", { cid, m: ["jerry"] });
      await stage.say(tom, { cid, msg: "nobody" });
      await stage.request(jerry, { cmd: "logs", logsMessage: { cid } });
    },
    promises: [
      hears("Any", "hears what is said while it is inside, and of nobody who comes or goes", {
        tom: "session/opened conv/started direct direct conv/result conv/members ack",
        tablet: "",
        jerry: "session/opened conv/added ack direct conv/result conv/removed logs",
        mary: "session/opened ack",
      }),
      {
        to: "C#",
        that: "reads how many are inside, and who",
        kept: (recording) => {
          assert.equal(recording.one("tom", "conv/result").convMessage!.count, 2);
          const { m } = recording.one("tom", "conv/members").convMessage!;
          assert.deepEqual(m!.toSorted(), ["jerry", "tom"]);
          const { data } = recording.one("jerry", "conv/result").convMessage!.results!;
          assert.deepEqual(Object.values(JSON.parse(data)), [true]);
        },
      },
      {
        to: "Java",
        that: "reads of each message that it is a room's, where it does not know the room",
        kept: (recording) => {
          for (const { directMessage } of recording.all("tom", "direct")) {
            assert.equal(directMessage!.convType, 2);
          }
        },
      },
      {
        to: "Any",
        that: "finds in history what was said in a room",
        kept: (recording) => {
          const { logs } = recording.one("jerry", "logs").logsMessage!;
          assert.deepEqual(logs!.map(({ data }) => data), ["hello", "from outside", "nobody"]);
        },
      },
    ],
  },
  {
    title: "a room is found, and what can't be done with it",
    play: async (stage) => {
      const { tom, jerry, cid } = await room(stage);
      stage.begin();
      await stage.find(jerry, { tr: true });
      await stage.find(jerry, { sys: true });
      await stage.conv(jerry, "add", { cid, m: ["mary"] });
      await stage.conv(tom, "remove", { cid, m: ["jerry"] });
      await stage.conv(jerry, "mute", { cid });
      await stage.conv(jerry, "update", { cid, attr: { data: '{"name":"mine"}' } });
      await stage.conv(tom, "update", { cid, attr: { data: '{"name":"Hall"}' } });
    },
    promises: [
      {
        to: "JavaScript",
        that: "finds rooms by what they are, without members",
        kept: (recording) => {
          const [rooms, service] = recording.all("jerry", "conv/results").map((command) =>
            rowsOf({ command })
          );
          assert.deepEqual(rooms!.map(({ tr, conv_type, m, name }) => [tr, conv_type, m, name]), [
            [true, 2, [], "Lobby"],
          ]);
          assert.deepEqual(service, []);
        },
      },
      {
        to: "Any",
        that: "can neither bring others in nor put them out, nor change another's room",
        kept: (recording) => {
          assert.deepEqual(codes(recording, "jerry"), [4308, 4309]);
          assert.deepEqual(codes(recording, "tom"), [4308]);
          assert.equal(recording.all("tom", "conv/updated").length, 1);
        },
      },
    ],
  },
  {
    title: "a client is lost in a room, and comes back",
    play: async (stage) => {
      const { tom, jerry, cid } = await room(stage);
      await stage.conv(jerry, "add", { cid, m: ["jerry"] });
      const { st } = jerry.client.heard[0]!.sessionMessage!;
      await stage.lose(jerry);
      const back = await stage.arrive("back");
      await stage.open(back, "jerry", { session: { r: true, st } });
      await stage.login("jerry", { as: "fresh" });
      stage.begin();
      await stage.say(tom, { cid, msg: "welcome" });
      await stage.conv(back, "remove", { cid, m: ["jerry"] });
      await stage.lose(back);
      const again = await stage.arrive("again");
      await stage.open(again, "jerry", { session: { r: true, st } });
      await stage.say(tom, { cid, msg: "gone" });
    },
    promises: [
      hears(
        "Any",
        "is inside again where it comes back by itself, and not where it logs in anew or had left",
        {
          tom: "ack ack",
          back: "direct conv/removed",
          fresh: "",
          again: "session/opened",
        },
      ),
    ],
  },
  {
    title: "a client is silenced in a room, and blocked from it",
    play: async (stage) => {
      const { tom, jerry, mary, cid } = await room(stage);
      await stage.conv(jerry, "add", { cid, m: ["jerry"] });
      await stage.conv(mary, "add", { cid, m: ["mary"] });
      stage.begin();
      await stage.conv(tom, "add_shutup", { cid, m: ["jerry"] });
      await stage.say(jerry, { cid, msg: "mh" });
      await stage.list(tom, "block", { srcCid: cid, toPids: ["jerry"] });
      await stage.say(tom, { cid, msg: "gone" });
      await stage.conv(jerry, "add", { cid, m: ["jerry"] });
      await stage.list(tom, "unblock", { srcCid: cid, toPids: ["jerry"] });
      await stage.conv(jerry, "add", { cid, m: ["jerry"] });
    },
    promises: [
      hears("Any", "is told of it alone, and hears no more of the room", {
        tom: "conv/shutup_added blacklist/blocked ack blacklist/unblocked",
        mary: "direct",
        jerry: "conv/shutuped error conv/blocked error conv/unblocked conv/added",
      }),
    ],
  },
];

/** The exchanges about temporary conversations. */
const temporary: readonly Exchange[] = [
  {
    title: "a temporary conversation starts, is found and ends",
    play: async (stage) => {
      const tom = await stage.login("tom");
      const jerry = await stage.login("jerry");
      stage.begin();
      const m = ["jerry", "tom"];
      const asked = { m, tempConv: true, unique: true };
      const { cid = "" } = await stage.conv(tom, "start", { ...asked, tempConvTTL: 60 });
      await stage.conv(jerry, "start", { ...asked, tempConvTTL: 60 });
      await stage.conv(tom, "start", { m: ["mary"], tempConv: true });
      await stage.conv(jerry, "query", { tempConvIds: [cid], flag: 2 });
      await stage.say(tom, { cid, msg: "soon over", r: true });
      await stage.conv(tom, "mute", { cid });
      await stage.conv(tom, "update", { cid, attr: { data: '{"name":"no"}' } });
      await stage.conv(tom, "add", { cid, m: ["mary"] });
      await stage.clock.advance(60_000);
      await stage.conv(jerry, "query", { tempConvIds: [cid], flag: 2 });
      await stage.conv(tom, "count", { cid });
      await stage.say(tom, { cid, msg: "too late" });
      await stage.say(tom, { cid, msg: "too late", transient: true });
      await stage.request(tom, { cmd: "logs", logsMessage: { cid } });
    },
    promises: [
      hears("Any", "is told of it as of any other, and not of one that is there", {
        tom: "conv/started conv/joined conv/members_joined conv/started conv/joined " +
          "conv/members_joined ack error error error error error error error",
        jerry: "conv/joined conv/members_joined conv/started conv/results direct conv/results",
      }),
      {
        to: "JavaScript",
        that: "knows by its id what it is, reads how long it lives, and finds the same again",
        kept: (recording) => {
          const [one, usual] = recording.all("tom", "conv/started").map(({ convMessage }) =>
            convMessage!
          );
          const { cid, tempConvTTL, existing } = recording.one("jerry", "conv/started")
            .convMessage!;
          assert.match(one!.cid!, /^_tmp:/);
          assert.deepEqual([one!.tempConvTTL, usual!.tempConvTTL], [60, 86_400]);
          assert.deepEqual([cid, existing], [one!.cid, true]);
          assert.ok(tempConvTTL! > 0 && tempConvTTL! <= 60);
        },
      },
      {
        to: "Swift",
        that: "reads the seconds that are left, and nothing when they are over",
        kept: (recording) => {
          const [there, over] = recording.all("jerry", "conv/results").map((command) =>
            rowsOf({ command })
          );
          assert.deepEqual(over, []);
          const [{ ttl, temp, conv_type } = {}] = there!;
          assert.ok(Number(ttl) > 0 && Number(ttl) <= 60);
          assert.deepEqual([temp, conv_type], [true, 4]);
        },
      },
      {
        to: "JavaScript",
        that: "takes 4303 alone for its end, and is refused before that what it can't be",
        kept: (recording) =>
          assert.deepEqual(codes(recording, "tom"), [4308, 4308, 4308, 4303, 4303, 4303, 4303]),
      },
      {
        to: "Java",
        that: "reads of its messages that they are temporary",
        kept: (recording) =>
          assert.equal(recording.one("jerry", "direct").directMessage!.convType, 4),
      },
    ],
  },
];

/** The exchanges about signatures. */
const signatures: readonly Exchange[] = [
  {
    title: "logins must be signed",
    play: async (stage) => {
      const { arrive, open, request, sign, clock, begin } = stage;
      const seconds = await arrive("seconds");
      const [bare, signed, again] = [
        await arrive("bare"),
        await arrive("signed"),
        await arrive("back"),
      ];
      begin();
      await open(bare, "tom", { appId: "signed" });
      const signature = sign("signed:tom:", "n1");
      const { sessionMessage } = await open(signed, "tom", { appId: "signed", session: signature });
      const session = { r: true, st: sessionMessage!.st };
      await request(again, {
        cmd: "session",
        op: "open",
        appId: "signed",
        peerId: "tom",
        sessionMessage: session,
      });
      again.clients.add("tom");
      await open(seconds, "tom", {
        appId: "signed",
        session: sign("signed:tom:", "n2", { t: Math.floor(clock.now() / 1000) }),
      });
    },
    promises: [
      hears("JavaScript", "comes back by its token without a signature, once it had one", {
        bare: "error",
        signed: "session/opened",
        back: "session/opened",
        seconds: "session/opened",
      }),
      {
        to: "Java",
        that: "clears its session at 4102",
        kept: (recording) => assert.deepEqual(codes(recording, "bare"), [4102]),
      },
    ],
  },
  {
    title: "operations must be signed",
    play: async (stage) => {
      const { login, conv, list, sign, begin } = stage;
      const tom = await login("tom", { appId: "sealed" });
      begin();
      const m = ["jerry", "tom"];
      await conv(tom, "start", { m });
      const { cid = "" } = await conv(tom, "start", { m, ...sign("sealed:tom:jerry:tom", "a") });
      const on = `sealed:tom:${cid}`;
      await conv(tom, "add", { cid, m: ["mary"] });
      await conv(tom, "add", {
        cid,
        m: ["mary"],
        ...sign(`${on}:mary`, "b", { action: "invite" }),
      });
      await conv(tom, "add", { cid, m: ["spike"], ...sign(`${on}:spike`, "c", { action: "add" }) });
      await conv(tom, "remove", {
        cid,
        m: ["mary"],
        ...sign(`${on}:mary`, "d", { action: "kick" }),
      });
      await conv(tom, "remove", {
        cid,
        m: ["spike"],
        ...sign(`${on}:spike`, "e", { action: "remove" }),
      });
      const block = { srcCid: cid, toPids: ["eve"] };
      await list(tom, "block", block);
      const action = "conversation-block-clients";
      await list(tom, "block", { ...block, ...sign(`${on}:eve`, "f", { action: action }) });
      const upper = sign(`${on}:eve`, "g", { action: "conversation-unblock-clients" });
      await list(tom, "unblock", { ...block, ...upper, s: upper.s.toUpperCase() });
      await conv(tom, "start", { m: ["jerry"], tempConv: true });
    },
    promises: [
      hears("JavaScript", "is let in with the words of its version 4 and of its version 5", {
        tom: "error conv/started conv/joined conv/members_joined " +
          "error conv/added conv/members_joined conv/added conv/members_joined " +
          "conv/removed conv/members_left conv/removed conv/members_left " +
          "error blacklist/blocked conv/members_blocked " +
          "blacklist/unblocked conv/members_unblocked " +
          "conv/started conv/joined conv/members_joined",
      }),
      {
        to: "Any",
        that: "is refused by a code for each kind of operation",
        kept: (recording) => assert.deepEqual(codes(recording, "tom"), [4302, 4302, 4546]),
      },
    ],
  },
];

/** All exchanges about what is special. */
export const rooms: readonly Exchange[] = [...inRooms, ...temporary, ...signatures];
