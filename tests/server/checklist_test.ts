/**
 * What the clients of Swift, Java, C# and JavaScript read in each reply and push, held against
 * recorded exchanges: those clients can't all be run here.
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { protobufText } from "@curlew/realtime/codecs/base64";
import type { Command } from "@curlew/realtime/protocol";
import { settle } from "../kit/clock.ts";
import { testServer } from "../kit/test_server.ts";
import type { WireClient } from "../kit/wire_client.ts";

const ISO = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;

/** What a command is about, in the notation of the exchanges. */
const nameOf = ({ cmd, op }: Command): string => op ? `${cmd}/${op}` : `${cmd}`;

/** What came since the last look, by name. */
function since(client: WireClient, mark: { at: number }): string[] {
  const names = client.heard.slice(mark.at).map(nameOf);
  mark.at = client.heard.length;
  return names;
}

/** The rules that hold for everything a logged-in client gets. */
function held(client: WireClient, peerId: string): void {
  for (const command of client.heard) {
    const what = `${nameOf(command)} ${JSON.stringify(command)}`;
    assert.equal(command.service, 2, `service: ${what}`);
    assert.equal(command.peerId, peerId, `peerId: ${what}`);
    if (command.cmd === "conv") {
      assert.ok(command.convMessage, `convMessage: ${what}`);
      if (command.i === undefined) {
        const { cid, initBy, udate } = command.convMessage;
        assert.ok(cid && initBy, what);
        assert.match(udate ?? "", ISO, `udate: ${what}`);
      }
    }
    if (command.i === undefined && (command.cmd === "conv" || command.cmd === "rcp")) {
      assert.equal(command.notificationType, 1, `notificationType: ${what}`);
      assert.ok(command.serverTs, `serverTs: ${what}`);
    }
    if (command.cmd === "ack") {
      assert.ok(!("code" in command.ackMessage!), `no code in a good ack: ${what}`);
    }
    if (command.cmd === "rcp" && !command.rcpMessage?.read) {
      assert.ok(!("read" in command.rcpMessage!), `no read in a delivery: ${what}`);
    }
    if (command.cmd === "unread") assert.ok(command.unreadMessage?.notifTime, what);
    if (command.cmd === "error") {
      assert.match(command.errorMessage!.reason, /^[A-Z_]+$/, `symbolic reason: ${what}`);
    }
  }
}

/** Tom with two devices, and jerry, in a new conversation. */
async function pair() {
  const { login, clock, ...rest } = testServer();
  const tom = await login("tom");
  const tablet = await login("tom", { codec: protobufText });
  const jerry = await login("jerry");
  const marks = new Map([tom, tablet, jerry].map((client) => [client, { at: 1 }]));
  const heard = async (client: WireClient) => {
    await settle();
    return since(client, marks.get(client)!);
  };
  const started = await tom.request({
    cmd: "conv",
    op: "start",
    convMessage: { m: ["jerry", "tom"], unique: true, attr: { data: '{"name":"Cheese"}' } },
  });
  return { login, clock, ...rest, tom, tablet, jerry, heard, started };
}

