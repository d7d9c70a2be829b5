import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { testServer } from "../../kit/test_server.ts";
import type { WireClient } from "../../kit/wire_client.ts";

type Conv = NonNullable<Command["convMessage"]>;

/** Tom and jerry in a conversation that has a name and a color. */
async function talk(attributes: object = { name: "x", attr: { color: "red", size: 1 } }) {
  const { login, clock } = testServer();
  const [tom, jerry] = [await login("tom"), await login("jerry")];
  const { convMessage } = await tom.request({
    cmd: "conv",
    op: "start",
    convMessage: { m: ["jerry"], attr: { data: JSON.stringify(attributes) } },
  });
  const cid = convMessage!.cid!;
  await settle();
  await clock.advance(5);
  const update = (client: WireClient, data: unknown, id = cid) =>
    client.request({
      cmd: "conv",
      op: "update",
      convMessage: {
        cid: id,
        attr: { data: typeof data === "string" ? data : JSON.stringify(data) },
      },
    });
  const shown = async (client: WireClient) => {
    const where = { data: JSON.stringify({ objectId: cid }) };
    const reply = await client.request({ cmd: "conv", op: "query", convMessage: { where } });
    return JSON.parse(reply.convMessage!.results!.data)[0];
  };
  return { tom, jerry, cid, login, clock, update, shown };
}

const told = async (client: WireClient): Promise<Conv[]> => {
  await settle();
  return client.pushes.flatMap(({ op, convMessage }) =>
    op === "updated" && convMessage ? [convMessage] : []
  );
};

describe("changing a conversation", () => {
  it("answers with each touched key in full, and tells all members, the one who did it too", async () => {
    const { tom, jerry, cid, clock, update, shown } = await talk();
    const changes = { "attr.color": "blue", name: { __op: "Delete" }, extra: [1] };
    const { cmd, op, convMessage } = await update(jerry, changes);
    const udate = new Date(clock.now()).toISOString();
    const attrModified = { data: '{"attr":{"color":"blue","size":1},"extra":[1]}' };
    assert.deepEqual([cmd, op, convMessage], ["conv", "updated", { cid, udate, attrModified }]);
    for (const client of [tom, jerry]) {
      const attr = { data: JSON.stringify(changes) };
      assert.deepEqual(await told(client), [{ cid, udate, initBy: "jerry", attr, attrModified }]);
    }
    const { attr, extra, updatedAt, ...rest } = await shown(tom);
    assert.deepEqual([attr, extra, updatedAt], [{ size: 1, color: "blue" }, [1], udate]);
    assert.ok(!("name" in rest));
  });

  it("is refused where the change is none", async () => {
    const { tom, jerry, update, shown } = await talk();
    const before = await shown(tom);
    for (
      const data of [
        "nonsense",
        "[]",
        { m: ["eve"] },
        { "m.0": "eve" },
        { objectId: "other" },
        { lm: 1 },
        { muted: true },
        { "a..b": 1 },
        { "$set": 1 },
        { "x.__proto__": 1 },
        { name: { __op: "Explode" } },
      ]
    ) {
      const { errorMessage } = await update(tom, data);
      assert.equal(errorMessage?.code, 4306, JSON.stringify(data));
      assert.ok(errorMessage.detail);
    }
    assert.deepEqual(await told(jerry), []);
    assert.deepEqual(await shown(tom), before);
  });

  it("is refused to who is no member, and where there is no conversation", async () => {
    const { tom, login, update } = await talk();
    assert.equal((await update(await login("eve"), { name: "mine" })).errorMessage?.code, 4309);
    assert.equal((await update(tom, { name: "x" }, "nonsense")).errorMessage?.code, 4303);
    const bare = await tom.request({ cmd: "conv", op: "update" });
    assert.equal(bare.errorMessage?.code, 4303);
  });

  it("changes nothing where nothing is asked for", async () => {
    const { tom, update } = await talk();
    const { op, convMessage } = await update(tom, "");
    assert.deepEqual([op, convMessage!.attrModified], ["updated", { data: "{}" }]);
  });
});

describe("muting a conversation", () => {
  it("is answered as an update, and shows to all who asks for the conversation", async () => {
    const { tom, jerry, cid, shown } = await talk();
    const ask = (op: "mute" | "unmute") => tom.request({ cmd: "conv", op, convMessage: { cid } });
    const { updatedAt } = await shown(tom);
    const reply = await ask("mute");
    assert.deepEqual([reply.op, reply.convMessage], ["updated", { cid, udate: updatedAt }]);
    const { mu, muted } = await shown(tom);
    assert.deepEqual([mu, muted, (await shown(jerry)).muted], [["tom"], true, false]);
    assert.deepEqual(await told(jerry), []);
    assert.equal((await ask("unmute")).op, "updated");
    assert.deepEqual((await shown(tom)).mu, []);
  });

  it("is refused to who is no member, and taken in a room, which pushes nothing anyway", async () => {
    const { tom, cid, login } = await talk();
    const mute = async (client: WireClient, id: string | undefined) => {
      const convMessage = id === undefined ? {} : { cid: id };
      const { errorMessage } = await client.request({ cmd: "conv", op: "mute", convMessage });
      return errorMessage?.code;
    };
    const room = await tom.request({ cmd: "conv", op: "start", convMessage: { transient: true } });
    const brief = await tom.request({ cmd: "conv", op: "start", convMessage: { tempConv: true } });
    assert.equal(await mute(await login("eve"), cid), 4317);
    for (const op of ["mute", "unmute"] as const) {
      const { cid, udate } = room.convMessage!;
      const reply = await tom.request({ cmd: "conv", op, convMessage: { cid: cid! } });
      assert.deepEqual([reply.op, reply.convMessage], ["updated", { cid, udate }]);
    }
    assert.equal(await mute(tom, brief.convMessage!.cid), 4308);
    assert.equal(await mute(tom, undefined), 4303);
  });
});
