import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { json } from "@curlew/realtime/codecs/json";
import {
  type Closed,
  type Command,
  ErrorCode,
  type ErrorName,
  readBatch,
} from "@curlew/realtime/protocol";
import { createMemoryStore } from "@curlew/server/store/memory";
import { longPollChannels } from "../../server/gateway/long_poll.ts";
import { FakeClock } from "../kit/clock.ts";
import { readDocument } from "../kit/documents.ts";
import { listeningLog } from "../kit/log.ts";
import { LongPollClient, type Post } from "../kit/long_poll_client.ts";
import { filesBelow, repository } from "../kit/modules.ts";
import { seeded, seededBytes } from "../kit/seeded.ts";
import { testApp, testServer } from "../kit/test_server.ts";
import { localPeer, type WireClient } from "../kit/wire_client.ts";

const signed = { ...testApp, id: "signed", login: "signed" } as const;
const sealed = { ...testApp, id: "sealed", conversations: "signed", blacklist: "signed" } as const;
const roled = { ...testApp, id: "roled", roles: true };

type Conv = NonNullable<Command["convMessage"]>;

/** A server with apps that differ in what they allow, and what its clients say to it. */
function stage() {
  const { login, ...made } = testServer({ apps: [testApp, signed, sealed, roled] });
  const conv = (client: WireClient, op: Command["op"], convMessage: Conv) =>
    client.request({ cmd: "conv", op, convMessage });
  return {
    ...made,
    login,
    conv,
    /** Tom, and the id of a conversation that he started, with Jerry unless something else is said. */
    talk: async (start: Conv = { m: ["jerry"] }, appId = "app") => {
      const tom = await login("tom", { appId });
      const cid = (await conv(tom, "start", start)).convMessage!.cid!;
      return { tom, cid };
    },
    say: (client: WireClient, directMessage: Command["directMessage"]) =>
      client.request({ cmd: "direct", directMessage }),
    list: (client: WireClient, srcCid: string, toPids: readonly string[]) =>
      client.request({ cmd: "blacklist", op: "block", blacklistMessage: { srcCid, toPids } }),
  };
}

type Stage = ReturnType<typeof stage>;

const many = (count: number) => Array.from({ length: count }, (_, n) => `client-${n}`);

/** What a session that was closed by the server was told. */
const closing = (reply: Command): Command => ({
  cmd: "error",
  errorMessage: reply.sessionMessage as Command["errorMessage"],
});

/** The first of those for whom something did not work. */
const failing = ({ convMessage, blacklistMessage }: Command): Command => ({
  cmd: "error",
  errorMessage: (convMessage ?? blacklistMessage)!.failedPids![0],
});

/** A changed or recalled message. */
const patch = (client: WireClient, cid: string, mid: string) =>
  client.request({ cmd: "patch", op: "modify", patchMessage: { patches: [{ cid, mid }] } });

