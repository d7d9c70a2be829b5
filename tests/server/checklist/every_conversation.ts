/**
 * What clients are strict about in all that is about conversations and those in them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { type Command, ErrorCode } from "@curlew/realtime/protocol";
import type { Heard, Recording } from "./recording.ts";
import {
  both,
  full,
  isConv,
  isPush,
  names,
  objects,
  pushes,
  replies,
  type Rule,
  texts,
  times,
} from "./rule.ts";

const isMembers = ({ name }: Heard) => /^conv\/(joined|left|members_(joined|left))$/.test(name);

/** What each push comes of. */
const causes: { readonly [push: string]: RegExp } = {
  joined: /^(start|add)$/,
  members_joined: /^(start|add)$/,
  left: /^remove$/,
  members_left: /^(remove|block)$/,
  updated: /^update$/,
  member_info_changed: /^member_info_update$/,
  shutuped: /^add_shutup$/,
  members_shutuped: /^add_shutup$/,
  unshutuped: /^remove_shutup$/,
  members_unshutuped: /^remove_shutup$/,
  blocked: /^block$/,
  members_blocked: /^block$/,
  unblocked: /^unblock$/,
  members_unblocked: /^unblock$/,
};

/** Those whom a reply about several clients speaks of. */
function spokenOf({ convMessage, blacklistMessage }: Command) {
  const { allowedPids = [], failedPids = [] } = convMessage ?? blacklistMessage!;
  return { allowedPids, failedPids };
}

const partial = "conv/added conv/removed conv/shutup_added conv/shutup_removed " +
  "blacklist/blocked blacklist/unblocked";

/** Whether a conversation of an exchange is a room. */
function isRoom(cid: string, recording: Recording): boolean {
  return recording.heard(true).some(({ name, command, request }) =>
    name === "conv/started" && command.convMessage!.cid === cid && request!.convMessage!.transient
  );
}

