import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { testServer } from "../../kit/test_server.ts";
import type { WireClient } from "../../kit/wire_client.ts";

type Direct = NonNullable<Command["directMessage"]>;

/** Tom and jerry in a conversation, and whoever else is named. */
async function talk(others: readonly string[] = []) {
  const { login, ...rest } = testServer();
  const [tom, jerry] = [await login("tom"), await login("jerry")];
  const { convMessage } = await tom.request({
    cmd: "conv",
    op: "start",
    convMessage: { m: ["jerry", ...others] },
  });
  const cid = convMessage!.cid!;
  const send = (client: WireClient, direct: Direct) =>
    client.request({ cmd: "direct", directMessage: { cid, ...direct } });
  return { login, ...rest, tom, jerry, cid, send };
}

const heard = async (client: WireClient): Promise<Direct[]> => {
  await settle();
  return client.pushes.flatMap(({ directMessage }) => directMessage ? [directMessage] : []);
};

describe("sending", () => {
  it("carries text, bytes and mentions as they are", async () => {
    const { tom, jerry, send } = await talk();
    const binaryMsg = Uint8Array.of(0, 255, 128);
    await send(tom, { msg: "", mentionAll: true });
    await send(tom, { msg: "you", mentionPids: ["jerry", "nobody"] });
    await send(tom, { binaryMsg });
    const [empty, mention, binary] = await heard(jerry);
    assert.deepEqual([empty!.msg, empty!.mentionAll], ["", true]);
    assert.deepEqual(mention!.mentionPids, ["jerry", "nobody"]);
    assert.deepEqual([binary!.msg, binary!.binaryMsg], [undefined, binaryMsg]);
  });

  it("keeps the order of what was sent without waiting", async () => {
    const { tom, jerry, cid } = await talk();
    for (let n = 0; n < 30; n++) {
      tom.send({ cmd: "direct", i: 100 + n, directMessage: { cid, msg: `${n}` } });
    }
    const messages = await heard(jerry);
    assert.deepEqual(messages.map(({ msg }) => msg), Array.from({ length: 30 }, (_, n) => `${n}`));
    const acks = Array.from({ length: 30 }, (_, n) => tom.reply(100 + n)!.ackMessage!.t!);
    assert.deepEqual(acks, [...new Set(acks)].sort((a, b) => a - b));
  });

  it("the same again gives the same ack, and nobody hears it twice", async () => {
    const { tom, jerry, send } = await talk();
    const first = await send(tom, { msg: "once", dt: "token" });
    const again = await send(tom, { msg: "once", dt: "token" });
    assert.deepEqual(again.ackMessage, first.ackMessage);
    assert.equal((await heard(jerry)).length, 1);
    const other = await send(jerry, { msg: "mine", dt: "token" });
    assert.notEqual(other.ackMessage!.uid, first.ackMessage!.uid);
  });

  it("a transient message reaches who is online, and is kept nowhere", async () => {
    const { tom, jerry, cid, send, login } = await talk(["mary"]);
    const { ackMessage } = await send(tom, { msg: "typing", transient: true });
    assert.ok(ackMessage!.uid && ackMessage!.t);
    const [message] = await heard(jerry);
    assert.deepEqual(
      [message!.msg, message!.transient, message!.id, message!.fromPeerId],
      ["typing", true, ackMessage!.uid, "tom"],
    );
    const mary = await login("mary");
    await settle();
    assert.deepEqual(mary.pushes, []);
    const { logsMessage } = await tom.request({ cmd: "logs", logsMessage: { cid } });
    assert.deepEqual(logsMessage?.logs ?? [], []);
  });

  it("more than 5 KB is refused with 4109, counted in bytes and with what is pushed for it", async () => {
    const { tom, jerry, send } = await talk();
    for (
      const direct of [
        { msg: "x".repeat(5_121) },
        { msg: "鹬".repeat(1_707) },
        { binaryMsg: new Uint8Array(5_121) },
        { msg: "x".repeat(5_000), pushData: "y".repeat(121) },
        { msg: "x".repeat(5_121), transient: true },
        { msg: "x", mentionPids: Array.from({ length: 100 }, () => "y".repeat(64)) },
        { msg: "x", mentionPids: Array.from({ length: 6_000 }, () => "") },
        { msg: "x", dt: "z".repeat(5_121) },
      ]
    ) {
      const { errorMessage } = await send(tom, direct);
      assert.deepEqual([errorMessage?.code, errorMessage?.reason], [4109, "FRAME_TOO_LONG"]);
    }
    for (const direct of [{ msg: "x".repeat(5_120) }, { binaryMsg: new Uint8Array(5_120) }]) {
      const mentionPids = Array.from({ length: 70 }, () => "y".repeat(64));
      assert.equal((await send(tom, { ...direct, mentionPids })).cmd, "ack");
    }
    assert.equal((await heard(jerry)).length, 2);
    assert.equal(tom.closed, undefined);
  });

  it("is refused with 4401 to who is no member, kept or not", async () => {
    const { login, send } = await talk();
    const eve = await login("eve");
    for (const transient of [false, true]) {
      const { errorMessage } = await send(eve, { msg: "let me in", transient });
      assert.deepEqual(
        [errorMessage?.code, errorMessage?.reason],
        [4401, "INVALID_MESSAGING_TARGET"],
      );
    }
  });
});

