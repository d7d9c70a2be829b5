/**
 * What clients are strict about in all that has to do with messages.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { MessageOf } from "@curlew/realtime/protocol";
import type { Heard } from "./recording.ts";
import { full, ISO, type Rule, whole } from "./rule.ts";

const named = (name: string) => (heard: Heard) => heard.name === name;
const isBase64 = (text: string) => /^(?:[\w+/]{4})*(?:[\w+/]{2}==|[\w+/]{3}=)?$/.test(text);

/** What the results of a query are. */
export type Row = Readonly<Record<string, unknown>>;

/** The conversations in a reply to a query. */
export const rowsOf = (heard: Pick<Heard, "command">): readonly Row[] =>
  JSON.parse(heard.command.convMessage!.results!.data);

const patchesOf = ({ command }: Heard): readonly MessageOf<"PatchItem">[] =>
  command.patchMessage!.patches!;

const isResults = named("conv/results");
/** Each row with all that is known of it, and not where there is no more to know than what it is. */
const eachRow = (check: (row: Row, heard: Heard) => void) => (heard: Heard) => {
  for (const row of rowsOf(heard)) if (!isOutline(row)) check(row, heard);
};
const isOutline = (row: Row) => `${Object.keys(row).sort()}` === "conv_type,objectId,sys,temp,tr";

/** The rules of messages that are sent and received. */
const sent: readonly Rule[] = [
  {
    to: "JavaScript",
    that: "takes any code in an acknowledgement for a failure, 0 too",
    about: named("ack"),
    kept: ({ command }) => assert.ok(!("code" in command.ackMessage!)),
  },
  {
    to: "Swift",
    that: "reads id, time and conversation of what it sent",
    about: named("ack"),
    kept: ({ command, request }) => {
      const { uid, t, cid } = command.ackMessage!;
      assert.ok(full(uid) && whole(t));
      assert.equal(cid, request!.directMessage!.cid);
    },
  },
  {
    to: "Any",
    that: "pages through history by times that only grow",
    about: (heard) => heard.name === "ack" && isKept(heard),
    kept: ({ command }, recording) => {
      const times = recording.heard(true)
        .filter((heard) => heard.name === "ack" && isKept(heard))
        .filter((heard) => heard.command.ackMessage!.cid === command.ackMessage!.cid)
        .map((heard) => [heard.command.ackMessage!.t!, heard.command.ackMessage!.uid!] as const);
      const distinct = [...new Map(times.map(([t, uid]) => [uid, t])).values()];
      assert.deepEqual(distinct, [...new Set(distinct)].sort((one, two) => one - two));
    },
  },
  {
    to: "Any",
    that: "reads who said what when, and in what kind of conversation",
    about: named("direct"),
    kept: ({ command }) => {
      const { cid, id, fromPeerId, timestamp, convType } = command.directMessage!;
      assert.ok(full(cid) && full(id) && full(fromPeerId) && whole(timestamp));
      assert.ok(whole(convType) && convType! <= 4, `convType ${convType}`);
    },
  },
  {
    to: "Any",
    that: "is given each message once, in the order in which they were sent",
    about: (heard) => heard.name === "direct" && !heard.command.directMessage!.transient,
    kept: ({ command, device }, recording) => {
      const { cid, timestamp } = command.directMessage!;
      const all = recording.heard(true)
        .filter((heard) => heard.name === "direct" && heard.device === device)
        .map((heard) => heard.command)
        .filter(({ peerId, directMessage }) =>
          peerId === command.peerId && directMessage!.cid === cid && !directMessage!.transient
        );
      const before = all[all.indexOf(command) - 1]?.directMessage?.timestamp ?? 0;
      assert.ok(before < timestamp!);
    },
  },
  {
    to: "Any",
    that: "reads of a message what its author read in the acknowledgement",
    about: named("direct"),
    kept: ({ command }, recording) => {
      const { id, cid, timestamp, fromPeerId } = command.directMessage!;
      const sent = recording.heard(true).find(({ name, command }) =>
        name === "ack" && command.ackMessage!.uid === id
      )!;
      assert.deepEqual([sent.command.ackMessage!.cid, sent.command.peerId], [cid, fromPeerId]);
      // A last will is sent later than it was acknowledged.
      const { will } = sent.request!.directMessage!;
      assert.ok(will || sent.command.ackMessage!.t === timestamp);
    },
  },
  {
    to: "Java",
    that: "takes what has no text for bytes, and so has one or the other",
    about: named("direct"),
    kept: ({ command }) => {
      const { msg, binaryMsg } = command.directMessage!;
      assert.equal(Number(msg !== undefined) + Number(binaryMsg !== undefined), 1);
    },
  },
  {
    to: "Java",
    that: "takes `read` in a receipt, whatever it says, for having been read",
    about: named("rcp"),
    kept: ({ command }) => {
      const { read } = command.rcpMessage!;
      assert.ok(read === true || !("read" in command.rcpMessage!));
    },
  },
  {
    to: "Swift",
    that: "reads in a receipt which message it is about, when, and whose it is",
    about: named("rcp"),
    kept: ({ command }) => {
      const { cid, id, t, from } = command.rcpMessage!;
      assert.ok(full(cid) && full(id) && whole(t) && full(from));
    },
  },
  {
    to: "JavaScript",
    that: "finds the message of a receipt among its own",
    about: named("rcp"),
    kept: ({ command }, recording) => {
      const own = recording.heard(true).filter(({ name, command: { peerId } }) =>
        name === "ack" && peerId === command.peerId
      );
      const ids = own.map(({ command }) => command.ackMessage!.uid);
      assert.ok(ids.includes(command.rcpMessage!.id));
    },
  },
];

