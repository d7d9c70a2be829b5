import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settle } from "../../kit/clock.ts";
import { testServer } from "../../kit/test_server.ts";

describe("a crowded room", () => {
  it("takes more clients than a conversation may have members, and all hear what is said", async () => {
    const { login } = testServer();
    const tom = await login("tom");
    const started = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { m: ["tom"], transient: true },
    });
    const cid = started.convMessage!.cid!;
    const ids = Array.from({ length: 600 }, (_, n) => `c${n}`);
    const others = await Promise.all(ids.map((id) => login(id)));
    for (const [n, other] of others.entries()) {
      const { convMessage } = await other.request({
        cmd: "conv",
        op: "add",
        convMessage: { cid, m: [ids[n]!] },
      });
      assert.deepEqual(convMessage?.allowedPids, [ids[n]]);
    }
    const { convMessage } = await tom.request({ cmd: "conv", op: "count", convMessage: { cid } });
    assert.equal(convMessage?.count, 601);
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi" } });
    await settle();
    const said = others.map(({ pushes }) => pushes.map(({ directMessage }) => directMessage?.msg));
    assert.deepEqual(said, others.map(() => ["hi"]));
  });
});
