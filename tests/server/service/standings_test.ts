import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { testApp, testServer } from "../../kit/test_server.ts";
import type { WireClient } from "../../kit/wire_client.ts";

/** Tom's conversation with jerry, spike and mary, all logged in. */
async function talk(roles?: boolean) {
  const app = roles === undefined ? testApp : { ...testApp, roles };
  const { login } = testServer({ apps: [app] });
  const clients = await Promise.all(["tom", "jerry", "spike", "mary"].map((id) => login(id)));
  const [tom, jerry, spike, mary] = clients as [WireClient, WireClient, WireClient, WireClient];
  const start = async (conv: NonNullable<Command["convMessage"]>) => {
    const { convMessage } = await tom.request({ cmd: "conv", op: "start", convMessage: conv });
    return convMessage!.cid!;
  };
  const cid = await start({ m: ["jerry", "spike", "mary"] });
  const conv = (client: WireClient, op: Command["op"], m: readonly string[], id = cid) =>
    client.request({ cmd: "conv", op: op!, convMessage: { cid: id, m } });
  const list = (
    client: WireClient,
    op: Command["op"],
    more: NonNullable<Command["blacklistMessage"]>,
    srcCid = cid,
  ) => client.request({ cmd: "blacklist", op: op!, blacklistMessage: { srcCid, ...more } });
  const role = (client: WireClient, pid: string, role: string) =>
    client.request({
      cmd: "conv",
      op: "member_info_update",
      convMessage: { cid, targetClientId: pid, info: { pid, role } },
    });
  const say = (client: WireClient, more: object = {}, id = cid) =>
    client.request({ cmd: "direct", directMessage: { cid: id, msg: "hi", ...more } });
  return { login, start, tom, jerry, spike, mary, cid, conv, list, role, say };
}

/** What a client was told since it is in a conversation. */
const since = async (client: WireClient) => {
  await settle();
  return client.pushes.filter(({ op = "" }) => !["joined", "members_joined"].includes(op));
};

/** Who did what to whom. */
const told = async (client: WireClient) =>
  (await since(client)).flatMap(({ op, convMessage }) =>
    convMessage ? [[op, convMessage.initBy, convMessage.m]] : []
  );

const unauthorized = (...pids: string[]) => ({
  code: 4320,
  reason: "CONVERSATION_OPERATION_UNAUTHORIZED",
  detail: "Their role is not below that of who asks",
  pids,
});

describe("silencing", () => {
  it("is told to those concerned and to all, and keeps them from sending", async () => {
    const { tom, jerry, spike, cid, conv, say } = await talk();
    const { op, convMessage } = await conv(tom, "add_shutup", ["jerry", "tom"]);
    const failedPids = [unauthorized("tom")];
    assert.deepEqual([op, convMessage], ["shutup_added", {
      cid,
      allowedPids: ["jerry"],
      failedPids,
    }]);
    const all = ["members_shutuped", "tom", ["jerry"]];
    assert.deepEqual(await told(jerry), [["shutuped", "tom", undefined], all]);
    assert.deepEqual([await told(spike), await told(tom)], [[all], [all]]);
    for (const transient of [false, true]) {
      const { errorMessage } = await say(jerry, { transient });
      assert.deepEqual([errorMessage?.code, errorMessage?.reason], [4563, "SILIENCED"]);
    }
    assert.equal((await conv(jerry, "remove_shutup", ["jerry"])).errorMessage?.code, 4320);
    assert.equal((await conv(tom, "remove_shutup", ["jerry"])).op, "shutup_removed");
    assert.deepEqual((await told(jerry)).slice(2), [
      ["unshutuped", "tom", undefined],
      ["members_unshutuped", "tom", ["jerry"]],
    ]);
    assert.equal((await say(jerry)).cmd, "ack");
  });

  it("lists who is silenced, a page at a time, to members", async () => {
    const { tom, jerry, login, cid, conv } = await talk();
    const all = Array.from({ length: 12 }, (_, n) => `client-${n}`);
    await conv(tom, "add_shutup", all);
    const query = async (more: object) => {
      const convMessage = { cid, ...more };
      const reply = await jerry.request({ cmd: "conv", op: "query_shutup", convMessage });
      return [reply.op, reply.convMessage?.m, reply.convMessage?.next];
    };
    assert.deepEqual(await query({}), ["shutup_result", all.slice(0, 10), "10"]);
    assert.deepEqual(await query({ next: "10" }), ["shutup_result", all.slice(10), undefined]);
    assert.deepEqual(await query({ limit: 3, next: "3" }), ["shutup_result", all.slice(3, 6), "6"]);
    assert.equal((await conv(await login("eve"), "query_shutup", [])).errorMessage?.code, 4317);
    const bad = await jerry.request({
      cmd: "conv",
      op: "query_shutup",
      convMessage: { cid, next: "-1" },
    });
    assert.equal(bad.errorMessage?.code, 4301);
    const check = await conv(jerry, "check_shutup", ["client-3", "jerry"]);
    assert.deepEqual([check.op, check.convMessage?.m], ["check_result", ["client-3"]]);
  });
});

