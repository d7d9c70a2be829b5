/**
 * Exchanges about who comes and who goes, who manages a conversation, who is silenced and blocked.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import { type Exchange, hears } from "./exchange.ts";
import type { Stage } from "./stage.ts";

/** Tom on two devices, jerry, and those who are not in their conversation. */
async function scene({ login, start }: Stage, appId = "app", m = ["jerry"]) {
  const tom = await login("tom", { appId });
  const tablet = await login("tom", { as: "tablet", appId });
  const jerry = await login("jerry", { appId });
  const mary = await login("mary", { appId });
  const cid = await start(tom, { m }, [tablet, jerry, mary]);
  return { tom, tablet, jerry, mary, cid };
}

const failed = ({ convMessage, blacklistMessage }: Command) =>
  ((convMessage ?? blacklistMessage)!.failedPids ?? []).map(({ code, pids }) => [code, pids]);

/** The exchanges about members. */
const coming: readonly Exchange[] = [
  {
    title: "a member is added",
    play: async (stage) => {
      const { tom, cid } = await scene(stage);
      stage.begin();
      await stage.conv(tom, "add", { cid, m: ["mary", "mary", "jerry"] });
    },
    promises: [
      hears("Any", "is told that it is in, and the others that it came", {
        tom: "conv/added conv/members_joined",
        tablet: "conv/members_joined",
        jerry: "conv/members_joined",
        mary: "conv/joined conv/members_joined",
      }),
      {
        to: "JavaScript",
        that: "hears of the new ones alone, each once",
        kept: (recording) => {
          for (const device of ["tom", "tablet", "jerry", "mary"]) {
            const { m, initBy } = recording.one(device, "conv/members_joined").convMessage!;
            assert.deepEqual([m, initBy], [["mary"], "tom"]);
          }
        },
      },
    ],
  },
  {
    title: "a client joins by itself",
    play: async (stage) => {
      const { mary, cid } = await scene(stage);
      stage.begin();
      await stage.conv(mary, "add", { cid, m: ["mary"] });
    },
    promises: [
      hears("Any", "has its reply first, and is told as if it had been added", {
        mary: "conv/added conv/joined conv/members_joined",
        tom: "conv/members_joined",
        tablet: "conv/members_joined",
        jerry: "conv/members_joined",
      }),
      {
        to: "Any",
        that: "did it itself",
        kept: (recording) =>
          assert.equal(recording.one("mary", "conv/joined").convMessage!.initBy, "mary"),
      },
    ],
  },
  {
    title: "a member is removed, and another quits",
    play: async (stage) => {
      const { tom, jerry, cid } = await scene(stage, "app", ["jerry", "mary"]);
      stage.begin();
      await stage.conv(tom, "remove", { cid, m: ["mary"] });
      await stage.conv(jerry, "remove", { cid, m: ["jerry"] });
    },
    promises: [
      hears("Any", "is told alone that it is out, and the others that it left", {
        tom: "conv/removed conv/members_left conv/members_left",
        tablet: "conv/members_left conv/members_left",
        jerry: "conv/members_left conv/removed conv/left",
        mary: "conv/left",
      }),
      {
        to: "Any",
        that: "hears who went, and by whose doing",
        kept: (recording) => {
          const left = recording.all("tablet", "conv/members_left").map(({ convMessage }) => [
            convMessage!.m,
            convMessage!.initBy,
          ]);
          assert.deepEqual(left, [[["mary"], "tom"], [["jerry"], "jerry"]]);
          assert.equal(recording.one("mary", "conv/left").convMessage!.initBy, "tom");
          assert.equal(recording.one("jerry", "conv/left").convMessage!.initBy, "jerry");
        },
      },
    ],
  },
  {
    title: "some of those asked for are refused",
    play: async (stage) => {
      const { tom, cid } = await scene(stage);
      await stage.list(tom, "block", { srcCid: cid, toPids: ["eve"] });
      stage.begin();
      await stage.conv(tom, "add", { cid, m: ["mary", "eve"] });
      await stage.conv(await stage.login("eve"), "add", { cid, m: ["eve"] });
    },
    promises: [
      hears("JavaScript", "has no error where some succeed, or none", {
        tom: "conv/added conv/members_joined",
        eve: "session/opened conv/added",
      }),
      {
        to: "Java",
        that: "reads for whom it did not work",
        kept: (recording) => {
          assert.deepEqual(failed(recording.one("tom", "conv/added")), [[4548, ["eve"]]]);
          assert.deepEqual(recording.one("tom", "conv/added").convMessage!.allowedPids, ["mary"]);
          assert.deepEqual(failed(recording.one("eve", "conv/added")), [[4548, ["eve"]]]);
        },
      },
    ],
  },
];