/** What makes the server answer with each code. */
const answers: { readonly [name in ErrorName]?: (stage: Stage) => Promise<Command> } = {
  APP_NOT_AVAILABLE: async ({ connect }) => {
    const client = await connect();
    client.send({ cmd: "session", op: "open", appId: "none", peerId: "tom", i: 1 });
    await client.ended();
    return client.reply(1)!;
  },
  SIGNATURE_FAILED: async ({ connect }) => await (await connect()).open("tom", { appId: "signed" }),
  INVALID_LOGIN: async ({ connect }) => await (await connect()).open("x".repeat(65)),
  SESSION_REQUIRED: async ({ connect, conv }) => await conv(await connect(), "query", {}),
  FRAME_TOO_LONG: async ({ talk, say }) => {
    const { tom, cid } = await talk();
    return await say(tom, { cid, msg: "x".repeat(5_121) });
  },
  SESSION_CONFLICT: async ({ login }) => {
    const first = await login("tom", { session: { tag: "phone", deviceId: "D1" } });
    await login("tom", { session: { tag: "phone", deviceId: "D2" } });
    return closing(await first.next("session", "closed"));
  },
  SESSION_TOKEN_EXPIRED: async ({ connect, clock }) => {
    const client = await connect();
    const { st } = (await client.open("tom")).sessionMessage!;
    await clock.advance(172_800_000);
    return await client.open("tom", { session: { r: true, st } });
  },
  APP_QUOTA_EXCEEDED: async ({ login }) => {
    const client = await login("tom");
    for (const other of many(19)) await client.open(other);
    return await client.open("one-too-many");
  },
  KICKED_BY_APP: async ({ login, server }) => {
    const tom = await login("tom");
    await server.kick("app", "tom");
    return closing(await tom.next("session", "closed"));
  },
  UNPARSEABLE_RAW_MESSAGE: async ({ login }) => {
    const tom = await login("tom");
    tom.sendFrame("no command");
    return await tom.next("error");
  },
  INTERNAL_ERROR: async () => {
    const clock = new FakeClock();
    const store = createMemoryStore({ clock, secret: seededBytes(seeded(1)) });
    const count = () => Promise.reject(new Error("The disk is full"));
    const tom = await testServer({ clock, store: { ...store, conversation: count } }).login("tom");
    return await tom.request({ cmd: "conv", op: "count", convMessage: { cid: "any" } });
  },
  CONVERSATION_API_FAILED: async ({ talk, conv }) => {
    const { tom, cid } = await talk();
    return await conv(tom, "add", { cid });
  },
  CONVERSATION_SIGNATURE_FAILED: async ({ login, conv }) =>
    await conv(await login("tom", { appId: "sealed" }), "start", { m: ["jerry"] }),
  CONVERSATION_NOT_FOUND: async ({ login, conv }) =>
    await conv(await login("tom"), "count", { cid: "none" }),
  CONVERSATION_FULL: async ({ login, conv }) =>
    await conv(await login("tom"), "start", { m: many(500) }),
  CONVERSATION_UPDATE_FAILED: async ({ talk, conv }) => {
    const { tom, cid } = await talk();
    return await conv(tom, "update", { cid, attr: { data: '{"m":[]}' } });
  },
  CONVERSATION_NOT_ALLOWED: async ({ talk, conv }) => {
    const { tom, cid } = await talk({ m: ["jerry"], tempConv: true });
    return await conv(tom, "mute", { cid });
  },
  CONVERSATION_UPDATE_REJECTED: async ({ talk, login, conv }) => {
    const { cid } = await talk();
    return await conv(await login("eve"), "update", { cid, attr: { data: '{"name":"mine"}' } });
  },
  CONVERSATION_QUERY_FAILED: async ({ login, conv }) =>
    await conv(await login("tom"), "query", { where: { data: '{"name":{"$like":"x"}}' } }),
  CONVERSATION_LOG_FAILED: async ({ talk }) => {
    const { tom, cid } = await talk();
    return await tom.request({ cmd: "logs", logsMessage: { cid, limit: -1 } });
  },
  CONVERSATION_LOG_REJECTED: async ({ talk, login }) => {
    const { cid } = await talk();
    return await (await login("eve")).request({ cmd: "logs", logsMessage: { cid } });
  },
  NORMAL_CONVERSATION_REQUIRED: async ({ talk, conv }) => {
    const { tom, cid } = await talk({ transient: true }, "roled");
    const info = { pid: "jerry", role: "Manager" };
    return await conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
  },
  CONVERSATION_MEMBERSHIP_REQUIRED: async ({ talk, login, conv }) => {
    const { cid } = await talk();
    return await conv(await login("eve"), "mute", { cid });
  },
  CONVERSATION_OPERATION_UNAUTHORIZED: async ({ talk, login, list }) => {
    const { cid } = await talk();
    return await list(await login("jerry"), cid, ["tom"]);
  },
  UNKNOWN_CONVERSATION_ROLE: async ({ talk, conv }) => {
    const { tom, cid } = await talk({ m: ["jerry"] }, "roled");
    const info = { pid: "jerry", role: "King" };
    return await conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
  },
  CONVERSATION_NEED_OWNER: async ({ talk, conv }) => {
    const { tom, cid } = await talk({ m: ["jerry"] }, "roled");
    return failing(await conv(tom, "remove", { cid, m: ["tom"] }));
  },
  CONVERSATION_MEMBER_INFO_FEATURE_DISABLED: async ({ talk, conv }) => {
    const { tom, cid } = await talk();
    const info = { pid: "jerry", role: "Manager" };
    return await conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
  },
  INVALID_MESSAGING_TARGET: async ({ talk, login, say }) => {
    const { cid } = await talk();
    return await say(await login("eve"), { cid, msg: "hello" });
  },
  MESSAGE_OWNERSHIP_REQUIRED: async ({ talk, login, say }) => {
    const { tom, cid } = await talk();
    const { uid } = (await say(tom, { cid, msg: "hello" })).ackMessage!;
    return await patch(await login("jerry"), cid, uid!);
  },
  MESSAGE_NOT_FOUND: async ({ talk }) => {
    const { tom, cid } = await talk();
    return await patch(tom, cid, "none");
  },
  BLACKLIST_FULL: async ({ talk, list }) => {
    const { tom, cid } = await talk();
    await list(tom, cid, ["first"]);
    return failing(await list(tom, cid, many(500)));
  },
  BLACKLIST_SIGNATURE_FAILED: async ({ login, conv, clock, list }) => {
    const tom = await login("tom", { appId: "sealed" });
    const t = clock.now();
    const s = createHmac("sha1", "master").update(`sealed:tom::${t}:n`).digest("hex");
    const { cid } = (await conv(tom, "start", { s, t, n: "n" })).convMessage!;
    return await list(tom, cid!, ["eve"]);
  },
  BLOCKED_BY_CONV: async ({ talk, login, list, conv }) => {
    const { tom, cid } = await talk();
    await list(tom, cid, ["eve"]);
    return failing(await conv(await login("eve"), "add", { cid, m: ["eve"] }));
  },
  SILIENCED_MEMBER_LIST_FULL: async ({ talk, conv }) => {
    const { tom, cid } = await talk();
    await conv(tom, "add_shutup", { cid, m: ["first"] });
    return failing(await conv(tom, "add_shutup", { cid, m: many(500) }));
  },
  SILIENCED: async ({ talk, login, conv, say }) => {
    const { tom, cid } = await talk();
    await conv(tom, "add_shutup", { cid, m: ["jerry"] });
    return await say(await login("jerry"), { cid, msg: "hello" });
  },
};