function isKept({ request }: Heard): boolean {
  const { transient, will } = request!.directMessage!;
  return !transient && !will;
}

/** The rules of what was missed, and of history. */
const missed: readonly Rule[] = [
  {
    to: "JavaScript",
    that: "forgets up to when it knows what is unread where a push has no time",
    about: named("unread"),
    kept: ({ command }) => assert.ok(whole(command.unreadMessage!.notifTime)),
  },
  {
    to: "Swift",
    that: "reads the newest message of what is unread with its id, time, author and content",
    about: named("unread"),
    kept: ({ command }) => {
      for (const tuple of command.unreadMessage!.convs!) {
        const { cid, unread, mid, timestamp, from, data, binaryMsg } = tuple;
        assert.ok(full(cid) && Number.isSafeInteger(unread) && unread >= 0);
        if (unread > 0) assert.ok(mid !== undefined, "it has a newest message");
        if (mid === undefined) continue;
        assert.ok(full(mid) && whole(timestamp) && full(from));
        assert.equal(Number(data !== undefined) + Number(binaryMsg !== undefined), 1);
      }
    },
  },
  {
    to: "JavaScript",
    that: "reads whether an unread message mentions it, also where none does",
    about: named("unread"),
    kept: ({ command }) => {
      for (const { mentioned, convType } of command.unreadMessage!.convs!) {
        assert.equal(typeof mentioned, "boolean");
        assert.ok(whole(convType));
      }
    },
  },
  {
    to: "Any",
    that: "of version 1 hears of no numbers of unread messages, and of version 3 of no stored ones",
    about: ({ name, command }) =>
      name === "unread" || name === "direct" && !!command.directMessage!.offline,
    kept: ({ name, device }) => assert.equal(device.version, name === "unread" ? 3 : 1),
  },
  {
    to: "JavaScript",
    that: "takes the first item of history for the oldest, in both directions",
    about: named("logs"),
    kept: ({ command }) => {
      const times = (command.logsMessage!.logs ?? []).map(({ timestamp }) => timestamp!);
      assert.deepEqual(times, times.toSorted((one, two) => one - two));
    },
  },
  {
    to: "Swift",
    that: "passes over items of history that lack an id or a time",
    about: named("logs"),
    kept: ({ command }) => {
      for (const { msgId, timestamp, from, data, convType } of command.logsMessage!.logs ?? []) {
        assert.ok(full(msgId) && whole(timestamp) && full(from) && whole(convType));
        assert.equal(typeof data, "string");
      }
    },
  },
  {
    to: "JavaScript",
    that: "reads bytes in history as base64",
    about: ({ name, command }) =>
      name === "logs" && (command.logsMessage!.logs ?? []).some(({ bin }) => bin),
    kept: ({ command }) => {
      for (const { bin, data } of command.logsMessage!.logs!) if (bin) assert.ok(isBase64(data!));
    },
  },
];

