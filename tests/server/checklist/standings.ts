/**
 * Exchanges about who is silenced and blocked.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Exchange, hears } from "./exchange.ts";
import { failed, scene } from "./members.ts";

/** The exchanges. */
export const standings: readonly Exchange[] = [
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
    title: "somebody is silenced and blocked who is not in it",
    play: async (stage) => {
      const { tom, cid } = await scene(stage);
      stage.begin();
      await stage.conv(tom, "add_shutup", { cid, m: ["mary"] });
      await stage.conv(tom, "remove_shutup", { cid, m: ["mary"] });
      await stage.list(tom, "block", { srcCid: cid, toPids: ["mary"] });
      await stage.list(tom, "unblock", { srcCid: cid, toPids: ["mary"] });
    },
    promises: [
      hears("Any", "hears of nothing but that it may come again, and nobody that it left", {
        mary: "conv/unblocked",
        jerry: "conv/members_shutuped conv/members_unshutuped conv/members_blocked " +
          "conv/members_unblocked",
      }),
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