/** Ends a channel of long-poll by a message. */
async function endedChannel(frame: string, first = 1): Promise<Closed> {
  const { server } = testServer({ limits: { message: 100 } });
  const post: Post = (path, init) =>
    server.fetch(new Request(`http://127.0.0.1:8450/${path}`, init), localPeer);
  return await endOf(await LongPollClient.open(post, json.subprotocol(3)), frame, first);
}

/** How a channel ends after a frame with this number. */
async function endOf(channel: LongPollClient, frame: string, first = 1): Promise<Closed> {
  const poll = channel.poll();
  channel.next = first;
  await channel.send([frame]);
  return readBatch((await poll).body).close!;
}

/** What makes the server end a link with each code. */
const ends: { readonly [code: number]: () => Promise<Pick<Closed, "code" | "reason">> } = {
  1001: async () => {
    const { server, login } = testServer();
    const tom = await login("tom");
    await server.close();
    return await tom.ended();
  },
  1002: () => endedChannel("{}", 2),
  1009: () => endedChannel("x".repeat(101)),
  1011: async () => {
    const clock = new FakeClock();
    const channels = longPollChannels({
      protocols: ["any"],
      accept: () => ({
        frame: () => {
          throw new Error("A fault of the server's");
        },
        closed: () => {},
      }),
      clock,
      log: listeningLog(),
      secret: seededBytes(seeded(1)),
    });
    const post: Post = async (path, init) =>
      await channels.handle(new Request(`http://127.0.0.1/${path}`, init), localPeer)!;
    return await endOf(await LongPollClient.open(post, "any"), "frame");
  },
  1013: async () => {
    const { login } = testServer({ limits: { unanswered: 1_000 } });
    const tom = await login("tom");
    for (let n = 0; n < 500; n++) tom.send({ cmd: "conv", op: "query", i: 1_000 + n });
    return await tom.ended();
  },
  4100: async () => {
    const client = await testServer().connect();
    client.send({ cmd: "session", op: "open", appId: "none", peerId: "tom" });
    return await client.ended();
  },
  4108: async () => {
    const { connect, clock } = testServer();
    const client = await connect();
    await clock.advance(60_000);
    return await client.ended();
  },
  4110: async () => {
    const { connect } = testServer({ localOnly: true });
    const stranger = await connect({ peer: { ...localPeer, origin: "https://evil.example" } });
    return await stranger.ended();
  },
};

