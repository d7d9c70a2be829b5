import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as four from "leancloud-realtime-4";
import * as five from "leancloud-realtime-5";
import { heard } from "../kit/heard.ts";
import { ServerProcess } from "../kit/server_process.ts";

const forms = [
  { name: "leancloud-realtime 5.0.0-rc.8", appId: "roles-five", sdk: five },
  { name: "leancloud-realtime 4.3.1", appId: "roles-four", sdk: four },
] as const;

describe("an app with roles", () => {
  let server: ServerProcess;

  before(async () => {
    const apps = forms.map(({ appId }) => ({
      id: appId,
      key: "key",
      masterKey: "master",
      roles: true,
    }));
    server = await ServerProcess.ofApps(apps);
  });
  after(async () => {
    await server?.stop();
  });

  for (const { name, appId, sdk } of forms) {
    it(`${name} makes managers, silences and blocks members`, async () => {
      const where = sdk === five
        ? { server: server.url }
        : { RTMServers: server.url.replace("http", "ws") }; // 4.3.1 asks a router by https alone
      const realtime = new sdk.Realtime({ appId, appKey: "key", ...where }) as five.Realtime;
      const [tom, jerry, spike] = await Promise.all(
        ["tom", "jerry", "spike"].map((id) => realtime.createIMClient(id)),
      ) as [five.IMClient, five.IMClient, five.IMClient];
      const talk = await tom.createConversation({
        members: ["jerry", "spike"],
        unique: false,
      }) as five.Conversation;
      const theirs = await jerry.getConversation(talk.id) as five.Conversation;
      const { MANAGER, MEMBER } = sdk.ConversationMemberRole;

      const [failure] = (await theirs.remove(["spike"])).failures;
      assert.equal(failure?.name, "CONVERSATION_OPERATION_UNAUTHORIZED");
      const told = sdk === five
        ? heard<[{ member: string; memberInfo: { role: string } }]>(spike, "memberinfoupdated")
        : undefined;
      await talk.updateMemberRole("jerry", MANAGER);
      if (told) { // 4.3.1 asks for roles by https alone, too
        const [{ member, memberInfo }] = await told;
        assert.deepEqual([member, memberInfo.role], ["jerry", MANAGER]);
        const infos = await theirs.getAllMemberInfo({ noCache: true });
        const roles = Object.fromEntries(infos.map((info) => [info.memberId, info.role]));
        assert.deepEqual([roles.tom, roles.jerry], [sdk.ConversationMemberRole.OWNER, MANAGER]);
      }

      const muted = heard<[{ mutedBy: string }]>(spike, "muted");
      const { successfulClientIds, failures } = await theirs.muteMembers(["spike", "tom"]);
      assert.deepEqual([successfulClientIds, failures.length], [["spike"], 1]);
      assert.equal((await muted)[0].mutedBy, "jerry");
      const own = await spike.getConversation(talk.id) as five.Conversation;
      await assert.rejects(own.send(new sdk.TextMessage("hi") as five.TextMessage), {
        name: "SILIENCED",
      });
      assert.deepEqual((await talk.queryMutedMembers({ limit: 10 })).results, ["spike"]);
      await talk.unmuteMembers(["spike"]);
      await own.send(new sdk.TextMessage("hi") as five.TextMessage);

      const blocked = heard<[{ blockedBy: string }]>(spike, "blocked");
      await theirs.blockMembers(["spike"]);
      assert.equal((await blocked)[0].blockedBy, "jerry");
      assert.deepEqual((await talk.queryBlockedMembers({ limit: 10 })).results, ["spike"]);
      await assert.rejects(own.join());
      await talk.unblockMembers(["spike"]);
      await own.join();
      await talk.updateMemberRole("jerry", MEMBER);
      for (const client of [tom, jerry, spike]) await client.close();
    });
  }
});