/** The exchanges about roles. */
const roles: readonly Exchange[] = [
  {
    title: "a member is made a manager, and a mere member again",
    play: async (stage) => {
      const { tom, cid } = await scene(stage, "roles", ["jerry", "mary"]);
      stage.begin();
      for (const role of ["Manager", "Manager", "Member"]) {
        const info = { pid: "jerry", role };
        await stage.conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
      }
    },
    promises: [
      hears(
        "Swift",
        "is answered by the name that it checks, and all members hear of each change",
        {
          tom: "conv/member_info_updated conv/member_info_changed conv/member_info_updated " +
            "conv/member_info_updated conv/member_info_changed",
          jerry: "conv/member_info_changed conv/member_info_changed",
          mary: "conv/member_info_changed conv/member_info_changed",
        },
      ),
      {
        to: "Swift",
        that: "reads the role also of who has none any more",
        kept: (recording) => {
          const told = recording.all("mary", "conv/member_info_changed").map(({ convMessage }) => [
            convMessage!.info!.pid,
            convMessage!.info!.role,
          ]);
          assert.deepEqual(told, [["jerry", "Manager"], ["jerry", "Member"]]);
        },
      },
    ],
  },
  {
    title: "roles are overstepped",
    play: async (stage) => {
      const { tom, jerry, mary, cid } = await scene(stage, "roles", ["jerry", "mary"]);
      stage.begin();
      const promote = (pid: string, role: string) => ({
        cid,
        targetClientId: pid,
        info: { pid, role },
      });
      await stage.conv(jerry, "member_info_update", promote("jerry", "Manager"));
      await stage.conv(tom, "member_info_update", promote("jerry", "King"));
      await stage.conv(jerry, "remove", { cid, m: ["mary"] });
      await stage.conv(tom, "remove", { cid, m: ["tom", "mary"] });
      await stage.conv(mary, "update", { cid, attr: { data: "{}" } });
    },
    promises: [
      {
        to: "JavaScript",
        that: "matches on the reason where a member promotes itself",
        kept: (recording) => {
          const [first] = recording.all("jerry", "error");
          assert.equal(first!.errorMessage!.reason, "CONVERSATION_OPERATION_UNAUTHORIZED");
          const { code } = recording.one("tom", "error").errorMessage!;
          assert.equal(code, 4321);
        },
      },
      {
        to: "Swift",
        that: "has the owner who can't leave among failures, beside who was removed",
        kept: (recording) => {
          const removed = recording.one("tom", "conv/removed");
          assert.deepEqual(failed(removed), [[4324, ["tom"]]]);
          assert.equal(removed.convMessage!.failedPids![0]!.reason, "CONVERSATION_NEED_OWNER");
          assert.deepEqual(removed.convMessage!.allowedPids, ["mary"]);
        },
      },
    ],
  },
  {
    title: "an app does without roles",
    play: async (stage) => {
      const { tom, cid } = await scene(stage);
      stage.begin();
      const info = { pid: "jerry", role: "Manager" };
      await stage.conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
    },
    promises: [{
      to: "JavaScript",
      that: "reads that the feature is off",
      kept: (recording) => {
        const { code, reason } = recording.one("tom", "error").errorMessage!;
        assert.deepEqual([code, reason], [4325, "CONVERSATION_MEMBER_INFO_FEATURE_DISABLED"]);
      },
    }],
  },
];