/** The codes that LeanCloud names and this server never sends, with why. */
const unsent: readonly (readonly [why: string, ...names: readonly ErrorName[]])[] = [
  ["how a link ends that nobody refused", "CLOSE_NORMAL", "CLOSE_ABNORMAL"],
  [
    "it bans and counts nobody",
    "BLACKLISTED",
    "MESSAGE_SENT_QUOTA_EXCEEDED",
    "CONVERSATION_API_QUOTA_EXCEEDED",
  ],
  ["a silent link is left to TCP and to heartbeats", "READ_TIMEOUT"],
  ["it keeps no push tokens", "UNBIND_INSTALLATION_FAILED"],
  [
    "a failure is 4200, whatever it was that failed",
    "SEND_MESSAGE_TIMEOUT",
    "CONVERSATION_INTERNAL_ERROR",
  ],
  [
    "it asks no hook of an app",
    "CONVERSATION_REJECTED_BY_APP",
    "MESSAGE_REJECTED_BY_APP",
    "MESSAGE_UPDATE_REJECTED_BY_APP",
  ],
  ["it filters no words", "MESSAGE_MODIFIED_BY_CENSORSHIP"],
  ["a setting that it does not have", "MESSAGE_EDIT_DISABLED", "MESSAGE_RECALL_DISABLED"],
  ["a setting that it does not have", "BLACKLIST_FEATURE_DISABLED", "CONVERSATION_READ_ONLY"],
  [
    "no command is for one kind alone but that of normal ones",
    "SYSTEM_CONVERSATION_REQUIRED",
    "TRANSIENT_CONVERSATION_REQUIRED",
  ],
  ["clients block no conversations", "CONVERSATION_BLACKLISTED"],
  ["all members may be managers", "CONVERSATION_MEMBER_IN_ROLE_FULL"],
  ["one that has expired is one that is not there, 4303", "TEMPORARY_CONVERSATION_EXPIRED"],
  ["clients refuse it before they ask", "OWNER_PROMOTION_NOT_ALLOWED"],
];

const names = Object.keys(ErrorCode) as ErrorName[];

/** The sources of the server without their comments. */
async function sources(): Promise<string> {
  const files = (await filesBelow("server/")).filter((path) => path.endsWith(".ts"));
  const texts = await Promise.all(
    files.map((path) => Deno.readTextFile(new URL(path, repository))),
  );
  return texts.join("\n").replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
}

