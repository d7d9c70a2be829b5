import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Conversation, ConversationMemberInfo, ConversationMemberRole } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { testApp } from "../../kit/test_server.ts";
import { group, type Talk, talking } from "./talk.ts";
import { heard, inWorld } from "./world.ts";

const { OWNER, MANAGER, MEMBER } = ConversationMemberRole;
const roles = { apps: [{ ...testApp, roles: true }] };

const three = async (talk: Talk) => {
  const { clients, mine, theirs: [jerrys, marys] } = await group(talk, ["jerry", "mary"]);
  for (const each of [mine, jerrys, marys]) assert.ok(each instanceof Conversation);
  return {
    clients,
    mine: mine as Conversation,
    jerrys: jerrys as Conversation,
    marys: marys as Conversation,
  };
};

describe("roles", () => {
  it(
    "are given, and heard of by all",
    talking(async (talk) => {
      const { clients: [tom, , mary], mine, jerrys, marys } = await three(talk);
      const there = heard(mary!, "memberinfoupdated");
      const here = heard(tom!, "memberinfoupdated");
      assert.equal(await mine.updateMemberRole("jerry", MANAGER), mine);
      await settle();
      assert.equal(here.length, 1);
      const [[, payload, conversation]] = there as [[string, Record<string, unknown>, unknown]];
      assert.equal(conversation, marys);
      assert.deepEqual([payload.member, payload.updatedBy], ["jerry", "tom"]);
      const info = payload.memberInfo as ConversationMemberInfo;
      assert.ok(info instanceof ConversationMemberInfo);
      assert.deepEqual(JSON.parse(JSON.stringify(info)), {
        conversationId: mine.id,
        memberId: "jerry",
        role: "Manager",
        isOwner: false,
      });
      assert.deepEqual((await jerrys.muteMembers("mary")).successfulClientIds, ["mary"]);
      await mine.updateMemberRole("jerry", MEMBER);
      await assert.rejects(jerrys.muteMembers("mary"), { code: 4320 });
    }, roles),
  );

  it(
    "are listed for all members, and asked for once",
    talking(async (talk) => {
      const { mine, marys } = await three(talk);
      const list = async (conversation: Conversation, noCache?: boolean) =>
        Object.fromEntries(
          (await conversation.getAllMemberInfo(noCache === undefined ? {} : { noCache }))
            .map(({ memberId, role }) => [memberId, role]),
        );
      const before = { tom: OWNER, jerry: MEMBER, mary: MEMBER };
      assert.deepEqual(await list(marys), before);
      await mine.updateMemberRole("jerry", MANAGER);
      await settle();
      const after = { ...before, jerry: MANAGER };
      assert.deepEqual(await list(marys), after, "the news is taken over");
      assert.deepEqual(await list(marys, true), after);
      assert.deepEqual(await list(mine), after);
      const { role, isOwner } = await marys.getMemberInfo("tom");
      assert.deepEqual([role, isOwner], [OWNER, true]);
      await assert.rejects(marys.getMemberInfo("nobody"), TypeError);
    }, roles),
  );

  it(
    "make nobody the owner",
    talking(async (talk) => {
      const { mine } = await three(talk);
      await assert.rejects(mine.updateMemberRole("jerry", OWNER), {
        name: "OWNER_PROMOTION_NOT_ALLOWED",
        code: 5130,
      });
    }, roles),
  );

  it(
    "are asked for with the app's keys and the session's token",
    inWorld(async ({ server, device, fetched }) => {
      server.seed("c", ["tom & co"]);
      const tom = await device().createIMClient("tom & co");
      const conversation = await tom.getConversation("c") as Conversation;
      // What is answered is no list.
      await assert.rejects(conversation.getAllMemberInfo());
      assert.deepEqual(fetched.map(({ url, headers }) => [url, headers]), [[
        "http://server/1.1/classes/_ConversationMemberInfo?client_id=tom%20%26%20co&cid=c",
        { "X-LC-Id": "app", "X-LC-Key": "key", "X-LC-IM-Session-Token": "st-1" },
      ]]);
    }),
  );
});