/** The exchanges about who is silenced and blocked. */
const standings: readonly Exchange[] = [
  {
    title: "members are silenced, and may speak again",
    play: async (stage) => {
      const { tom, jerry, cid } = await scene(stage, "app", ["jerry", "mary"]);
      stage.begin();
      await stage.conv(tom, "add_shutup", { cid, m: ["jerry", "tom"] });
      await stage.say(jerry, { cid, msg: "mh" });
      await stage.conv(jerry, "remove_shutup", { cid, m: ["jerry"] });
      await stage.conv(tom, "check_shutup", { cid, m: ["jerry"] });
      await stage.conv(tom, "remove_shutup", { cid, m: ["jerry"] });
      await stage.conv(tom, "check_shutup", { cid, m: ["jerry"] });
    },
    promises: [
      hears("Java", "is told itself and with all others, both times, after the reply", {
        tom: "conv/shutup_added conv/members_shutuped conv/check_result conv/shutup_removed " +
          "conv/members_unshutuped conv/check_result",
        tablet: "conv/members_shutuped conv/members_unshutuped",
        jerry: "conv/shutuped conv/members_shutuped error error " +
          "conv/unshutuped conv/members_unshutuped",
        mary: "conv/members_shutuped conv/members_unshutuped",
      }),
      {
        to: "JavaScript",
        that: "is refused by the reason where it speaks, and where it frees itself",
        kept: (recording) => {
          const reasons = recording.all("jerry", "error").map(({ errorMessage }) =>
            errorMessage!.reason
          );
          assert.deepEqual(reasons, ["SILIENCED", "CONVERSATION_OPERATION_UNAUTHORIZED"]);
          assert.deepEqual(failed(recording.one("tom", "conv/shutup_added")), [[4320, ["tom"]]]);
        },
      },
      {
        to: "Swift",
        that: "reads whether one is silenced from a list that names it or not",
        kept: (recording) => {
          const lists = recording.all("tom", "conv/check_result").map(({ convMessage }) =>
            convMessage!.m ?? []
          );
          assert.deepEqual(lists, [["jerry"], []]);
        },
      },
    ],
  },
  {
    title: "members are blocked, and may come again",
    play: async (stage) => {
      const { tom, jerry, cid } = await scene(stage, "app", ["jerry", "mary"]);
      stage.begin();
      await stage.list(tom, "block", { srcCid: cid, toPids: ["jerry"] });
      await stage.list(jerry, "unblock", { srcCid: cid, toPids: ["jerry"] });
      await stage.list(tom, "check_block", { srcCid: cid, toPids: ["jerry"] });
      await stage.list(tom, "unblock", { srcCid: cid, toPids: ["jerry"] });
      await stage.list(tom, "check_block", { srcCid: cid, toPids: ["jerry"] });
    },
    promises: [
      hears("Swift", "is told that it is blocked and out, and freed though it is no member", {
        tom: "blacklist/blocked conv/members_blocked conv/members_left blacklist/check_result " +
          "blacklist/unblocked conv/members_unblocked blacklist/check_result",
        tablet: "conv/members_blocked conv/members_left conv/members_unblocked",
        jerry: "conv/blocked conv/left error conv/unblocked",
        mary: "conv/members_blocked conv/members_left conv/members_unblocked",
      }),
      {
        to: "Swift",
        that: "reads whether one is blocked from a list that names it or not",
        kept: (recording) => {
          const lists = recording.all("tom", "blacklist/check_result").map((command) =>
            command.blacklistMessage!.blockedPids ?? []
          );
          assert.deepEqual(lists, [["jerry"], []]);
        },
      },
    ],
  },
  {
    title: "lists are read page by page",
    play: async (stage) => {
      const { tom, cid } = await scene(stage);
      const those = Array.from({ length: 25 }, (_, n) => `client-${n}`);
      await stage.conv(tom, "add_shutup", { cid, m: those });
      await stage.list(tom, "block", { srcCid: cid, toPids: those });
      stage.begin();
      for (const next of [undefined, "10", "20"]) {
        await stage.conv(tom, "query_shutup", { cid, next });
        await stage.list(tom, "query", { srcCid: cid, next });
      }
      await stage.conv(tom, "query_shutup", { cid, limit: 25 });
      await stage.list(tom, "query", { srcCid: cid, limit: 50 });
    },
    promises: [
      {
        to: "Java",
        that: "goes on by a number, and has ten where it names no limit",
        kept: (recording) => {
          const pages = [
            ...recording.all("tom", "conv/shutup_result"),
            ...recording.all("tom", "blacklist/query_result"),
          ].map(({ convMessage, blacklistMessage }) => [
            (convMessage?.m ?? blacklistMessage!.blockedPids)!.length,
            (convMessage ?? blacklistMessage)!.next,
          ]);
          const expected = [[10, "10"], [10, "20"], [5, undefined], [25, undefined]];
          assert.deepEqual(pages, [...expected, ...expected]);
        },
      },
    ],
  },
  {
    title: "a list that is empty, and one that is nobody else's business",
    play: async (stage) => {
      const { tom, mary, cid } = await scene(stage);
      stage.begin();
      await stage.conv(tom, "query_shutup", { cid, limit: 50 });
      await stage.list(tom, "query", { srcCid: cid, limit: 50 });
      await stage.conv(mary, "query_shutup", { cid });
    },
    promises: [
      hears("Swift", "has an answer without anybody, and without a next page", {
        tom: "conv/shutup_result blacklist/query_result",
        mary: "error",
      }),
    ],
  },
];

/** All exchanges about members. */
export const members: readonly Exchange[] = [...coming, ...roles, ...standings];