/** The codes of ours that the sources name, by their names or by their numbers. */
function named(text: string): ErrorName[] {
  const words = new Set(text.match(/\w+/g));
  // The error that a codec throws has a code by itself.
  if (words.has("DecodeError")) words.add("UNPARSEABLE_RAW_MESSAGE");
  return names.filter((name) =>
    words.has(name) || ErrorCode[name] >= 4000 && words.has(`${ErrorCode[name]}`)
  );
}

/** The codes with which the sources end links: as numbers, as constants, or by their names. */
function closes(text: string): number[] {
  const constants = new Map(
    Array.from(text.matchAll(/const (\w+) = (\d{4})\b/g), ([, name, code]) => [name, Number(code)]),
  );
  const asked = Array.from(text.matchAll(/\bclose\(\s*([\w.]+)/g), ([, what]) => what!);
  const codes = asked.map((what) =>
    /^\d+$/.test(what)
      ? Number(what)
      : constants.get(what) ?? ErrorCode[what.replace("ErrorCode.", "") as ErrorName]
  );
  return [...new Set(codes.filter((code) => code !== undefined))].sort();
}

/** The rows of a table in PROTOCOL.md, below a heading, without its head. */
async function rowsBelow(heading: string): Promise<readonly (readonly string[])[]> {
  const document = await readDocument("PROTOCOL.md");
  const [, section = ""] = document.split(`## ${heading}\n`);
  const lines = section.split("\n## ", 1)[0]!.split("\n").filter((line) => line.startsWith("|"));
  return lines.slice(2).map((line) => line.split("|").slice(1, -1).map((cell) => cell.trim()));
}

const isEnd = (name: ErrorName) => ErrorCode[name] in ends;

describe("each error that the server knows", () => {
  for (const [name, provoke] of Object.entries(answers)) {
    it(`can be had: ${ErrorCode[name as ErrorName]} ${name}`, async () => {
      const { cmd, errorMessage } = await provoke(stage());
      const { code, reason, detail } = errorMessage!;
      assert.deepEqual([cmd, code, reason], ["error", ErrorCode[name as ErrorName], name]);
      assert.match(detail ?? "", /^\S.* .*[^.\s]$/);
    });
  }

  it("is one of these, or the end of a link", async () => {
    const known = names.filter((name) => name in answers || isEnd(name));
    assert.deepEqual(named(await sources()), known);
  });

  it("or else it says why it is never sent", () => {
    const others = unsent.flatMap(([, ...names]) => names);
    const sent = names.filter((name) => name in answers || isEnd(name));
    assert.deepEqual([...sent, ...others].sort(), names.toSorted());
  });

  it("is in PROTOCOL.md, and no other is", async () => {
    const rows = await rowsBelow("Errors");
    const expected = names.filter((name) => name in answers);
    assert.deepEqual(
      rows.map(([code, name]) => [code, name]),
      expected.map((name) => [`${ErrorCode[name]}`, name]),
    );
  });
});

describe("each end of a link", () => {
  for (const [expected, provoke] of Object.entries(ends)) {
    it(`can be had: ${expected}`, async () => {
      const { code, reason } = await provoke();
      assert.equal(code, Number(expected));
      const name = names.find((name) => ErrorCode[name] === code);
      if (name) assert.equal(reason, name);
      else assert.match(reason, /^[A-Z].*[^.]$/);
    });
  }

  it("is one of these", async () => {
    assert.deepEqual(closes(await sources()), Object.keys(ends).map(Number));
  });

  it("is in PROTOCOL.md", async () => {
    const rows = await rowsBelow("The end of a link");
    const listed = rows.flatMap(([codes]) => codes!.split(", ").map(Number));
    // How links end that this server does not end.
    const others = [ErrorCode.CLOSE_NORMAL, ErrorCode.CLOSE_ABNORMAL, ErrorCode.INVALID_LOGIN];
    assert.deepEqual(listed.sort(), [...Object.keys(ends).map(Number), ...others].sort());
  });
});
