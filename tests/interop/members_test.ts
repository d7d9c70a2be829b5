/**
 * What the members of a conversation hear of each other, and long lists of them: Curlew's client
 * and LeanCloud's own on either side.
 *
 * @module
 */
import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import type * as official from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { meeting, sides } from "./sides.ts";

for (const { title, appId, actor, other } of sides) {
  describe(`members: ${title}`, () => {
    const { logIn } = meeting({ roles: true });
    let jerry: official.IMClient;
    let mine: official.Conversation;
    let his: official.Conversation;

    before(async () => {
      const tom = await logIn(actor, appId, "tom");
      jerry = await logIn(other, appId, "jerry");
      const members = ["jerry", "spike", "butch", "tyke"];
      mine = await tom.createConversation({ members }) as official.Conversation;
      his = await jerry.getConversation(mine.id) as official.Conversation;
    });

    it("hear who is silenced and blocked, and who no longer is", async () => {
      const whom = ["butch", "spike"];
      for (
        const [act, event, by] of [
          [() => mine.muteMembers(whom), "membersmuted", "mutedBy"],
          [() => mine.unmuteMembers(whom), "membersunmuted", "unmutedBy"],
          [() => mine.blockMembers(whom), "membersblocked", "blockedBy"],
          [() => mine.unblockMembers(whom), "membersunblocked", "unblockedBy"],
        ] as const
      ) {
        const told = heard<[{ members: string[] }]>(his, event);
        assert.deepEqual([...(await act()).successfulClientIds].sort(), whom);
        const [{ members, ...rest }] = await told;
        assert.deepEqual([[...members].sort(), rest], [whom, { [by]: "tom" }]);
      }
      await mine.add(whom);
    });

    it("hear on the client, too, what a conversation is called now", async () => {
      const told = heard<[{ attributes: object; updatedBy: string }, { id: string }]>(
        jerry,
        "conversationinfoupdated",
      );
      mine.name = "Cheese";
      await mine.save();
      const [{ attributes, updatedBy }, { id }] = await told;
      assert.deepEqual([attributes, updatedBy, id], [{ name: "Cheese" }, "tom", mine.id]);
    });

    it("are listed a page at a time, those who are silenced and those who are blocked", async () => {
      await mine.muteMembers(["butch", "spike", "tyke"]);
      await mine.blockMembers(["butch", "spike", "tyke"]);
      for (const list of ["queryMutedMembers", "queryBlockedMembers"] as const) {
        const first = await mine[list]({ limit: 2 });
        assert.equal(first.results.length, 2);
        const second = await mine[list]({ limit: 2, next: first.next });
        assert.deepEqual([...first.results, ...second.results].sort(), ["butch", "spike", "tyke"]);
        assert.ok(!second.next);
      }
    });

    it("are added where they may be, and it says for whom it failed and why", async () => {
      const { successfulClientIds, failures } = await mine.add(["butch", "nibbles", "spike"]);
      assert.deepEqual(successfulClientIds, ["nibbles"]);
      assert.deepEqual(failures.map(({ name }) => name), failures.map(() => "BLOCKED_BY_CONV"));
      assert.deepEqual(failures.flatMap(({ clientIds }) => clientIds).sort(), ["butch", "spike"]);
    });

    it("have roles, which are listed and asked for one by one", async () => {
      const told = heard(his, "memberinfoupdated");
      // The official declarations have numbers where its roles are strings.
      const { MANAGER, OWNER, MEMBER } = actor.ConversationMemberRole;
      await mine.updateMemberRole("jerry", MANAGER);
      await told;
      const infos = await his.getAllMemberInfo({ noCache: true });
      const roles = Object.fromEntries(infos.map(({ memberId, role }) => [memberId, role]));
      assert.deepEqual([roles.tom, roles.jerry], [OWNER, MANAGER]);
      assert.equal((await his.getMemberInfo("jerry"))?.role, MANAGER);
      assert.equal((await his.getMemberInfo("nibbles"))?.role, MEMBER);
      assert.equal((await his.getMemberInfo("tom"))?.isOwner, true);
    });
  });
}