/** The rules of changed and recalled messages. */
const patched: readonly Rule[] = [
  {
    to: "Swift",
    that: "needs the time of the change in the reply to one",
    about: named("patch/modified"),
    kept: ({ command }) => assert.ok(whole(command.patchMessage!.lastPatchTime)),
  },
  {
    to: "Any",
    that: "reads which message of whom became what, when, and whether it was recalled",
    about: named("patch/modify"),
    kept: (heard) => {
      assert.ok(patchesOf(heard).length > 0);
      for (const item of patchesOf(heard)) {
        const { cid, mid, from, timestamp, patchTimestamp, recall, data, binaryMsg } = item;
        assert.ok(full(cid) && full(mid) && full(from));
        assert.ok(whole(timestamp) && whole(patchTimestamp));
        assert.equal(typeof recall, "boolean");
        assert.equal(Number(data !== undefined) + Number(binaryMsg !== undefined), 1);
      }
    },
  },
  {
    to: "C#",
    that: "knows a recalled message by its content",
    about: (heard) =>
      heard.name === "patch/modify" && patchesOf(heard).some(({ recall }) => recall),
    kept: (heard) => {
      for (const { recall, data } of patchesOf(heard)) {
        if (recall) assert.deepEqual(JSON.parse(data!), { _lctype: -127 });
      }
    },
  },
];

/** The rules of conversations that a query finds. */
const results: readonly Rule[] = [
  {
    to: "Swift",
    that: "knows a conversation by its id and number, before all flags",
    about: isResults,
    kept: eachRow(({ objectId, conv_type }) => {
      assert.ok(full(objectId));
      assert.ok(whole(conv_type) && (conv_type as number) <= 4);
    }),
  },
  {
    to: "Swift",
    that: "needs times of creation and of change that are texts",
    about: isResults,
    kept: eachRow(({ createdAt, updatedAt }) => {
      assert.match(String(createdAt), ISO);
      assert.match(String(updatedAt), ISO);
    }),
  },
  {
    to: "Java",
    that: "casts the time of the last message to a date object",
    about: isResults,
    kept: eachRow(({ lm }) => {
      if (lm === undefined) return;
      const { __type, iso } = Object(lm);
      assert.equal(__type, "Date");
      assert.match(iso, ISO);
    }),
  },
  {
    to: "C#",
    that: "dereferences whether the last message has bytes, and so reads it with each message",
    about: isResults,
    kept: eachRow((row) => {
      if ("msg" in row || "msg_mid" in row) assert.equal(typeof row.bin, "boolean");
    }),
  },
  {
    to: "Swift",
    that: "needs id and time of the last message with its content",
    about: isResults,
    kept: eachRow((row) => {
      if (!("msg" in row)) return;
      assert.ok(full(row.msg_mid) && whole(row.msg_timestamp) && full(row.msg_from));
      if (row.bin) assert.ok(isBase64(String(row.msg)));
    }),
  },
  {
    to: "Java",
    that: "reads each kind of conversation from flags that say false, too",
    about: isResults,
    kept: eachRow(({ tr, sys, unique, temp, conv_type }) => {
      assert.deepEqual([tr, sys, temp], [conv_type === 2, conv_type === 3, conv_type === 4]);
      assert.equal(typeof unique, "boolean");
    }),
  },
  {
    to: "C#",
    that: "looks for the time to live of a temporary conversation under names of its own",
    about: isResults,
    kept: eachRow(({ temp, ttl, tempConv, tempConvTTL }) => {
      assert.deepEqual([tempConv, tempConvTTL], [temp, ttl]);
      assert.equal(temp, ttl !== undefined);
    }),
  },
  {
    to: "JavaScript",
    that: "takes members, creator and those who want no push for what they are",
    about: isResults,
    kept: eachRow(({ m, mu, c, muted, sys }, { request }) => {
      const compact = ((request!.convMessage!.flag ?? 0) & 1) !== 0;
      assert.equal(Array.isArray(m), !compact);
      assert.ok(Array.isArray(mu) && (sys || full(c)) && typeof muted === "boolean");
    }),
  },
  {
    to: "Any",
    that: "sees the last message only of conversations that it is in",
    about: isResults,
    kept: eachRow((row, { command, request }) => {
      const withLast = ((request!.convMessage!.flag ?? 0) & 2) !== 0;
      const { m, sys, msg_from } = row;
      const isIn = sys
        ? msg_from === undefined || msg_from === command.peerId
        : !Array.isArray(m) || m.includes(command.peerId);
      if (!withLast || !isIn) {
        for (const key of Object.keys(row)) assert.doesNotMatch(key, /^(msg|msg_.*|mention_.*)$/);
      }
    }),
  },
];

/** All rules about messages, and about what queries say of them. */
export const messageRules: readonly Rule[] = [...sent, ...missed, ...patched, ...results];
