import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { testApp } from "../../kit/test_server.ts";
import { group, talking } from "./talk.ts";
import { heard, inWorld } from "./world.ts";

const roles = { apps: [{ ...testApp, roles: true }] };

describe("muting members", () => {
  it(
    "keeps them from sending, until they are unmuted; all hear of it",
    talking(async (talk) => {
      const { clients: [tom, jerry], mine, theirs: [his] } = await group(talk, ["jerry", "mary"]);
      const names = ["muted", "unmuted", "membersmuted", "membersunmuted"];
      const [there, here] = [heard(jerry!, ...names), heard(tom!, ...names)];
      const { successfulClientIds, failures } = await mine.muteMembers(["jerry"]);
      assert.deepEqual([successfulClientIds, failures], [["jerry"], []]);
      await settle();
      await assert.rejects(his!.send(new TextMessage("hi")), { code: 4563, name: "SILIENCED" });
      await mine.unmuteMembers("jerry");
      await his!.send(new TextMessage("hi"));
      await settle();
      const members = ["jerry"];
      assert.deepEqual(there, [
        ["muted", { mutedBy: "tom" }, his],
        ["membersmuted", { members, mutedBy: "tom" }, his],
        ["unmuted", { unmutedBy: "tom" }, his],
        ["membersunmuted", { members, unmutedBy: "tom" }, his],
      ]);
      assert.deepEqual(here.map(([name]) => name), ["membersmuted", "membersunmuted"]);
    }, roles),
  );

  it(
    "says for whom it failed, and why",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk, ["jerry", "mary"]);
      const { successfulClientIds, failures: [failure] } = await mine.muteMembers(["mary", "tom"]);
      assert.deepEqual(successfulClientIds, ["mary"]);
      assert.deepEqual([failure?.code, failure?.clientIds], [4320, ["tom"]]);
      assert.ok(failure instanceof Error);
      await assert.rejects(his!.muteMembers(["mary"]), { code: 4320 });
    }, roles),
  );

  it(
    "is listed, a page at a time",
    talking(async (talk) => {
      const { mine } = await group(talk, ["a", "b", "c"]);
      assert.deepEqual((await mine.queryMutedMembers()).results, []);
      await mine.muteMembers(["a", "b", "c"]);
      const first = await mine.queryMutedMembers({ limit: 2 });
      const { next } = first;
      const rest = await mine.queryMutedMembers({ limit: 2, next });
      assert.deepEqual([first.results.length, rest.results.length], [2, 1]);
      assert.deepEqual([...first.results, ...rest.results].sort(), ["a", "b", "c"]);
      assert.equal(rest.next, undefined);
    }, roles),
  );
});

describe("blocking members", () => {
  it(
    "removes them and keeps them out, until they are unblocked; all hear of it",
    talking(async (talk) => {
      const { clients: [tom, jerry], mine, theirs: [his] } = await group(talk, ["jerry", "mary"]);
      const names = ["blocked", "unblocked", "membersblocked", "membersunblocked"];
      const there = heard(jerry!, ...names, "kicked");
      const here = heard(tom!, ...names, "membersleft");
      const { successfulClientIds } = await mine.blockMembers(["jerry", "jerry"]);
      assert.deepEqual(successfulClientIds, ["jerry"]);
      await settle();
      assert.deepEqual(mine.members, ["tom", "mary"].sort());
      await assert.rejects(his!.join(), { code: 4548, name: "BLOCKED_BY_CONV" });
      assert.deepEqual(await mine.queryBlockedMembers({ limit: 5 }), {
        results: ["jerry"],
        next: undefined,
      });
      await mine.unblockMembers(["jerry"]);
      await his!.join();
      await settle();
      assert.deepEqual(there, [
        ["blocked", { blockedBy: "tom" }, his],
        ["kicked", { kickedBy: "tom" }, his],
        ["unblocked", { unblockedBy: "tom" }, his],
      ]);
      assert.deepEqual(here.map(([name]) => name), [
        "membersblocked",
        "membersleft",
        "membersunblocked",
      ]);
    }, roles),
  );

  it(
    "is signed by blacklistSignatureFactory",
    inWorld(async ({ server, device }) => {
      server.seed("c", ["tom"]);
      const asked: unknown[][] = [];
      const never = () => assert.fail("asked the wrong factory");
      const tom = await device().createIMClient("tom", {
        conversationSignatureFactory: never,
        blacklistSignatureFactory: (...args) => {
          asked.push(args);
          return { signature: "s", timestamp: 1, nonce: "n" };
        },
      });
      server.script = ({ cmd }) =>
        cmd === "blacklist" ? { cmd, op: "blocked", blacklistMessage: {} } : undefined;
      const conversation = (await tom.getConversation("c"))!;
      await conversation.blockMembers(["b", "a"]);
      await conversation.unblockMembers("a");
      assert.deepEqual(asked, [
        ["c", "tom", ["a", "b"], "conversation-block-clients"],
        ["c", "tom", ["a"], "conversation-unblock-clients"],
      ]);
      const { s, t, n, srcCid, toPids } = server.requests("blacklist")[0]!.blacklistMessage!;
      assert.deepEqual([s, t, n, srcCid, toPids], ["s", 1, "n", "c", ["a", "b"]]);
    }),
  );
});