describe("blocking", () => {
  it("removes members, tells all of both, and keeps them out", async () => {
    const { tom, jerry, spike, cid, conv, list, say } = await talk();
    const { cmd, op, blacklistMessage } = await list(tom, "block", { toPids: ["jerry", "eve"] });
    assert.deepEqual([cmd, op, blacklistMessage], ["blacklist", "blocked", {
      srcCid: cid,
      allowedPids: ["jerry", "eve"],
    }]);
    assert.deepEqual(await told(jerry), [
      ["blocked", "tom", undefined],
      ["left", "tom", undefined],
    ]);
    const all = [
      ["members_blocked", "tom", ["jerry", "eve"]],
      ["members_left", "tom", ["jerry"]],
    ];
    assert.deepEqual([await told(spike), await told(tom)], [all, all]);
    assert.equal((await say(jerry)).errorMessage?.code, 4401);
    const join = await conv(jerry, "add", ["jerry"]);
    const [blocked] = join.convMessage!.failedPids!;
    assert.deepEqual([blocked!.reason, blocked!.pids], ["BLOCKED_BY_CONV", ["jerry"]]);
    const back = await list(tom, "unblock", { toPids: ["jerry"] });
    assert.deepEqual([back.op, back.blacklistMessage?.allowedPids], ["unblocked", ["jerry"]]);
    assert.deepEqual((await told(jerry)).slice(2), [["unblocked", "tom", undefined]]);
    assert.deepEqual((await told(spike)).slice(2), [["members_unblocked", "tom", ["jerry"]]]);
    assert.deepEqual((await conv(jerry, "add", ["jerry"])).convMessage?.allowedPids, ["jerry"]);
  });

  it("lists who is blocked, and says whether somebody is", async () => {
    const { tom, spike, login, list } = await talk();
    const all = Array.from({ length: 3 }, (_, n) => `client-${n}`);
    await list(tom, "block", { toPids: all });
    const page = await list(spike, "query", { limit: 2 });
    assert.deepEqual([page.op, page.blacklistMessage?.blockedPids, page.blacklistMessage?.next], [
      "query_result",
      all.slice(0, 2),
      "2",
    ]);
    const check = await list(spike, "check_block", { toPids: ["client-1", "spike"] });
    assert.deepEqual([check.op, check.blacklistMessage?.blockedPids], ["check_result", [
      "client-1",
    ]]);
    assert.equal((await list(await login("eve"), "query", {})).errorMessage?.code, 4317);
    assert.equal((await list(spike, "query", {}, "nonsense")).errorMessage?.code, 4303);
  });

  it("is the owner's and managers' alone, and names somebody", async () => {
    const { tom, jerry, list } = await talk();
    assert.equal((await list(jerry, "block", { toPids: ["spike"] })).errorMessage?.code, 4320);
    assert.equal((await list(jerry, "unblock", { toPids: ["jerry"] })).errorMessage?.code, 4320);
    assert.equal((await list(tom, "block", {})).errorMessage?.code, 4301);
    assert.equal((await list(tom, "block", { toPids: [""] })).errorMessage?.code, 4301);
    assert.equal((await list(tom, "block", { toPids: ["x"] }, "no")).errorMessage?.code, 4303);
  });

  it("keeps who is blocked out of a room, and from sending to it", async () => {
    const { tom, jerry, start, conv, list, say } = await talk();
    const room = await start({ transient: true });
    await list(tom, "block", { toPids: ["jerry"] }, room);
    assert.equal((await conv(jerry, "add", ["jerry"], room)).errorMessage?.code, 4548);
    for (const transient of [false, true]) {
      assert.equal((await say(jerry, { transient }, room)).errorMessage?.code, 4548);
    }
    assert.deepEqual(await told(tom), []);
  });

  it("is for 500 clients at once, since in a room they may be anybody and all are told", async () => {
    const { start, tom, list } = await talk();
    const room = await start({ transient: true });
    const toPids = Array.from({ length: 501 }, (_, n) => `client-${n}`);
    for (const op of ["block", "unblock"] as const) {
      assert.equal((await list(tom, op, { toPids }, room)).errorMessage?.code, 4301);
      const { blacklistMessage } = await list(tom, op, { toPids: toPids.slice(1) }, room);
      assert.equal(blacklistMessage?.allowedPids?.length, 500);
    }
  });

  it("puts who is in a room out of it, and its history out of reach", async () => {
    const { tom, jerry, spike, start, conv, list, say } = await talk();
    const room = await start({ transient: true });
    await conv(jerry, "add", ["jerry"], room);
    await conv(spike, "add", ["spike"], room);
    await list(tom, "block", { toPids: ["jerry"] }, room);
    assert.deepEqual(await told(jerry), [["blocked", "tom", undefined]]);
    for (const transient of [false, true]) await say(tom, { transient }, room);
    await settle();
    const heard = ({ pushes }: WireClient) => pushes.filter(({ cmd }) => cmd === "direct").length;
    assert.deepEqual([heard(spike), heard(jerry)], [2, 0]);
    const count = await tom.request({ cmd: "conv", op: "count", convMessage: { cid: room } });
    assert.equal(count.convMessage?.count, 2);
    const logs = (client: WireClient) =>
      client.request({ cmd: "logs", logsMessage: { cid: room } });
    assert.equal((await logs(spike)).logsMessage?.logs?.length, 1);
    assert.equal((await logs(jerry)).errorMessage?.code, 4312);
  });

  it("is no business of who is no member, but taking it back is", async () => {
    const { tom, login, conv, list } = await talk();
    const eve = await login("eve");
    await conv(tom, "add_shutup", ["eve"]);
    await conv(tom, "remove_shutup", ["eve"]);
    await list(tom, "block", { toPids: ["eve"] });
    assert.deepEqual(await told(eve), []);
    await list(tom, "unblock", { toPids: ["eve"] });
    assert.deepEqual(await told(eve), [["unblocked", "tom", undefined]]);
  });
});

