/**
 * What clients are strict about in whatever they hear, and in what is about their sessions.
 *
 * @module
 */
import assert from "node:assert/strict";
import { ErrorCode } from "@curlew/realtime/protocol";
import { type MessageName, messages, rulesOf } from "../../../src/protocol/fields.ts";
import { nameOf } from "./recording.ts";
import {
  both,
  full,
  isConv,
  isPush,
  names,
  numbers,
  pushes,
  type Rule,
  texts,
  whole,
} from "./rule.ts";

/** Walks a message and all in it by the tables of the wire. */
function walk(message: MessageName, value: Readonly<Record<string, unknown>>, path: string): void {
  const rules = rulesOf(message);
  for (const [name, [, type, mark]] of Object.entries(rules)) {
    const field = value[name];
    if (mark === "required") assert.notEqual(field, undefined, `${path}${name} is required`);
    for (const one of Array.isArray(field) ? field : field === undefined ? [] : [field]) {
      if (typeof one === "number" && path !== "") {
        assert.ok(
          Number.isSafeInteger(one) && one >= 0,
          `${path}${name} is a number, and not ${one}`,
        );
      }
      if (type in messages) walk(type as MessageName, one, `${path}${name}.`);
    }
  }
  for (const name of Object.keys(value)) assert.ok(rules[name], `${path}${name} is on the wire`);
}

/** What each request is answered by. */
const answered: { readonly [request: string]: string } = {
  "session/open": "session/opened session/closed",
  "session/close": "session/closed",
  "session/refresh": "session/refreshed",
  "session/query": "session/query_result",
  "report/upload": "report/uploaded",
  "conv/start": "conv/started",
  "conv/query": "conv/results",
  "conv/update": "conv/updated",
  "conv/mute": "conv/updated",
  "conv/unmute": "conv/updated",
  "conv/add": "conv/added",
  "conv/remove": "conv/removed",
  "conv/count": "conv/result",
  "conv/members": "conv/members",
  "conv/is_member": "conv/result",
  "conv/max_read": "conv/max_read",
  "conv/member_info_update": "conv/member_info_updated",
  "conv/add_shutup": "conv/shutup_added",
  "conv/remove_shutup": "conv/shutup_removed",
  "conv/query_shutup": "conv/shutup_result",
  "conv/check_shutup": "conv/check_result",
  "blacklist/block": "blacklist/blocked",
  "blacklist/unblock": "blacklist/unblocked",
  "blacklist/query": "blacklist/query_result",
  "blacklist/check_block": "blacklist/check_result",
  "patch/modify": "patch/modified",
  direct: "ack",
  logs: "logs",
  "logs/open": "logs",
  echo: "echo",
  login: "loggedin",
};