describe("a last will", () => {
  const texts = async (client: WireClient) => (await heard(client)).map(({ msg }) => msg);

  it("is sent when its client is lost, the last one, under its id, and is kept nowhere", async () => {
    const { tom, jerry, cid, send, clock } = await talk();
    assert.equal((await send(tom, { msg: "first", will: true })).cmd, "ack");
    const { ackMessage } = await send(tom, { msg: "farewell", will: true, mentionAll: true });
    assert.deepEqual(await texts(jerry), []);
    await clock.advance(50);
    tom.close();
    const [message, ...others] = await heard(jerry);
    assert.deepEqual(
      [message!.msg, message!.id, message!.fromPeerId, message!.timestamp, message!.mentionAll],
      ["farewell", ackMessage!.uid, "tom", clock.now(), true],
    );
    assert.deepEqual(others, []);
    const { logsMessage } = await jerry.request({ cmd: "logs", logsMessage: { cid } });
    assert.deepEqual(logsMessage?.logs ?? [], []);
  });

  it("is not sent when its client leaves, nor when the server does", async () => {
    const { tom, jerry, send } = await talk();
    await send(tom, { msg: "farewell", will: true });
    await tom.request({ cmd: "session", op: "close" });
    tom.close();
    assert.deepEqual(await texts(jerry), []);
    const other = await talk();
    await other.send(other.tom, { msg: "farewell", will: true });
    await other.server.close();
    assert.deepEqual(await texts(other.jerry), []);
  });

  it("stays with a device that is back before its old link is noticed", async () => {
    const { tom, jerry, send, login } = await talk();
    await send(tom, { binaryMsg: Uint8Array.of(1), will: true });
    const again = await login("tom", { session: { r: true } });
    tom.close();
    assert.deepEqual(await texts(jerry), []);
    again.close();
    assert.deepEqual((await heard(jerry)).map(({ binaryMsg }) => binaryMsg), [Uint8Array.of(1)]);
  });

  it("stays with a client that logs in again on its link, as the room does that it is in", async () => {
    const { tom, jerry, send } = await talk();
    const room = { transient: true, m: [] };
    await tom.request({ cmd: "conv", op: "start", convMessage: room });
    await send(tom, { msg: "farewell", will: true });
    await tom.open("tom");
    const { convMessage } = await tom.request({
      cmd: "conv",
      op: "query",
      convMessage: {
        where: { data: '{"tr":true}' },
      },
    });
    const cid = JSON.parse(convMessage!.results!.data)[0].objectId;
    const members = await tom.request({ cmd: "conv", op: "members", convMessage: { cid } });
    assert.deepEqual(members.convMessage?.m, ["tom"]);
    tom.close();
    assert.deepEqual(await texts(jerry), ["farewell"]);
  });

  it("is refused, and not sent, where its client may not speak", async () => {
    const { tom, jerry, cid, send, login } = await talk();
    const eve = await login("eve");
    assert.equal((await send(eve, { msg: "boo", will: true })).errorMessage?.code, 4401);
    await send(jerry, { msg: "farewell", will: true });
    await jerry.request({ cmd: "conv", op: "remove", convMessage: { cid, m: ["jerry"] } });
    eve.close();
    jerry.close();
    assert.deepEqual(await texts(tom), []);
  });
});