/** The rules of conversations and those in them. */
export const conversationRules: readonly Rule[] = [
  {
    to: "C#",
    that: "reads times by one fixed pattern",
    about: names("conv/started"),
    kept: times("convMessage.cdate"),
  },
  {
    to: "Swift",
    that: "learns whether a started conversation was there already",
    about: names("conv/started"),
    kept: both(
      texts("convMessage.cid"),
      ({ command }) => assert.equal(typeof command.convMessage!.existing, "boolean"),
    ),
  },
  {
    to: "Swift",
    that: "leaves its list of members as it was where a reply has no time",
    about: replies("conv/added conv/removed conv/updated"),
    kept: times("convMessage.udate"),
  },
  {
    to: "Swift",
    that: "reads in the reply to an update what it came to",
    about: (heard) => heard.name === "conv/updated" && heard.request?.op === "update",
    kept: objects("convMessage.attrModified.data"),
  },
  {
    to: "JavaScript",
    that: "reads from a list what did not work for whom, and nothing as an error",
    about: replies(partial),
    kept: ({ command, request }) => {
      const { allowedPids, failedPids } = spokenOf(command);
      const asked = request!.convMessage?.m ?? request!.blacklistMessage?.toPids ?? [];
      const failed = failedPids.flatMap(({ pids = [] }) => pids);
      assert.deepEqual([...allowedPids, ...failed].sort(), [...new Set(asked)].sort());
    },
  },
  {
    to: "Java",
    that: "reads code, reason and clients of each failure",
    about: (heard) => replies(partial)(heard) && spokenOf(heard.command).failedPids.length > 0,
    kept: ({ command }) => {
      const { failedPids } = spokenOf(command);
      for (const { code, reason, pids, detail } of failedPids) {
        assert.equal(ErrorCode[reason as keyof typeof ErrorCode], code);
        assert.ok(pids?.length && full(detail));
      }
      const codes = failedPids.map(({ code }) => code);
      assert.equal(new Set(codes).size, codes.length, "each reason once");
    },
  },
  {
    to: "C#",
    that: "finds the conversation by its id in each reply about one",
    about: (heard) => isConv(heard) && heard.request?.convMessage?.cid !== undefined,
    kept: ({ command, request }) =>
      assert.equal(command.convMessage!.cid, request!.convMessage!.cid),
  },
  {
    to: "Java",
    that: "finds the conversation of a block list by its id",
    about: ({ command }) => command.cmd === "blacklist",
    kept: ({ command, request }) => {
      assert.ok(full(command.blacklistMessage?.srcCid));
      assert.equal(command.blacklistMessage!.srcCid, request!.blacklistMessage!.srcCid);
    },
  },
  {
    to: "Java",
    that: "reads where the next page begins as a number",
    about: names("conv/shutup_result blacklist/query_result"),
    kept: ({ command }) => {
      const { next } = (command.convMessage ?? command.blacklistMessage)!;
      if (next !== undefined) assert.match(next, /^[1-9]\d*$/);
    },
  },
  {
    to: "JavaScript",
    that: "reads a number of members that is there, also where it is 0",
    about: (heard) => heard.name === "conv/result" && heard.request?.op === "count",
    kept: ({ command }) => {
      const { count } = command.convMessage!;
      assert.ok(Number.isSafeInteger(count) && count! >= 0);
    },
  },
  {
    to: "Swift",
    that: "reads whether it is in each of the conversations that it asked for",
    about: (heard) => heard.name === "conv/result" && heard.request?.op === "is_member",
    kept: ({ command, request }) => {
      const answers = JSON.parse(command.convMessage!.results!.data);
      assert.deepEqual(Object.keys(answers).sort(), request!.convMessage!.cids!.toSorted());
      assert.ok(Object.values(answers).every((answer) => typeof answer === "boolean"));
    },
  },
  {
    to: "Any",
    that: "is told of which conversation and by whom",
    about: (heard) => isPush(heard) && isConv(heard),
    kept: texts("convMessage.cid", "convMessage.initBy"),
  },
  {
    to: "Swift",
    that: "lets no change of members count that has no time, and tells the app when it was",
    about: (heard) => isPush(heard) && isConv(heard),
    kept: times("convMessage.udate"),
  },
  {
    to: "Java",
    that: "picks the kind of an unknown conversation by what a push says",
    about: (heard) => isPush(heard) && isConv(heard),
    kept: ({ command: { convMessage } }, recording) => {
      const { cid, tempConv, transient } = convMessage!;
      assert.equal(tempConv ?? false, cid!.startsWith("_tmp:"));
      assert.equal(transient ?? false, isRoom(cid!, recording));
    },
  },
  {
    to: "Any",
    that: "is told nothing of who comes into a room and who goes",
    about: (heard) => isPush(heard) && isMembers(heard),
    kept: ({ command }, recording) => assert.ok(!isRoom(command.convMessage!.cid!, recording)),
  },
  {
    to: "JavaScript",
    that: "has its answer before it is told of what it did itself",
    about: (heard) => isPush(heard) && isConv(heard),
    kept: ({ command, waiting }) => {
      const { initBy, cid } = command.convMessage!;
      if (initBy !== command.peerId) return;
      const cause = causes[command.op!]!;
      assert.ok(
        !waiting.some(({ op, convMessage, blacklistMessage }) =>
          cause.test(op!) && [convMessage?.cid, blacklistMessage?.srcCid].includes(cid)
        ),
      );
    },
  },
  {
    to: "JavaScript",
    that: "reads of whom a push to all members is",
    about: ({ name }) => name.startsWith("conv/members_") && name !== "conv/members",
    kept: ({ command }) => assert.ok(command.convMessage!.m?.length),
  },
  {
    to: "Swift",
    that: "reads what an update was, and what it came to",
    about: pushes("conv/updated"),
    kept: objects("convMessage.attr.data", "convMessage.attrModified.data"),
  },
  {
    to: "Java",
    that: "replaces each top-level attribute by what an update made of it, in full",
    about: pushes("conv/updated"),
    kept: ({ command }) => {
      const { attr, attrModified } = command.convMessage!;
      const touched = new Set(Object.keys(JSON.parse(attr!.data)).map((key) => key.split(".")[0]!));
      for (const key of Object.keys(JSON.parse(attrModified!.data))) assert.ok(touched.has(key));
    },
  },
  {
    to: "Swift",
    that: "reads whose role changed to what",
    about: names("conv/member_info_changed"),
    kept: ({ command }) => {
      const { pid, role } = command.convMessage!.info!;
      assert.ok(full(pid));
      assert.ok(role === "Manager" || role === "Member", `the role ${role}`);
    },
  },
];