describe("the exchanges that other clients rely on", () => {
  it("login, and a second device with the same tag", async () => {
    const { connect } = testServer();
    const [first, second] = [await connect(), await connect()];
    const session = { tag: "Mobile", lastPatchTime: 1 };
    const opened = await first.open("tom", { session: { ...session, deviceId: "D1" } });
    assert.equal(opened.op, "opened");
    assert.ok(opened.serverTs);
    const { st, stTtl, code } = opened.sessionMessage!;
    assert.ok(st && Number.isSafeInteger(stTtl) && stTtl! > 0);
    assert.equal(code, undefined);
    assert.equal(opened.i, 1);
    await second.open("tom", { session: { ...session, deviceId: "D2" } });
    await settle();
    assert.deepEqual(first.heard.map(nameOf), ["session/opened", "session/closed"]);
    const closed = first.heard[1]!.sessionMessage!;
    assert.deepEqual([closed.code, closed.reason], [4111, "SESSION_CONFLICT"]);
    assert.deepEqual(second.heard.map(nameOf), ["session/opened"]);
    held(first, "tom");
    held(second, "tom");
  });

  it("a reconnect with a good token, and with a bad one", async () => {
    const { connect } = testServer();
    const { st } = (await (await connect()).open("tom")).sessionMessage!;
    const back = await connect();
    const opened = await back.request({
      cmd: "session",
      op: "open",
      i: 9,
      appId: "app",
      peerId: "tom",
      sessionMessage: { r: true, st, lastUnreadNotifTime: 0, lastPatchTime: 1, configBitmap: 187 },
    });
    assert.deepEqual([opened.op, opened.i], ["opened", 9]);
    const refused = await (await connect()).request({
      cmd: "session",
      op: "open",
      i: 9,
      appId: "app",
      peerId: "tom",
      sessionMessage: { r: true, st: `${st}x` },
    });
    assert.deepEqual([nameOf(refused), refused.i, refused.peerId], ["error", 9, "tom"]);
    assert.equal(refused.errorMessage?.code, 4112);
    assert.equal(refused.errorMessage?.reason, "SESSION_TOKEN_EXPIRED");
    assert.equal(refused.sessionMessage, undefined);
  });

  it("create, send with a receipt, read", async () => {
    const { tom, tablet, jerry, heard, started } = await pair();
    const { cid, cdate, uniqueId, existing } = started.convMessage!;
    assert.match(cid!, /^[0-9a-f]{24}$/);
    assert.match(cdate!, ISO);
    assert.match(uniqueId!, /^[0-9a-f]{32}$/);
    assert.equal(existing, false);
    const told = ["conv/joined", "conv/members_joined"];
    assert.deepEqual(await heard(tom), ["conv/started", ...told]);
    assert.deepEqual(await heard(tablet), told);
    assert.deepEqual(await heard(jerry), told);
    const [joined, membersJoined] = jerry.pushes;
    assert.equal(joined!.convMessage!.initBy, "tom");
    assert.deepEqual(membersJoined!.convMessage!.m?.toSorted(), ["jerry", "tom"]);

    const sent = await tom.request({
      cmd: "direct",
      directMessage: { cid, msg: '{"_lctype":-1,"_lctext":"hi"}', r: true, dt: "d1" },
    });
    const { uid, t } = sent.ackMessage!;
    assert.deepEqual(sent.ackMessage, { uid, t, cid });
    assert.ok(uid && t);
    assert.deepEqual(await heard(tom), ["ack"]);
    const message = {
      cid,
      id: uid,
      fromPeerId: "tom",
      timestamp: t,
      msg: '{"_lctype":-1,"_lctext":"hi"}',
      convType: 1,
    };
    for (const client of [tablet, jerry]) {
      assert.deepEqual(await heard(client), ["direct"]);
      assert.deepEqual(client.pushes.at(-1)!.directMessage, message);
    }

    jerry.send({ cmd: "ack", ackMessage: { cid, fromts: t, tots: t } });
    for (const client of [tom, tablet]) {
      assert.deepEqual(await heard(client), ["rcp"]);
      const { t: at, ...rcp } = client.pushes.at(-1)!.rcpMessage!;
      assert.deepEqual(rcp, { cid, id: uid, from: "jerry" });
      assert.ok(at);
    }
    assert.deepEqual(await heard(jerry), []);

    jerry.send({ cmd: "read", readMessage: { convs: [{ cid: cid!, mid: uid, timestamp: t }] } });
    assert.deepEqual(await heard(jerry), ["unread"]);
    const unread = jerry.pushes.at(-1)!.unreadMessage!;
    const [tuple] = unread.convs!;
    assert.deepEqual([tuple!.cid, tuple!.unread, tuple!.mentioned], [cid, 0, false]);
    for (const client of [tom, tablet]) {
      assert.deepEqual(await heard(client), ["rcp"]);
      const { read, id, from } = client.pushes.at(-1)!.rcpMessage!;
      assert.deepEqual([read, id, from], [true, uid, "jerry"]);
    }
    held(tom, "tom");
    held(tablet, "tom");
    held(jerry, "jerry");
  });

  it("member changes", async () => {
    const { tom, tablet, jerry, login, heard, started } = await pair();
    const mary = await login("mary");
    const { cid } = started.convMessage!;
    for (const client of [tom, tablet, jerry]) await heard(client);

    const added = await tom.request({ cmd: "conv", op: "add", convMessage: { cid, m: ["mary"] } });
    const { allowedPids, failedPids, udate } = added.convMessage!;
    assert.deepEqual([added.op, allowedPids, failedPids ?? []], ["added", ["mary"], []]);
    assert.match(udate!, ISO);
    assert.deepEqual(await heard(tom), ["conv/added", "conv/members_joined"]);
    assert.deepEqual(await heard(tablet), ["conv/members_joined"]);
    assert.deepEqual(await heard(jerry), ["conv/members_joined"]);
    assert.deepEqual(jerry.pushes.at(-1)!.convMessage!.m, ["mary"]);
    assert.equal(jerry.pushes.at(-1)!.convMessage!.initBy, "tom");
    assert.deepEqual(mary.heard.slice(1).map(nameOf), ["conv/joined", "conv/members_joined"]);
    assert.deepEqual(mary.pushes[1]!.convMessage!.m, ["mary"]);

    const removed = await tom.request({
      cmd: "conv",
      op: "remove",
      convMessage: { cid, m: ["mary"] },
    });
    assert.deepEqual([removed.op, removed.convMessage!.allowedPids], ["removed", ["mary"]]);
    assert.deepEqual(await heard(tom), ["conv/removed", "conv/members_left"]);
    assert.deepEqual(await heard(jerry), ["conv/members_left"]);
    assert.deepEqual(mary.heard.slice(3).map(nameOf), ["conv/left"]);
    assert.equal(mary.pushes.at(-1)!.convMessage!.initBy, "tom");

    await heard(tablet);
    const quit = await jerry.request({
      cmd: "conv",
      op: "remove",
      convMessage: { cid, m: ["jerry"] },
    });
    assert.equal(quit.op, "removed");
    assert.deepEqual(await heard(jerry), ["conv/removed", "conv/left"]);
    assert.equal(jerry.pushes.at(-1)!.convMessage!.initBy, "jerry");
    assert.deepEqual(await heard(tom), ["conv/members_left"]);
    assert.deepEqual(await heard(tablet), ["conv/members_left"]);
    assert.deepEqual(tom.pushes.at(-1)!.convMessage!.m, ["jerry"]);
    for (const [client, id] of [[tom, "tom"], [jerry, "jerry"], [mary, "mary"]] as const) {
      held(client, id);
    }
  });

  it("what was missed, at the next login", async () => {
    const { tom, jerry, login, started, clock } = await pair();
    const { cid } = started.convMessage!;
    jerry.close();
    await jerry.ended();
    for (const msg of ["one", "two"]) {
      await tom.request({
        cmd: "direct",
        directMessage: { cid, msg, ...(msg === "two" ? { mentionPids: ["jerry"] } : {}) },
      });
      await clock.advance(5);
    }
    const back = await login("jerry");
    await settle();
    assert.deepEqual(back.heard.map(nameOf), ["session/opened", "unread"]);
    const { convs, notifTime } = back.pushes[0]!.unreadMessage!;
    assert.equal(convs!.length, 1);
    const { mid, timestamp, ...tuple } = convs![0]!;
    assert.ok(mid && timestamp && notifTime);
    assert.deepEqual(tuple, {
      cid,
      unread: 2,
      mentioned: true,
      from: "tom",
      data: "two",
      convType: 1,
    });
    held(back, "jerry");

    const again = await login("jerry", { session: { lastUnreadNotifTime: notifTime } });
    await settle();
    assert.deepEqual(again.heard.map(nameOf), ["session/opened"]);

    const old = await login("jerry", { version: 1 });
    await settle();
    assert.deepEqual(old.heard.map(nameOf), ["session/opened", "direct", "direct"]);
    assert.deepEqual(
      old.pushes.map(({ directMessage }) => [
        directMessage!.msg,
        directMessage!.offline,
        directMessage!.hasMore ?? false,
      ]),
      [["one", true, true], ["two", true, false]],
    );
    held(old, "jerry");
  });

  it("history, with either name of the limit, oldest first", async () => {
    const { tom, clock, started } = await pair();
    const { cid } = started.convMessage!;
    for (const msg of ["1", "2", "3"]) {
      await tom.request({ cmd: "direct", directMessage: { cid, msg } });
      await clock.advance(5);
    }
    await tom.request({ cmd: "direct", directMessage: { cid, binaryMsg: Uint8Array.of(4) } });
    const all = await tom.request({ cmd: "logs", op: "open", logsMessage: { cid, limit: 10 } });
    assert.equal(nameOf(all), "logs");
    for (const { msgId, timestamp, from, convType } of all.logsMessage!.logs!) {
      assert.ok(msgId && timestamp && from === "tom" && convType === 1);
    }
    const texts = ({ logsMessage }: Command) => (logsMessage?.logs ?? []).map(({ data }) => data);
    assert.deepEqual(texts(all), ["1", "2", "3", "BA=="]);
    assert.deepEqual(all.logsMessage!.logs!.map(({ bin }) => bin ?? false), [
      false,
      false,
      false,
      true,
    ]);
    const some = await tom.request({ cmd: "logs", logsMessage: { cid, l: 2 } });
    assert.deepEqual(texts(some), ["3", "BA=="]);
    const none = await tom.request({ cmd: "logs", logsMessage: { cid, l: 0 } });
    assert.deepEqual(texts(none), []);
    const newer = await tom.request({
      cmd: "logs",
      logsMessage: { cid, limit: 2, direction: "NEW" },
    });
    assert.deepEqual(texts(newer), ["1", "2"]);
    held(tom, "tom");
  });

  it("the answers of a query, as the clients parse them", async () => {
    const { tom, started } = await pair();
    const { cid } = started.convMessage!;
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    const reply = await tom.request({
      cmd: "conv",
      op: "query",
      convMessage: { where: { data: JSON.stringify({ objectId: cid }) }, flag: 2 },
    });
    assert.equal(reply.op, "results");
    const [conversation] = JSON.parse(reply.convMessage!.results!.data);
    assert.equal(conversation.objectId, cid);
    assert.match(conversation.createdAt, ISO);
    assert.match(conversation.updatedAt, ISO);
    assert.equal(conversation.lm.__type, "Date");
    assert.match(conversation.lm.iso, ISO);
    assert.equal(conversation.msg, "hi");
    assert.equal(conversation.bin, false);
    const none = await tom.request({
      cmd: "conv",
      op: "query",
      convMessage: { where: { data: '{"objectId":"none"}' } },
    });
    assert.equal(none.convMessage!.results!.data, "[]");
    held(tom, "tom");
  });

  it("the names of replies that Java checks", async () => {
    const { tom, started } = await pair();
    const { cid } = started.convMessage!;
    const ops = async (op: Command["op"], convMessage: Command["convMessage"]) =>
      nameOf(await tom.request({ cmd: "conv", op, convMessage }));
    assert.equal(await ops("start", { m: ["jerry"] }), "conv/started");
    assert.equal(await ops("count", { cid }), "conv/result");
    assert.equal(await ops("members", { cid }), "conv/members");
    assert.equal(await ops("max_read", { cid }), "conv/max_read");
    assert.equal(await ops("is_member", { cids: [cid!] }), "conv/result");
    const session = async (op: Command["op"], sessionMessage: Command["sessionMessage"]) =>
      nameOf(await tom.request({ cmd: "session", op, sessionMessage }));
    assert.equal(await session("query", { sessionPeerIds: ["jerry"] }), "session/query_result");
    assert.equal(await session("refresh", {}), "session/refreshed");
    const report = await tom.request({
      cmd: "report",
      op: "upload",
      reportMessage: { initiative: true, type: "token", data: "x" },
    });
    assert.equal(nameOf(report), "report/uploaded");
    assert.equal(await session("close", {}), "session/closed");
    assert.equal(tom.heard.at(-1)!.sessionMessage?.code, undefined);
    held(tom, "tom");
  });
});