describe("receipts", () => {
  it("come for what asked for them, in a conversation of two, once", async () => {
    const { tom, jerry, cid, send } = await talk();
    await send(tom, { msg: "quiet" });
    const { ackMessage } = await send(tom, { msg: "tell me", r: true });
    for (let n = 0; n < 2; n++) {
      jerry.send({ cmd: "ack", ackMessage: { cid, tots: ackMessage!.t } });
    }
    await settle();
    const receipts = tom.pushes.filter(({ cmd }) => cmd === "rcp");
    assert.deepEqual(receipts.map(({ rcpMessage }) => rcpMessage!.id), [ackMessage!.uid]);
  });

  it("do not come in a larger conversation", async () => {
    const { tom, jerry, cid, send } = await talk(["mary"]);
    const { ackMessage } = await send(tom, { msg: "tell me", r: true });
    jerry.send({ cmd: "ack", ackMessage: { cid, mid: ackMessage!.uid } });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    await settle();
    assert.ok(tom.pushes.every(({ cmd }) => cmd !== "rcp"));
  });

  it("are told to who asks how far the other one is", async () => {
    const { tom, jerry, cid, send, clock } = await talk();
    const ask = async (queryAllMembers?: boolean) =>
      (await tom.request({ cmd: "conv", op: "max_read", convMessage: { cid, queryAllMembers } }))
        .convMessage!;
    assert.deepEqual(await ask(), { cid });
    const read = await send(tom, { msg: "read" });
    await clock.advance(5);
    const delivered = await send(tom, { msg: "delivered" });
    await clock.advance(5);
    await send(tom, { msg: "neither" });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid, timestamp: read.ackMessage!.t }] } });
    jerry.send({ cmd: "ack", ackMessage: { cid, mid: delivered.ackMessage!.uid } });
    await settle();
    const far = {
      maxReadTimestamp: read.ackMessage!.t,
      maxAckTimestamp: delivered.ackMessage!.t,
    };
    assert.deepEqual(await ask(), { cid, ...far });
    assert.deepEqual(await ask(true), { cid, maxReadTuples: [{ pid: "jerry", ...far }] });
  });

  it("are told to who asks how far all others of more members are", async () => {
    const { tom, jerry, cid, send, clock } = await talk(["mary"]);
    const read = await send(tom, { msg: "read" });
    await clock.advance(5);
    await send(tom, { msg: "unread" });
    const { t } = read.ackMessage!;
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid, timestamp: t }] } });
    await settle();
    const ask = async (queryAllMembers?: boolean) =>
      (await tom.request({ cmd: "conv", op: "max_read", convMessage: { cid, queryAllMembers } }))
        .convMessage;
    assert.deepEqual(await ask(true), {
      cid,
      maxReadTuples: [{ pid: "jerry", maxReadTimestamp: t, maxAckTimestamp: t }, { pid: "mary" }],
    });
    assert.deepEqual(await ask(), { cid });
  });
});

describe("reading", () => {
  it("tells all sessions of the reader, of version 3, what is still unread", async () => {
    const { tom, jerry, cid, send, login } = await talk();
    const phone = await login("jerry");
    const old = await login("jerry", { version: 1 });
    const first = await send(tom, { msg: "one" });
    await send(tom, { msg: "two" });
    await settle();
    const count = async (client: WireClient) => {
      await settle();
      return client.pushes.flatMap(({ unreadMessage }) => unreadMessage?.convs ?? [])
        .map(({ unread }) => unread);
    };
    const { uid, t } = first.ackMessage!;
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid, timestamp: t, mid: uid }] } });
    assert.deepEqual(await count(phone), [1]);
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    for (const client of [jerry, phone]) assert.deepEqual(await count(client), [1, 0]);
    assert.deepEqual(await count(old), []);
    const back = await login("jerry");
    await settle();
    assert.deepEqual(back.pushes, []);
  });

  it("passes over conversations that are not there, and reads the others", async () => {
    const { tom, jerry, cid, send } = await talk();
    await send(tom, { msg: "one" });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid: "nowhere" }, { cid }] } });
    const { unreadMessage } = await jerry.next("unread");
    assert.deepEqual(unreadMessage!.convs!.map(({ unread, cid }) => [cid, unread]), [[cid, 0]]);
  });
});

