import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { testApp, testServer } from "../../kit/test_server.ts";
import { localPeer } from "../../kit/wire_client.ts";

/** Tom and jerry, whom tom made a manager, and a way to ask who manages their conversation. */
async function managed() {
  const { server, login } = testServer({ apps: [{ ...testApp, roles: true }] });
  const tom = await login("tom");
  const { convMessage } = await tom.request({
    cmd: "conv",
    op: "start",
    convMessage: { m: ["jerry", "spike"] },
  });
  const cid = convMessage!.cid!;
  for (const pid of ["jerry", "spike"]) {
    await tom.request({
      cmd: "conv",
      op: "member_info_update",
      convMessage: { cid, targetClientId: pid, info: { pid, role: "Manager" } },
    });
  }
  const tokenOf = async (client: string) => {
    const opened = await (await login(client)).request({
      cmd: "session",
      op: "refresh",
      sessionMessage: {},
    });
    return opened.sessionMessage!.st!;
  };
  const ask = async (query: string, headers: Record<string, string>) => {
    const response = await server.fetch(
      new Request(`http://localhost/1.1/classes/_ConversationMemberInfo?${query}`, {
        headers: { "X-LC-Id": "app", "X-LC-Key": "key", ...headers },
      }),
      localPeer,
    );
    return { status: response.status, body: await response.json() };
  };
  return { cid, tokenOf, ask };
}

describe("who manages a conversation", () => {
  it("is told to members who show their session's token, however they ask", async () => {
    const { cid, tokenOf, ask } = await managed();
    const token = { "X-LC-IM-Session-Token": await tokenOf("tom") };
    const row = (clientId: string) => ({
      objectId: `${cid}/${clientId}`,
      cid,
      clientId,
      role: "Manager",
    });
    const where = encodeURIComponent(JSON.stringify({ cid }));
    for (const query of [`client_id=tom&where=${where}`, `cid=${cid}`, `cid=${cid}&limit=500`]) {
      const { status, body } = await ask(query, token);
      assert.deepEqual([status, body], [200, { results: [row("jerry"), row("spike")] }]);
    }
    assert.deepEqual((await ask(`cid=${cid}&skip=1`, token)).body.results, [row("spike")]);
    assert.deepEqual((await ask(`cid=${cid}&limit=1`, token)).body.results, [row("jerry")]);
  });

  it("is told to nobody else", async () => {
    const { cid, tokenOf, ask } = await managed();
    const token = { "X-LC-IM-Session-Token": await tokenOf("tom") };
    const cases: readonly [number, number, string, Record<string, string>][] = [
      [401, 401, `cid=${cid}`, { ...token, "X-LC-Key": "wrong" }],
      [401, 401, `cid=${cid}`, { ...token, "X-LC-Id": "other" }],
      [401, 4112, `cid=${cid}`, {}],
      [401, 4112, `cid=${cid}`, { "X-LC-IM-Session-Token": "made up" }],
      [401, 4112, `cid=${cid}&client_id=jerry`, token],
      [403, 4317, `cid=${cid}`, { "X-LC-IM-Session-Token": await tokenOf("eve") }],
      [403, 4317, "cid=nonsense", token],
      [400, 1, "", token],
      [400, 1, "where=nonsense", token],
      [400, 1, `where=${encodeURIComponent('{"cid":7}')}`, token],
    ];
    for (const [status, code, query, headers] of cases) {
      const answer = await ask(query, headers);
      assert.deepEqual([answer.status, answer.body.code], [status, code], query);
      assert.equal(typeof answer.body.error, "string");
    }
  });
});
