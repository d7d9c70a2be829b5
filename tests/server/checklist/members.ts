/**
 * Exchanges about who comes and who goes, and who manages a conversation.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Command } from "@curlew/realtime/protocol";
import { type Exchange, hears } from "./exchange.ts";
import type { Stage } from "./stage.ts";

/** Tom on two devices, jerry, and those who are not in their conversation. */
export async function scene({ login, start }: Stage, appId = "app", m = ["jerry"]) {
  const tom = await login("tom", { appId });
  const tablet = await login("tom", { as: "tablet", appId });
  const jerry = await login("jerry", { appId });
  const mary = await login("mary", { appId });
  const cid = await start(tom, { m }, [tablet, jerry, mary]);
  return { tom, tablet, jerry, mary, cid };
}

/** For whom something did not work, by the codes of why. */
export const failed = ({ convMessage, blacklistMessage }: Command) =>
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
    title: "a manager does what it may",
    play: async (stage) => {
      const { tom, jerry, cid } = await scene(stage, "roles", ["jerry", "mary"]);
      const info = { pid: "jerry", role: "Manager" };
      await stage.conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
      stage.begin();
      await stage.conv(jerry, "add_shutup", { cid, m: ["mary", "tom"] });
      await stage.conv(jerry, "remove", { cid, m: ["mary"] });
      await stage.conv(jerry, "add", { cid, m: ["mary"] });
      await stage.list(jerry, "block", { srcCid: cid, toPids: ["mary", "tom"] });
    },
    promises: [
      hears("Any", "hears of it as of what the owner does", {
        jerry: "conv/shutup_added conv/members_shutuped conv/removed conv/members_left " +
          "conv/added conv/members_joined blacklist/blocked conv/members_blocked " +
          "conv/members_left",
        mary: "conv/shutuped conv/members_shutuped conv/left conv/joined conv/members_joined " +
          "conv/blocked conv/left",
      }),
      {
        to: "Java",
        that: "has the owner among those for whom it did not work",
        kept: (recording) => {
          for (const name of ["conv/shutup_added", "blacklist/blocked"]) {
            assert.deepEqual(failed(recording.one("jerry", name)), [[4320, ["tom"]]]);
          }
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

/** All exchanges about members. */
export const members: readonly Exchange[] = [...coming, ...roles];