describe("roles", () => {
  it("are told to all when they change, and only then", async () => {
    const { tom, jerry, cid, role } = await talk(true);
    assert.equal((await role(tom, "jerry", "Manager")).op, "member_info_updated");
    await role(tom, "jerry", "Manager");
    await role(tom, "jerry", "Member");
    for (const client of [tom, jerry]) {
      const infos = (await since(client)).map(({ op, convMessage }) => [op, convMessage?.info]);
      assert.deepEqual(infos, [
        ["member_info_changed", { pid: "jerry", role: "Manager", infoId: `${cid}/jerry` }],
        ["member_info_changed", { pid: "jerry", role: "Member", infoId: `${cid}/jerry` }],
      ]);
    }
  });

  it("are refused by their names where they can't be", async () => {
    const { tom, jerry, role } = await talk(true);
    const reason = async (reply: Promise<Command>) => (await reply).errorMessage?.reason;
    assert.equal(await reason(role(tom, "jerry", "King")), "UNKNOWN_CONVERSATION_ROLE");
    for (
      const [client, pid, to] of [[tom, "jerry", "Owner"], [jerry, "jerry", "Manager"]] as const
    ) {
      assert.equal(await reason(role(client, pid, to)), "CONVERSATION_OPERATION_UNAUTHORIZED");
    }
    const { tom: other, role: there } = await talk();
    assert.equal(
      await reason(there(other, "jerry", "Manager")),
      "CONVERSATION_MEMBER_INFO_FEATURE_DISABLED",
    );
  });

  it("decide who may remove whom, where the app has them", async () => {
    const { tom, jerry, spike, conv, role } = await talk(true);
    await role(tom, "jerry", "Manager");
    const { convMessage } = await conv(spike, "remove", ["mary", "tom"]);
    assert.deepEqual(convMessage?.failedPids, [
      unauthorized("mary"),
      {
        code: 4324,
        reason: "CONVERSATION_NEED_OWNER",
        detail: "The owner of a conversation stays its owner",
        pids: ["tom"],
      },
    ]);
    assert.deepEqual((await conv(jerry, "remove", ["mary"])).convMessage?.allowedPids, ["mary"]);
    const { spike: free, conv: there } = await talk();
    assert.deepEqual((await there(free, "remove", ["tom"])).convMessage?.allowedPids, ["tom"]);
  });

  it("let managers silence and block", async () => {
    const { tom, jerry, conv, list, role } = await talk(true);
    assert.equal((await conv(jerry, "add_shutup", ["spike"])).errorMessage?.code, 4320);
    await role(tom, "jerry", "Manager");
    assert.deepEqual((await conv(jerry, "add_shutup", ["spike"])).convMessage?.allowedPids, [
      "spike",
    ]);
    const { blacklistMessage } = await list(jerry, "block", { toPids: ["spike", "tom"] });
    assert.deepEqual([blacklistMessage?.allowedPids, blacklistMessage?.failedPids], [["spike"], [
      unauthorized("tom"),
    ]]);
  });
});
