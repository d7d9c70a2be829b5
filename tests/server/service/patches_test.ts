import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { testServer } from "../../kit/test_server.ts";
import type { WireClient } from "../../kit/wire_client.ts";

type PatchItem = NonNullable<NonNullable<Command["patchMessage"]>["patches"]>[number];

/** Tom, who said something to jerry, and whoever else is in the conversation. */
async function said(others: readonly string[] = [], options?: Parameters<typeof testServer>[0]) {
  const server = testServer(options);
  const [tom, jerry] = [await server.login("tom"), await server.login("jerry")];
  const { convMessage } = await tom.request({
    cmd: "conv",
    op: "start",
    convMessage: { m: ["jerry", ...others] },
  });
  const cid = convMessage!.cid!;
  const say = async (msg: string): Promise<PatchItem> => {
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg } });
    return { cid, mid: ackMessage!.uid!, timestamp: ackMessage!.t! };
  };
  const modify = (client: WireClient, ...patches: PatchItem[]) =>
    client.request({ cmd: "patch", op: "modify", patchMessage: { patches } });
  return { ...server, tom, jerry, cid, say, modify, message: await say("hello") };
}

const changesOf = async (client: WireClient): Promise<PatchItem[]> => {
  await settle();
  return client.pushes.flatMap(({ cmd, op, patchMessage }) =>
    cmd === "patch" && op === "modify" ? patchMessage?.patches ?? [] : []
  );
};

describe("changing a message", () => {
  it("is confirmed with its time, and told to all but the session that did it", async () => {
    const { tom, jerry, login, modify, message, cid } = await said();
    const phone = await login("tom", { session: { tag: "phone" } });
    const reply = await modify(tom, {
      ...message,
      data: "better",
      mentionPids: ["jerry"],
      mentionAll: true,
    });
    const { cmd, op, patchMessage } = reply;
    assert.deepEqual([cmd, op], ["patch", "modified"]);
    const expected = {
      ...message,
      from: "tom",
      data: "better",
      recall: false,
      patchTimestamp: patchMessage!.lastPatchTime!,
      mentionPids: ["jerry"],
      mentionAll: true,
    };
    assert.deepEqual(await changesOf(jerry), [expected]);
    assert.deepEqual(await changesOf(phone), [expected]);
    assert.deepEqual(await changesOf(tom), []);
    const { logsMessage } = await jerry.request({ cmd: "logs", logsMessage: { cid } });
    const [item] = logsMessage!.logs!;
    assert.deepEqual(
      [item!.data, item!.patchTimestamp, item!.mentionAll],
      ["better", patchMessage!.lastPatchTime, true],
    );
  });

  it("carries bytes too", async () => {
    const { tom, jerry, modify, message, cid } = await said();
    const binaryMsg = Uint8Array.of(0, 255);
    await modify(tom, { ...message, binaryMsg });
    const [change] = await changesOf(jerry);
    assert.deepEqual([change!.data, change!.binaryMsg], [undefined, binaryMsg]);
    const { logsMessage } = await jerry.request({ cmd: "logs", logsMessage: { cid } });
    assert.deepEqual([logsMessage!.logs![0]!.data, logsMessage!.logs![0]!.bin], ["AP8=", true]);
  });

  it("recalls it: what every client knows as recalled stands in its place", async () => {
    const { tom, jerry, modify, message, cid } = await said();
    await modify(tom, { ...message, recall: true, data: "what a client says here is not kept" });
    const [change] = await changesOf(jerry);
    assert.deepEqual([change!.recall, change!.data], [true, '{"_lctype":-127}']);
    const { logsMessage } = await jerry.request({ cmd: "logs", logsMessage: { cid } });
    assert.equal(logsMessage!.logs![0]!.data, '{"_lctype":-127}');
    const { convMessage } = await jerry.request({
      cmd: "conv",
      op: "query",
      convMessage: { where: { data: JSON.stringify({ objectId: cid }) }, flag: 2 },
    });
    assert.match(convMessage!.results!.data, /"msg":"{\\"_lctype\\":-127}"/);
  });

  it("is told to those inside a room", async () => {
    const { tom, jerry, modify } = await said();
    const { convMessage } = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { transient: true },
    });
    const cid = convMessage!.cid!;
    await jerry.request({ cmd: "conv", op: "add", convMessage: { cid, m: ["jerry"] } });
    const { ackMessage } = await tom.request({ cmd: "direct", directMessage: { cid, msg: "a" } });
    await modify(tom, { cid, mid: ackMessage!.uid!, recall: true });
    assert.deepEqual((await changesOf(jerry)).map(({ mid }) => mid), [ackMessage!.uid]);
  });

  const refusals: readonly [string, number, (message: PatchItem) => PatchItem][] = [
    ["names no conversation", 4401, ({ mid }) => ({ mid, data: "x" })],
    ["names a conversation that is not there", 4401, (message) => ({ ...message, cid: "none" })],
    ["names no message", 4404, ({ cid }) => ({ cid, data: "x" })],
    ["names a message that is not there", 4404, (message) => ({ ...message, mid: "none" })],
    ["is too large", 4109, (message) => ({ ...message, data: "x".repeat(5_121) })],
    ["is too large in bytes", 4109, (message) => ({
      ...message,
      binaryMsg: new Uint8Array(5_121),
    })],
  ];
  for (const [what, code, change] of refusals) {
    it(`is refused with ${code} where it ${what}`, async () => {
      const { tom, jerry, modify, message } = await said();
      const { errorMessage } = await modify(tom, change(message));
      assert.equal(errorMessage?.code, code);
      assert.deepEqual(await changesOf(jerry), []);
    });
  }

  it("is refused with 4403 to all but the author, and with 4401 to who is no member", async () => {
    const { login, jerry, tom, modify, message } = await said();
    for (const change of [{ ...message, data: "mine" }, { ...message, recall: true }]) {
      assert.equal((await modify(jerry, change)).errorMessage?.code, 4403);
      assert.equal((await modify(await login("eve"), change)).errorMessage?.code, 4401);
    }
    assert.deepEqual(await changesOf(tom), []);
  });

  it("does those before the first that is refused, and no more", async () => {
    const { tom, jerry, modify, message, say } = await said();
    const other = await say("other");
    const { errorMessage } = await modify(
      tom,
      { ...message, data: "new" },
      { ...message, mid: "none" },
      { ...other, data: "new" },
    );
    assert.equal(errorMessage?.code, 4404);
    assert.deepEqual((await changesOf(jerry)).map(({ mid }) => mid), [message.mid]);
  });
});