describe("history", () => {
  it("goes back and forth between bounds, and is always told oldest first", async () => {
    const { tom, cid, send, clock } = await talk();
    const times: number[] = [];
    for (let n = 0; n < 6; n++) {
      times.push((await send(tom, { msg: `${n}` })).ackMessage!.t!);
      await clock.advance(10);
    }
    const logs = async (logsMessage: NonNullable<Command["logsMessage"]>) => {
      const reply = await tom.request({ cmd: "logs", logsMessage: { cid, ...logsMessage } });
      return reply.logsMessage!.logs?.map(({ data }) => data).join("") ?? "";
    };
    assert.equal(await logs({}), "012345");
    assert.equal(await logs({ l: 2 }), "45");
    assert.equal(await logs({ limit: 2, t: times[4] }), "23");
    assert.equal(await logs({ limit: 2, t: times[4], tIncluded: true }), "34");
    assert.equal(await logs({ t: times[4], tt: times[1] }), "23");
    assert.equal(await logs({ t: times[4], tt: times[1], ttIncluded: true }), "123");
    assert.equal(await logs({ direction: "NEW", limit: 2 }), "01");
    assert.equal(await logs({ direction: "NEW", t: times[2], limit: 2 }), "34");
    assert.equal(await logs({ direction: "NEW", t: times[2], tt: times[4] }), "3");
    assert.equal(await logs({ l: 0 }), "");
    assert.equal(await logs({ l: 5, limit: 3 }), "12345");
  });

  it("gives messages of one type alone where that is asked for", async () => {
    const { tom, cid, send } = await talk();
    await send(tom, { msg: '{"_lctype":-1,"_lctext":"text"}' });
    await send(tom, { msg: '{"_lctype":1}' });
    await send(tom, { msg: "plain" });
    const { logsMessage } = await tom.request({ cmd: "logs", logsMessage: { cid, lctype: 1 } });
    assert.deepEqual(logsMessage!.logs!.map(({ data }) => data), ['{"_lctype":1}']);
  });

  it("is at most 100 at once", async () => {
    const { tom, cid, send } = await talk();
    for (let n = 0; n < 105; n++) await send(tom, { msg: "x" });
    const { logsMessage } = await tom.request({ cmd: "logs", logsMessage: { cid, l: 1_000 } });
    assert.equal(logsMessage!.logs!.length, 100);
  });
});

describe("version 1", () => {
  it("is pushed what nobody acknowledged, in pieces, each when the one before it arrived", async () => {
    const { tom, jerry, send, login, cid } = await talk();
    jerry.close();
    await jerry.ended();
    for (let n = 0; n < 100; n++) await send(tom, { msg: `a${n}` });
    const second = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { m: ["jerry", "mary"] },
    });
    const other = second.convMessage!.cid!;
    for (let n = 0; n < 20; n++) {
      await tom.request({ cmd: "direct", directMessage: { cid: other, msg: `b${n}` } });
    }
    const old = await login("jerry", { version: 1 });
    const first = await heard(old);
    assert.equal(first.length, 100);
    assert.ok(first.every(({ offline, hasMore }) => offline && hasMore));
    for (const { cid, timestamp } of first.slice(-1)) {
      old.send({ cmd: "ack", ackMessage: { cid, tots: timestamp } });
    }
    for (const conversation of [cid, other]) {
      const last = first.findLast(({ cid }) => cid === conversation);
      if (last) old.send({ cmd: "ack", ackMessage: { cid: conversation, tots: last.timestamp } });
    }
    const all = await heard(old);
    assert.equal(all.length, 120);
    assert.equal(new Set(all.map(({ id }) => id)).size, 120);
    assert.equal(all.at(-1)!.hasMore ?? false, false);
  });

  it("is not pushed what another session acknowledged", async () => {
    const { tom, jerry, send, login, cid } = await talk();
    const { ackMessage } = await send(tom, { msg: "one" });
    jerry.send({ cmd: "ack", ackMessage: { cid, mid: ackMessage!.uid } });
    await settle();
    await send(tom, { msg: "two" });
    const old = await login("jerry", { version: 1 });
    assert.deepEqual((await heard(old)).map(({ msg }) => msg), ["two"]);
    assert.ok(old.pushes.every(({ cmd }) => cmd !== "unread"));
  });
});
