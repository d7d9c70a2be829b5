import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { testServer } from "../../kit/test_server.ts";
import { localPeer } from "../../kit/wire_client.ts";

/** Tom, and jerry who was logged in once, and a way for jerry to ask what it missed. */
async function away() {
  const { server, login, clock } = testServer();
  const [tom, jerry] = [await login("tom"), await login("jerry")];
  const { sessionMessage } = await jerry.request({
    cmd: "session",
    op: "refresh",
    sessionMessage: {},
  });
  jerry.close();
  const token = sessionMessage!.st!;
  const conv = async (op: Command["op"], convMessage: Command["convMessage"]) => {
    await clock.advance(10);
    return (await tom.request({ cmd: "conv", op: op!, convMessage: convMessage! })).convMessage!;
  };
  const ask = async (query: string, headers: Record<string, string> = {}) => {
    const response = await server.fetch(
      new Request(`http://localhost/1.1/rtm/notifications?${query}`, {
        headers: {
          "X-LC-Id": "app",
          "X-LC-Key": "key",
          "X-LC-IM-Session-Token": token,
          ...headers,
        },
      }),
      localPeer,
    );
    return { status: response.status, body: await response.json() };
  };
  return { clock, tom, conv, ask };
}

const ops = (notifications: readonly { readonly op: string }[]) =>
  notifications.map(({ op }) => op);

describe("what was told while a client was away", () => {
  it("is what it would have been pushed, in order, as JavaScript reads it", async () => {
    const { clock, conv, ask } = await away();
    const since = clock.now();
    const { cid } = await conv("start", { m: ["jerry"] });
    await conv("add", { cid: cid!, m: ["spike"] });
    await conv("update", { cid: cid!, attr: { data: '{"name":"x"}' } });
    const time = clock.now();
    await conv("remove", { cid: cid!, m: ["jerry"] });
    const { status, body } = await ask(
      `client_id=jerry&start_ts=${since}&notification_type=permanent`,
    );
    assert.equal(status, 200);
    assert.equal(body.hasMore, false);
    // It is no member any more, and so hears of itself alone.
    assert.deepEqual(ops(body.notifications), ["joined", "left"]);
    const { serverTs, udate, ...left } = body.notifications[1];
    assert.deepEqual(left, { cmd: "conv", op: "left", cid, initBy: "tom", notificationType: 1 });
    assert.deepEqual([serverTs, udate], [time + 10, new Date(time + 10).toISOString()]);
    assert.deepEqual(body.permanent.notifications, []);
  });

  it("is what it would have been pushed, as Swift reads it", async () => {
    const { clock, conv, ask } = await away();
    const since = clock.now();
    const { cid } = await conv("start", { m: ["jerry"] });
    await conv("update", { cid: cid!, attr: { data: '{"attr.color":"red"}' } });
    const { body } = await ask(`client_id=jerry&start_ts=${since}`);
    const { notifications } = body.permanent;
    assert.deepEqual(ops(notifications), ["joined", "members-joined", "updated"]);
    assert.deepEqual(notifications[1].m, ["tom", "jerry"]);
    assert.deepEqual(
      [notifications[2].attr, notifications[2].attrModified],
      [{ "attr.color": "red" }, { attr: { color: "red" } }],
    );
    assert.deepEqual(body.droppable, { notifications: [], invalidLocalConvCache: false });
    const late = await ask(`start_ts=${since - 8 * 86_400_000}`);
    assert.equal(late.body.droppable.invalidLocalConvCache, true);
  });

  it("is what became of its messages, too", async () => {
    const { server, login, clock } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const started = await tom.request({ cmd: "conv", op: "start", convMessage: { m: ["jerry"] } });
    const cid = started.convMessage!.cid!;
    const sent = await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi", r: true } });
    const id = sent.ackMessage!.uid!;
    const refreshed = await tom.request({ cmd: "session", op: "refresh", sessionMessage: {} });
    tom.close();
    await clock.advance(10);
    const since = clock.now() - 1;
    jerry.send({ cmd: "ack", ackMessage: { cid, mid: id } });
    await clock.advance(10);
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    await settle();
    const url = `http://localhost/1.1/rtm/notifications?start_ts=${since}`;
    const ask = async (more = "") => {
      const headers = {
        "X-LC-Id": "app",
        "X-LC-Key": "key",
        "X-LC-IM-Session-Token": refreshed.sessionMessage!.st!,
      };
      const response = await server.fetch(new Request(url + more, { headers }), localPeer);
      return await response.json();
    };
    const told = { cmd: "rcp", cid, id, from: "jerry", notificationType: 1 };
    const [one, two] = [since + 1, since + 11];
    const receipts = [
      { ...told, t: one, serverTs: one },
      { ...told, t: two, serverTs: two, read: true },
    ];
    assert.deepEqual((await ask()).permanent.notifications, receipts);
    assert.deepEqual((await ask("&notification_type=permanent")).notifications, receipts);
  });

  it("comes a page at a time, each after the newest of the one before", async () => {
    const { clock, conv, ask } = await away();
    const beginning = clock.now();
    let since = beginning;
    const { cid } = await conv("start", { m: ["jerry"] });
    for (let n = 0; n < 120; n++) await conv("update", { cid: cid!, attr: { data: `{"n":${n}}` } });
    const all: string[] = [];
    for (let more = true; more;) {
      const { body } = await ask(`start_ts=${since}&notification_type=permanent`);
      for (const { attr, serverTs } of body.notifications) {
        if (attr) all.push(attr.data);
        since = serverTs;
      }
      more = body.hasMore;
    }
    assert.deepEqual(all, Array.from({ length: 120 }, (_, n) => `{"n":${n}}`));
    // Swift asks for no second page.
    assert.equal((await ask(`start_ts=${beginning}`)).body.droppable.invalidLocalConvCache, true);
    const few = await ask(`start_ts=${clock.now() - 500}`);
    assert.equal(few.body.droppable.invalidLocalConvCache, false);
  });

  it("is told to nobody else, and asks for a time", async () => {
    const { ask } = await away();
    for (
      const [status, code, query, headers] of [
        [401, 401, "start_ts=1", { "X-LC-Key": "wrong" }],
        [401, 4112, "start_ts=1", { "X-LC-IM-Session-Token": "made up" }],
        [401, 4112, "start_ts=1&client_id=tom", {}],
        [400, 1, "", {}],
        [400, 1, "start_ts=yesterday", {}],
        [400, 1, "start_ts=-1", {}],
      ] as const
    ) {
      const answer = await ask(query, headers);
      assert.deepEqual([answer.status, answer.body.code], [status, code], query);
    }
  });
});
