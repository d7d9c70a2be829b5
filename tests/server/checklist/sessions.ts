/**
 * Exchanges about logging in, coming back and leaving.
 *
 * @module
 */
import assert from "node:assert/strict";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { until } from "../../kit/wire_client.ts";
import { type Exchange, hears } from "./exchange.ts";

const error = { code: 4112, reason: "SESSION_TOKEN_EXPIRED" };

/** The exchanges. */
export const sessions: readonly Exchange[] = [
  {
    title: "a second device logs in under the same tag",
    play: async ({ login, begin }) => {
      await login("tom", { session: { tag: "Mobile", deviceId: "D1" } });
      await login("jerry");
      begin();
      await login("tom", { as: "tablet", session: { tag: "Mobile", deviceId: "D2" } });
    },
    promises: [
      hears("Any", "ends the first session, once, and no other", {
        tablet: "session/opened",
        tom: "session/closed",
        jerry: "",
      }),
      {
        to: "JavaScript",
        that: "has a conflict by its code, with a reason",
        kept: (recording) => {
          const { code, reason } = recording.one("tom", "session/closed").sessionMessage!;
          assert.deepEqual([code, reason], [4111, "SESSION_CONFLICT"]);
        },
      },
    ],
  },
  {
    title: "a device comes back whose tag another one has",
    oneNode: true,
    play: async ({ login, begin }) => {
      await login("tom", { session: { tag: "Mobile", deviceId: "D1" } });
      begin();
      await login("tom", { as: "late", session: { r: true, tag: "Mobile", deviceId: "D2" } });
      await login("tom", { as: "same", session: { r: true, tag: "Mobile", deviceToken: "D1" } });
    },
    promises: [
      hears("Swift", "refuses the newcomer, and lets the same device in", {
        tom: "",
        late: "session/closed",
        same: "session/opened",
      }),
      {
        to: "Swift",
        that: "has the refusal as the reply to its login",
        kept: (recording) => {
          const { i, sessionMessage } = recording.one("late", "session/closed");
          assert.equal(typeof i, "number");
          assert.deepEqual(sessionMessage!.code, 4111);
        },
      },
    ],
  },
  {
    title: "clients come back by their tokens",
    play: async ({ arrive, open, request, tell, begin }) => {
      const first = await arrive("first");
      const { sessionMessage } = await open(first, "tom", {
        session: { tag: "Mobile", deviceId: "D1" },
      });
      const st = sessionMessage!.st!;
      const again = { cmd: "session", op: "open", peerId: "tom" } as const;
      const [javaScript, java, csharp, bad, badJava] = [
        await arrive("javascript"),
        await arrive("java"),
        await arrive("csharp", { codec: protobufText }),
        await arrive("bad"),
        await arrive("badJava"),
      ];
      begin();
      for (const device of [javaScript, java, csharp]) device.clients.add("tom");
      const known = { r: true, st, configBitmap: 187 };
      const times = { lastUnreadNotifTime: 0, lastPatchTime: 1 };
      await request(javaScript, { ...again, appId: "app", sessionMessage: { ...known, ...times } });
      await tell(java, { ...again, sessionMessage: { r: true, st, deviceId: "D1" } });
      await request(csharp, {
        ...again,
        appId: "app",
        sessionMessage: { r: true, tag: "Mobile", deviceId: "D1" },
      });
      await request(bad, { ...again, appId: "app", sessionMessage: { ...known, st: `${st}x` } });
      await tell(badJava, { ...again, sessionMessage: { r: true, st: "old", deviceId: "D1" } });
      for (const { client } of [java, badJava]) await until(() => client.heard[0], "reply");
    },
    promises: [
      hears("Java", "is answered without a number, as it asks, and without naming its app", {
        java: "session/opened",
        badJava: "error",
      }),
      hears("C#", "comes back without a token, and without saying what it understands", {
        csharp: "session/opened",
      }),
      hears("JavaScript", "comes back without tag, device and signature", {
        javascript: "session/opened",
      }),
      {
        to: "JavaScript",
        that: "logs in anew where a bad token is an error, and not the end of its session",
        kept: (recording) => {
          for (const device of ["bad", "badJava"]) {
            const { errorMessage, sessionMessage } = recording.one(device, "error");
            const { code, reason } = errorMessage!;
            assert.deepEqual([{ code, reason }, sessionMessage], [error, undefined]);
          }
        },
      },
    ],
  },
  {
    title: "a token remembers the tag of its login",
    play: async ({ arrive, open, login, begin }) => {
      const first = await arrive("first");
      const { sessionMessage } = await open(first, "tom", {
        session: { tag: "Mobile", deviceId: "D1" },
      });
      const back = await arrive("back");
      await open(back, "tom", { session: { r: true, st: sessionMessage!.st } });
      begin();
      await login("tom", { as: "tablet", session: { tag: "Mobile", deviceId: "D2" } });
    },
    promises: [
      hears("JavaScript", "has a conflict also where it came back without its tag", {
        first: "session/closed",
        back: "session/closed",
      }),
    ],
  },
  {
    title: "JavaScript logs in without a name",
    play: async ({ arrive, request, begin }) => {
      const device = await arrive("anonymous");
      begin();
      const { peerId } = await request(device, {
        cmd: "session",
        op: "open",
        appId: "app",
        sessionMessage: { ua: "js/4.3.1", r: false, configBitmap: 59 },
      });
      device.clients.add(peerId!);
    },
    promises: [{
      to: "JavaScript",
      that: "is given a name of its own",
      kept: (recording) =>
        assert.match(recording.one("anonymous", "session/opened").peerId!, /^[\w-]{16,64}$/),
    }],
  },
  {
    title: "two clients share a link",
    play: async ({ arrive, open, start, say, request, login, begin }) => {
      const shared = await arrive("shared");
      await open(shared, "tom");
      await open(shared, "jerry");
      const spike = await login("spike");
      const cid = await start(spike, { m: ["tom", "jerry"] });
      begin();
      await say(spike, { cid, msg: "both of you" });
      await request(shared, { cmd: "conv", op: "count", convMessage: { cid } });
      await request(shared, { cmd: "conv", op: "count", convMessage: { cid }, peerId: "jerry" });
    },
    promises: [
      {
        to: "Java",
        that: "hears each push once for each client",
        kept: (recording) => {
          const pushes = recording.all("shared", "direct").map(({ peerId }) => peerId);
          assert.deepEqual(pushes.toSorted(), ["jerry", "tom"]);
        },
      },
      {
        to: "JavaScript",
        that: "means the first client where it names none",
        kept: (recording) => {
          const names = recording.all("shared", "conv/result").map(({ peerId }) => peerId);
          assert.deepEqual(names, ["tom", "jerry"]);
        },
      },
    ],
  },
  {
    title: "numbers of any kind, and none",
    play: async ({ login, request, tell, arrive, begin }) => {
      const tom = await login("tom");
      const stranger = await arrive("stranger");
      begin();
      for (const i of [0, -1, -65_535, 2_147_483_647, -2_147_483_648]) {
        await request(tom, { cmd: "echo", i });
        await request(tom, { cmd: "session", op: "query", i, sessionMessage: {} });
      }
      await tell(tom, { cmd: "echo" });
      await tell(tom, { cmd: "echo", appId: "app", peerId: "app" });
      await tell(stranger, { cmd: "echo", appId: "app", peerId: "app" });
      await tell(tom, { cmd: "conv", op: "count", convMessage: { cid: "none" } });
    },
    promises: [
      {
        to: "Java",
        that: "has its negative numbers and its 0 back",
        kept: (recording) => {
          const numbers = recording.all("tom", "session/query_result").map(({ i }) => i);
          assert.deepEqual(numbers, [0, -1, -65_535, 2_147_483_647, -2_147_483_648]);
        },
      },
      {
        to: "C#",
        that: "hears an echo without a number of one without, by whatever name, logged in or not",
        kept: (recording) => {
          const silent = recording.all("tom", "echo").filter(({ i }) => i === undefined);
          assert.equal(silent.length, 2);
          assert.equal(recording.one("stranger", "echo").i, undefined);
        },
      },
      {
        to: "JavaScript",
        that: "hears nothing of what it asked without a number, also where it was refused",
        kept: (recording) => assert.equal(recording.all("tom", "error").length, 0),
      },
    ],
  },
  {
    title: "a client asks about its session, and leaves",
    oneNode: true,
    play: async ({ login, request, begin }) => {
      const tom = await login("tom");
      await login("jerry");
      begin();
      await request(tom, {
        cmd: "session",
        op: "query",
        sessionMessage: { sessionPeerIds: ["jerry", "spike"] },
      });
      await request(tom, { cmd: "session", op: "refresh", sessionMessage: { st: "expired" } });
      await request(tom, { cmd: "session", op: "refresh", sessionMessage: { tag: "Mobile" } });
      await request(tom, {
        cmd: "report",
        op: "upload",
        reportMessage: { initiative: true, type: "token", data: "x" },
      });
      await request(tom, { cmd: "session", op: "close" });
      await request(tom, { cmd: "conv", op: "query", convMessage: {} });
    },
    promises: [
      hears("Java", "is answered by the names that it checks", {
        tom: "session/query_result session/refreshed session/refreshed report/uploaded " +
          "session/closed error",
        jerry: "",
      }),
      {
        to: "JavaScript",
        that: "learns who is online",
        kept: (recording) => {
          const { sessionMessage } = recording.one("tom", "session/query_result");
          assert.deepEqual(sessionMessage!.onlineSessionPeerIds, ["jerry"]);
        },
      },
    ],
  },
  {
    title: "Java's device registers for push messages first",
    play: async ({ arrive, tell, open, begin }) => {
      const device = await arrive("android");
      begin();
      await tell(device, {
        cmd: "login",
        appId: "app",
        installationId: "I1",
        loginMessage: { systemInfo: { deviceType: "android" } },
      });
      await open(device, "tom");
    },
    promises: [
      hears("Java", "is answered, and can log in then", { android: "loggedin session/opened" }),
      {
        to: "Java",
        that: "stays connected, being told that push messages are on, by the push service",
        kept: (recording) => {
          const { i, service, loggedinMessage } = recording.one("android", "loggedin");
          assert.deepEqual([i, service, loggedinMessage], [undefined, 0, { pushDisabled: false }]);
        },
      },
    ],
  },
  {
    title: "the server goes away",
    play: async ({ login, server, begin }) => {
      const tom = await login("tom");
      begin();
      const closing = server.close();
      await tom.client.ended();
      await closing;
    },
    promises: [{
      to: "Java",
      that: "hears of it by the name of a client that is logged in",
      kept: (recording) => {
        const { i, peerId } = recording.one("tom", "goaway");
        assert.deepEqual([i, peerId], [undefined, "tom"]);
      },
    }],
  },
];
