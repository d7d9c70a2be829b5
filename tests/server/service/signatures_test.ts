import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { testApp, testServer } from "../../kit/test_server.ts";

const app = { ...testApp, conversations: "signed", blacklist: "signed" } as const;

/** Tom, whose app signs what is done with conversations. */
async function signing() {
  const { login, clock } = testServer({ apps: [app] });
  const tom = await login("tom");
  let count = 0;
  /** A signature over these parts, a time and a nonce. */
  const sign = (
    parts: readonly string[],
    action?: string,
    { t = clock.now(), n = `nonce-${count++}`, key = app.masterKey as string } = {},
  ) => {
    const text = [app.id, ...parts, t, n, ...(action === undefined ? [] : [action])].join(":");
    return { s: createHmac("sha1", key).update(text).digest("hex"), t, n };
  };
  const conv = (op: Command["op"], convMessage: Command["convMessage"], client = tom) =>
    client.request({ cmd: "conv", op: op!, convMessage: convMessage! });
  const list = (op: Command["op"], blacklistMessage: Command["blacklistMessage"]) =>
    tom.request({ cmd: "blacklist", op: op!, blacklistMessage: blacklistMessage! });
  return { login, clock, tom, sign, conv, list };
}

const codeOf = ({ errorMessage }: Command) => errorMessage?.code;

describe("what is done with conversations, where the app signs it", () => {
  it("is starting one: over its members, with or without who starts it, in order", async () => {
    const { sign, conv } = await signing();
    for (const m of [["jerry", "anna"], ["tom", "jerry", "anna"], []]) {
      const members = [...m].sort().join(":");
      assert.equal((await conv("start", { m, ...sign(["tom", members]) })).op, "started");
      assert.equal(codeOf(await conv("start", { m })), 4302);
    }
    const brief = await conv("start", { m: ["jerry"], tempConv: true });
    assert.equal(brief.op, "started");
  });

  it("is adding and removing, over the conversation, under either of an action's names", async () => {
    const { sign, conv } = await signing();
    const { convMessage } = await conv("start", { m: [], ...sign(["tom", ""]) });
    const cid = convMessage!.cid!;
    const what = ["tom", cid, "anna", "jerry"];
    const m = ["jerry", "anna"];
    assert.equal((await conv("add", { cid, m, ...sign(what, "invite") })).op, "added");
    assert.equal((await conv("remove", { cid, m, ...sign(what, "kick") })).op, "removed");
    assert.equal((await conv("add", { cid, m, ...sign(what, "add") })).op, "added");
    assert.equal((await conv("remove", { cid, m, ...sign(what, "remove") })).op, "removed");
    const t = 1;
    for (
      const signature of [
        {},
        sign(what, "kick"),
        sign(["tom", cid, "anna"], "invite"),
        sign(["jerry", cid, "anna", "jerry"], "invite"),
        sign(["tom", "other", "anna", "jerry"], "invite"),
        sign(what),
        sign(what, "invite", { key: "wrong" }),
        sign(what, "invite", { t }),
        sign(what, "invite", { n: "1:2" }),
      ]
    ) {
      assert.equal(codeOf(await conv("add", { cid, m, ...signature })), 4302);
    }
  });

  it("takes a nonce for one operation alone, which may be asked for again", async () => {
    const { sign, conv, login } = await signing();
    const { convMessage } = await conv("start", { m: [], ...sign(["tom", ""]) });
    const cid = convMessage!.cid!;
    const n = "once";
    const add = sign(["tom", cid, "jerry"], "invite", { n });
    for (let i = 0; i < 2; i++) {
      assert.equal((await conv("add", { cid, m: ["jerry"], ...add })).op, "added");
    }
    const remove = sign(["tom", cid, "jerry"], "kick", { n });
    assert.equal(codeOf(await conv("remove", { cid, m: ["jerry"], ...remove })), 4302);
    const jerry = await login("jerry");
    const other = sign(["jerry", cid, "anna"], "invite", { n });
    assert.equal(codeOf(await conv("add", { cid, m: ["anna"], ...other }, jerry)), 4302);
    const elsewhere = await login("tom", { session: { deviceId: "another" } });
    assert.equal(codeOf(await conv("add", { cid, m: ["jerry"], ...add }, elsewhere)), 4302);
  });

  it("is good for six hours, by either clock", async () => {
    const { sign, conv, clock } = await signing();
    const hours = 6 * 3_600_000;
    const start = (t: number) => conv("start", { m: [], ...sign(["tom", ""], undefined, { t }) });
    for (const t of [clock.now() - hours, clock.now() + hours]) {
      assert.equal((await start(t)).op, "started");
    }
    for (const t of [clock.now() - hours - 1, clock.now() + hours + 1, 0, -1]) {
      assert.equal(codeOf(await start(t)), 4302);
    }
  });

  it("is going into a room and out of it, too", async () => {
    const { sign, conv } = await signing();
    const { convMessage } = await conv("start", { transient: true, ...sign(["tom", ""]) });
    const cid = convMessage!.cid!;
    assert.equal(codeOf(await conv("remove", { cid, m: ["tom"] })), 4302);
    const signature = sign(["tom", cid, "tom"], "kick");
    assert.equal((await conv("remove", { cid, m: ["tom"], ...signature })).op, "removed");
  });
});

describe("blocking, where the app signs it", () => {
  it("is over the conversation, whom it is about and which of the two it is", async () => {
    const { sign, conv, list } = await signing();
    const { convMessage } = await conv("start", { m: [], ...sign(["tom", ""]) });
    const srcCid = convMessage!.cid!;
    const toPids = ["eve", "bob"];
    const what = ["tom", srcCid, "bob", "eve"];
    const block = sign(what, "conversation-block-clients");
    const unblock = sign(what, "conversation-unblock-clients");
    assert.equal((await list("block", { srcCid, toPids, ...block })).op, "blocked");
    assert.equal((await list("unblock", { srcCid, toPids, ...unblock })).op, "unblocked");
    assert.equal(codeOf(await list("block", { srcCid, toPids })), 4546);
    assert.equal(codeOf(await list("block", { srcCid, toPids, ...unblock })), 4546);
    const used = sign(what, "conversation-block-clients", { n: unblock.n });
    assert.equal(codeOf(await list("block", { srcCid, toPids, ...used })), 4546);
    const late = sign(what, "conversation-block-clients", { t: 1 });
    assert.equal(codeOf(await list("block", { srcCid, toPids, ...late })), 4546);
    const others = sign(["jerry", srcCid, "bob", "eve"], "conversation-block-clients");
    assert.equal(codeOf(await list("block", { srcCid, toPids, ...others })), 4546);
    assert.equal((await list("block", { srcCid, toPids, ...block })).op, "blocked");
    assert.equal((await list("query", { srcCid })).op, "query_result");
  });
});