describe("changes made while a client was away", () => {
  it("are pushed at its login, those after the time that it names", async () => {
    const { tom, login, modify, message, say, clock } = await said(["spike"]);
    await modify(tom, { ...message, data: "before" });
    const { patchMessage } = await modify(tom, { ...message, data: "first" });
    const other = await say("other");
    await clock.advance(10);
    await modify(tom, { ...other, recall: true });
    const asked = { lastPatchTime: patchMessage!.lastPatchTime! - 1 };
    const changes = await changesOf(await login("spike", { session: asked }));
    assert.deepEqual(changes.map(({ mid, data }) => [mid, data]), [
      [message.mid, "first"],
      [other.mid, '{"_lctype":-127}'],
    ]);
    assert.deepEqual(await changesOf(await login("spike", {})), []);
    const late = { lastPatchTime: clock.now() + 1_000 };
    assert.deepEqual(await changesOf(await login("spike", { session: late })), []);
    assert.deepEqual(await changesOf(await login("eve", { session: asked })), []);
  });

  it("are the last hundred, so that they fit into a link", async () => {
    const { tom, login, modify, message, say, clock } = await said(["spike"]);
    const since = clock.now() - 1;
    const all = [message];
    for (let n = 1; n < 120; n++) all.push(await say(`${n}`));
    for (const one of all) await modify(tom, { ...one, data: "x".repeat(5_000) });
    const spike = await login("spike", { session: { lastPatchTime: since } });
    const changes = await changesOf(spike);
    assert.deepEqual(changes.map(({ mid }) => mid), all.slice(20).map(({ mid }) => mid));
    assert.equal(spike.closed, undefined);
  });
});