/** The rules of the envelope. */
const envelope: readonly Rule[] = [
  {
    to: "Swift",
    that: "drops what does not say that it is of instant messaging",
    about: ({ name }) => name !== "loggedin",
    kept: ({ command }) => assert.equal(command.service, 2),
  },
  {
    to: "Java",
    that: "hands what comes to the client that it names",
    // Nobody is named to whom it says that nobody is logged in.
    about: ({ name, device, command }) =>
      device.clients.size > 0 && !["loggedin", "echo"].includes(name) &&
      command.errorMessage?.code !== ErrorCode.SESSION_REQUIRED,
    kept: ({ command, device, request }) => {
      if (request?.peerId !== undefined) assert.equal(command.peerId, request.peerId);
      else assert.ok(device.clients.has(command.peerId!), `${command.peerId} is logged in there`);
    },
  },
  {
    to: "JavaScript",
    that: "matches a reply by its number, which only a reply has",
    about: () => true,
    kept: ({ command, request }) => {
      if (command.i !== undefined) assert.ok(request, "it answers what was asked");
    },
  },
  {
    to: "Java",
    that: "knows each reply by its name",
    about: ({ request, name }) => request !== undefined && name !== "error",
    kept: ({ request, name }) => {
      const expected = answered[nameOf(request!)] ?? "";
      assert.ok(expected.split(" ").includes(name), `${name} is one of: ${expected}`);
    },
  },
  {
    to: "JavaScript",
    that: "takes an error that nobody asked for to be the whole connection's",
    about: ({ name }) => name === "error",
    kept: ({ request }) => assert.ok(request, "it answers what was asked"),
  },
  {
    to: "C#",
    that: "can't read what lacks a field that the protocol requires, or has one that it lacks",
    about: () => true,
    kept: ({ command }) => walk("GenericCommand", { ...command }, ""),
  },
  {
    to: "Swift",
    that: "errs where a command of conversations has no payload",
    about: isConv,
    kept: ({ command }) => assert.ok(command.convMessage),
  },
  {
    to: "JavaScript",
    that: "notes by its time and type up to when it was told",
    about: pushes(
      "rcp conv/joined conv/left conv/members_joined conv/members_left conv/updated " +
        "conv/member_info_changed conv/shutuped conv/unshutuped conv/members_shutuped " +
        "conv/members_unshutuped conv/blocked conv/unblocked conv/members_blocked " +
        "conv/members_unblocked",
    ),
    kept: ({ command }) => {
      assert.equal(command.notificationType, 1);
      assert.ok(whole(command.serverTs));
    },
  },
  {
    to: "JavaScript",
    that: "would ask from too early if that time went back",
    about: (heard) => isPush(heard) && heard.command.notificationType === 1,
    kept: ({ command, device }, recording) => {
      const all = recording.heard(true).filter((heard) =>
        heard.device === device && heard.command.notificationType === 1 &&
        heard.command.peerId === command.peerId
      ).map(({ command }) => command);
      const before = all[all.indexOf(command) - 1]?.serverTs ?? 0;
      assert.ok(before <= command.serverTs!, `${before} comes before ${command.serverTs}`);
    },
  },
  {
    to: "Any",
    that: "has a symbolic reason for the code of each error",
    about: ({ command }) => command.errorMessage !== undefined,
    kept: ({ command: { errorMessage } }) => {
      const { code, reason, detail } = errorMessage!;
      assert.equal(ErrorCode[reason as keyof typeof ErrorCode], code);
      assert.ok(full(detail), "it says why, for people");
    },
  },
];

/** The rules of sessions. */
const sessions: readonly Rule[] = [
  {
    to: "JavaScript",
    that: "counts a login as void where the reply names no client",
    about: names("session/opened"),
    kept: texts("peerId"),
  },
  {
    to: "Swift",
    that: "comes back by a token and its time",
    about: names("session/opened session/refreshed"),
    kept: both(texts("sessionMessage.st"), numbers("sessionMessage.stTtl")),
  },
  {
    to: "Swift",
    that: "begins with the server's time",
    about: names("session/opened"),
    kept: numbers("serverTs"),
  },
  {
    to: "Java",
    that: "takes the time of the last change from the login",
    about: names("session/opened"),
    kept: numbers("sessionMessage.lastPatchTime"),
  },
  {
    to: "JavaScript",
    that: "ends a session for good where a bad token closes it, instead of an error",
    about: (heard) => heard.command.cmd === "session",
    kept: ({ command }) => assert.notEqual(command.sessionMessage?.code, 4112),
  },
  {
    to: "Java",
    that: "takes a code in the reply to a logout for the server's own wish",
    about: (heard) => heard.name === "session/closed" && heard.request?.op === "close",
    kept: ({ command }) => assert.ok(!("code" in command.sessionMessage!)),
  },
  {
    to: "Swift",
    that: "tells the app with code and reason that the server closed a session",
    about: (heard) => heard.name === "session/closed" && heard.request?.op !== "close",
    kept: both(numbers("sessionMessage.code"), texts("sessionMessage.reason")),
  },
  {
    to: "Java",
    that: "reads who is online from a list, also where nobody is",
    about: names("session/query_result"),
    kept: ({ command, request }) => {
      const { onlineSessionPeerIds = [] } = command.sessionMessage!;
      const asked = request!.sessionMessage!.sessionPeerIds!;
      assert.ok(onlineSessionPeerIds.every((client) => asked.includes(client)));
    },
  },
];

/** All rules about commands of any kind. */
export const commandRules: readonly Rule[] = [...envelope, ...sessions];
