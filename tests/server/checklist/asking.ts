/**
 * Exchanges over plain HTTP: where to connect, what was missed, who manages what.
 *
 * @module
 */
import assert from "node:assert/strict";
import type { Exchange } from "./exchange.ts";
import type { Recording } from "./recording.ts";

/** The one answer to a client. */
function answerTo(recording: Recording, client: string) {
  const answers = recording.answers.filter((answer) => answer.client === client);
  assert.equal(answers.length, 1, `${client} asked once`);
  return answers[0]!;
}

/** The exchanges. */
export const asking: readonly Exchange[] = [
  {
    title: "clients ask where to connect",
    play: async ({ ask }) => {
      const route = "v1/route?appId=app";
      await ask("JavaScript", `${route}&secure=true&_t=1700000000000&features=wechat`);
      await ask("Swift", `${route}&secure=1`);
      await ask("Java", `${route}&installationId=I1&secure=1`);
      await ask("C#", `${route}&secure=1`);
      await ask("app router", "2/route?appId=app");
      await ask("stranger", "v1/route?appId=other&secure=1", undefined, { appId: "other" });
    },
    promises: [
      {
        to: "C#",
        that: "dials the second address unasked, and so has one, as the others do",
        kept: (recording) => {
          for (const client of ["JavaScript", "Swift", "Java", "C#"]) {
            const { status, headers, body } = answerTo(recording, client);
            assert.equal(status, 200);
            assert.match(headers["content-type"]!, /^application\/json/);
            for (const url of [body.server, body.secondary]) assert.match(url, /^wss?:\/\//);
          }
        },
      },
      {
        to: "Swift",
        that: "reads for how many seconds, as a number",
        kept: (recording) => assert.ok(answerTo(recording, "Swift").body.ttl > 0),
      },
      {
        to: "JavaScript",
        that: "puts a scheme before what the app router says, and so has hosts without one",
        kept: (recording) => {
          const { body } = answerTo(recording, "app router");
          for (const key of ["rtm_router_server", "api_server", "push_server"]) {
            assert.match(body[key], /^[\w.:-]+$/);
          }
        },
      },
      {
        to: "Swift",
        that: "never asks again after a 404, and so has something else where an app is unknown",
        kept: (recording) => {
          const { status, body } = answerTo(recording, "stranger");
          assert.equal(status, 400);
          assert.deepEqual(body.code, 4100);
        },
      },
    ],
  },
  {
    title: "clients of a page elsewhere ask",
    play: async ({ ask }) => {
      await ask("browser", "v1/route?appId=app", undefined, {
        headers: { Origin: "https://x.example" },
      });
      const asked = "x-lc-id,x-lc-key,x-lc-sign,x-lc-session,x-lc-prod,x-lc-ua," +
        "x-lc-im-session-token,content-type";
      const headers = {
        Origin: "https://x.example",
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": asked,
      };
      await ask("preflight", "1.1/rtm/notifications", undefined, { method: "OPTIONS", headers });
    },
    promises: [{
      to: "JavaScript",
      that: "may, with all headers that it sends",
      kept: (recording) => {
        assert.equal(answerTo(recording, "browser").headers["access-control-allow-origin"], "*");
        const { headers, status } = answerTo(recording, "preflight");
        assert.equal(status, 204);
        const allowed = headers["access-control-allow-headers"]!.toLowerCase().split(",");
        for (const name of ["id", "key", "sign", "session", "prod", "ua", "im-session-token"]) {
          assert.ok(allowed.includes(`x-lc-${name}`), name);
        }
      },
    }],
  },
  {
    title: "clients ask who manages a conversation",
    play: async ({ login, start, conv, ask, signedKey }) => {
      const tom = await login("tom", { appId: "roles" });
      const eve = await login("eve", { appId: "roles" });
      const cid = await start(tom, { m: ["jerry", "spike"] });
      const info = { pid: "jerry", role: "Manager" };
      await conv(tom, "member_info_update", { cid, targetClientId: "jerry", info });
      const [mine, hers] = [tom, eve].map(({ client }) => client.heard[0]!.sessionMessage!.st);
      const where = encodeURIComponent(JSON.stringify({ cid }));
      const path = "1.1/classes/_ConversationMemberInfo?client_id=tom";
      const appId = "roles";
      const signed = { appId, headers: signedKey() };
      await ask("JavaScript", `${path}&where=${where}`, mine, { appId });
      await ask("Swift", `${path}&where=${where}&limit=500`, mine, signed);
      await ask("Java", `${path}&where=${where}&limit=10&skip=0`, mine, signed);
      await ask("C#", `${path}&cid=${cid}`, mine, signed);
      await ask("eve", `${path.replace("tom", "eve")}&cid=${cid}`, hers, { appId });
      await ask("thief", `${path}&cid=${cid}`, hers, { appId });
    },
    promises: [
      {
        to: "Swift",
        that: "counts one row after one promotion, and reads the role in it, as the others do",
        kept: (recording) => {
          const { info, cid } = recording.heard(true).find(({ name }) =>
            name === "conv/member_info_changed"
          )!.command.convMessage!;
          const row = { objectId: info!.infoId, cid, clientId: "jerry", role: "Manager" };
          for (const client of ["JavaScript", "Swift", "Java", "C#"]) {
            assert.deepEqual(answerTo(recording, client).body, { results: [row] });
          }
        },
      },
      {
        to: "Any",
        that: "is refused by a status, a code and an error where it is no member, or somebody else",
        kept: (recording) => {
          const refusal = (client: string) => {
            const { status, body } = answerTo(recording, client);
            assert.equal(typeof body.error, "string");
            return [status, body.code];
          };
          assert.deepEqual([refusal("eve"), refusal("thief")], [[403, 4317], [401, 4112]]);
        },
      },
    ],
  },
  {
    title: "clients ask for what they missed",
    play: async ({ login, start, conv, ask, signedKey, lose, clock }) => {
      const tom = await login("tom");
      const jerry = await login("jerry");
      const cid = await start(tom, { m: ["jerry"] }, [jerry]);
      const { st } = jerry.client.heard[0]!.sessionMessage!;
      const since = clock.now();
      await lose(jerry);
      await conv(tom, "update", { cid, attr: { data: '{"name":"x","attr.n":1}' } });
      await conv(tom, "add", { cid, m: ["mary"] });
      await conv(tom, "add_shutup", { cid, m: ["jerry"] });
      const path = `1.1/rtm/notifications?client_id=jerry&start_ts=${since}`;
      await ask("JavaScript", `${path}&notification_type=permanent`, st);
      await ask("Swift", path, st, { headers: signedKey() });
      await ask("late", path.replace(/start_ts=\d+/, "start_ts=1"), st, { headers: signedKey() });
    },
    promises: [
      {
        to: "JavaScript",
        that: "looks operations up by their own names, and opens JSON within JSON by itself",
        kept: (recording) => {
          const { hasMore, notifications } = answerTo(recording, "JavaScript").body;
          assert.equal(hasMore, false);
          assert.deepEqual(notifications.map(({ op }: { op: string }) => op), [
            "updated",
            "members_joined",
            "shutuped",
            "members_shutuped",
          ]);
          const { attr, notificationType, serverTs } = notifications[0];
          assert.deepEqual(JSON.parse(attr.data), { name: "x", "attr.n": 1 });
          assert.equal(notificationType, 1);
          assert.ok(serverTs > 0);
        },
      },
      {
        to: "Swift",
        that: "reads hyphens and objects, and whether it was away for too long",
        kept: (recording) => {
          const { permanent, droppable } = answerTo(recording, "Swift").body;
          assert.deepEqual(permanent.notifications.map(({ op }: { op: string }) => op), [
            "updated",
            "members-joined",
            "shutuped",
            "members-shutuped",
          ]);
          const { attr, attrModified, udate, initBy } = permanent.notifications[0];
          assert.deepEqual([attr, attrModified, initBy], [
            { name: "x", "attr.n": 1 },
            { name: "x", attr: { n: 1 } },
            "tom",
          ]);
          assert.ok(Date.parse(udate) > 0);
          assert.deepEqual(droppable, { notifications: [], invalidLocalConvCache: false });
          assert.equal(answerTo(recording, "late").body.droppable.invalidLocalConvCache, true);
        },
      },
    ],
  },
  {
    title: "clients ask for what a server of instant messaging alone has not",
    play: async ({ ask }) => {
      for (const path of ["1.1/date", "1.1/users/me", "1.1/installations", "1.1/fileTokens"]) {
        await ask("Java", path);
      }
      await ask("JavaScript", "1.1/rtm/sign", undefined, { method: "POST" });
    },
    promises: [{
      to: "Java",
      that: "has an answer that is no page, with a code and an error",
      kept: (recording) => {
        for (const { status, body } of recording.answers) {
          assert.ok(status >= 400 && status < 500);
          assert.equal(typeof body.code, "number");
          assert.equal(typeof body.error, "string");
        }
      },
    }],
  },
];
