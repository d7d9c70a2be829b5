import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IMClient, type Plugin, type Realtime, RealtimeError, TextMessage } from "@curlew/realtime";
import { settle } from "../kit/clock.ts";
import { heard, inWorld } from "./im/world.ts";

const LINK = ["disconnect", "offline", "online", "schedule", "retry", "reconnect"];
const names = (events: readonly (readonly unknown[])[]) => events.map(([name]) => name);

describe("createIMClient", () => {
  it(
    "logs in by a string",
    inWorld(async ({ server, device }) => {
      const tom = await device().createIMClient("tom");
      assert.ok(tom instanceof IMClient);
      assert.equal(tom.id, "tom");
      assert.deepEqual([...server.clients].map(({ id }) => id), ["tom"]);
      const [open] = server.requests("session", "open");
      assert.equal(open?.appId, "app");
      assert.equal(open?.peerId, "tom");
      assert.equal(open?.sessionMessage?.r, false);
      assert.equal(open?.sessionMessage?.configBitmap, 187);
      assert.match(open?.sessionMessage?.ua ?? "", /^curlew\//);
      assert.equal(open?.sessionMessage?.deviceId?.length, 36);
    }),
  );

  it(
    "takes the id that the server picks when it is given none",
    inWorld(async ({ device }) => {
      const realtime = device();
      const [one, other] = await Promise.all([
        realtime.createIMClient(),
        realtime.createIMClient(null),
      ]);
      assert.match(one.id, /^anonymous-/);
      assert.notEqual(one.id, other.id);
    }),
  );

  it(
    "logs in as a user, signed by the server",
    inWorld(async ({ server, device, fetched }) => {
      const user = { id: "tom", getSessionToken: () => "token" };
      const tom = await device().createIMClient(user);
      assert.equal(tom.id, "tom");
      const [request] = fetched;
      assert.equal(request?.url, "http://server/1.1/rtm/sign");
      assert.equal(request?.headers["X-LC-Id"], "app");
      assert.equal(request?.headers["X-LC-Key"], "key");
      assert.deepEqual(request?.body, { session_token: "token" });
      const { s, t, n } = server.requests("session", "open")[0]!.sessionMessage!;
      assert.deepEqual([s, t, n], ["signed", 7, "n"]);
    }),
  );

  it(
    "hands the identity to signatureFactory",
    inWorld(async ({ server, device }) => {
      const asked: unknown[] = [];
      const signatureFactory = (identity: unknown) => {
        asked.push(identity);
        return { signature: "s", timestamp: 1, nonce: "n" };
      };
      await device().createIMClient("tom", { signatureFactory });
      assert.deepEqual(asked, ["tom"]);
      assert.equal(server.requests("session", "open")[0]?.sessionMessage?.s, "s");
    }),
  );

  it(
    "rejects when the signature is malformed or its factory fails",
    inWorld(async ({ device }) => {
      await assert.rejects(
        device().createIMClient("tom", { signatureFactory: () => ({}) as never }),
        /[Mm]alformed signature/,
      );
      const cause = new Error("no key");
      await assert.rejects(
        device().createIMClient("tom", { signatureFactory: () => Promise.reject(cause) }),
        { name: "SIGN_ERROR", message: /no key/, cause },
      );
    }),
  );

  for (const none of [7, "", {}, { id: 7, getSessionToken: () => "" }]) {
    it(
      `refuses ${JSON.stringify(none)} as an identity`,
      inWorld(async ({ device }) => {
        await assert.rejects(device().createIMClient(none as never), TypeError);
      }),
    );
  }

  it(
    "gives the same instance for the same id, also while it is opening",
    inWorld(
      async ({ server, device }) => {
        const realtime = device();
        const [one, other] = await Promise.all([
          realtime.createIMClient("tom"),
          realtime.createIMClient("tom"),
        ]);
        assert.equal(one, other);
        assert.equal(await realtime.createIMClient("tom"), one);
        assert.equal(server.requests("session", "open").length, 1);
      },
    ),
  );

  it(
    "passes the tag, also by the deprecated third argument",
    inWorld(async ({ server, device }) => {
      await device().createIMClient("tom", { tag: "Mobile" });
      await device().createIMClient("jerry", {}, "Web");
      const tags = server.requests("session", "open").map(({ sessionMessage }) =>
        sessionMessage?.tag
      );
      assert.deepEqual(tags, ["Mobile", "Web"]);
    }),
  );

  it(
    "rejects with the server's refusal",
    inWorld(async ({ server, device }) => {
      server.script = ({ op }) =>
        op === "open"
          ? { cmd: "error", errorMessage: { code: 4103, reason: "INVALID_LOGIN" } }
          : undefined;
      await assert.rejects(
        device().createIMClient("tom"),
        (error) => error instanceof RealtimeError && error.code === 4103,
      );
    }),
  );
});

describe("the connection of a Realtime", () => {
  it(
    "is shared by its clients and closes with the last",
    inWorld(async ({ server, device }) => {
      const realtime = device();
      const tom = await realtime.createIMClient("tom");
      const jerry = await realtime.createIMClient("jerry");
      assert.equal(server.links, 1);
      assert.equal(realtime.transport, "memory");
      await tom.close();
      assert.equal(server.links, 1);
      await jerry.close();
      await settle();
      assert.equal(server.links, 0);
      assert.equal(realtime.transport, undefined);
    }),
  );

  it(
    "is opened anew by the next client",
    inWorld(async ({ server, device }) => {
      const realtime = device();
      await (await realtime.createIMClient("tom")).close();
      await realtime.createIMClient("tom");
      assert.equal(server.opened, 2);
      assert.equal(server.links, 1);
    }),
  );

  it(
    "carries a new client of the same id while the old one is still closing",
    inWorld(
      async ({ server, device }) => {
        const realtime = device();
        const tom = await realtime.createIMClient("tom");
        const closed = tom.close();
        const again = await realtime.createIMClient("tom");
        await closed;
        assert.notEqual(again, tom);
        assert.deepEqual(await again.ping(["tom"]), ["tom"]);
        assert.equal(server.clients.size, 1);
      },
    ),
  );

  it(
    "is one of several for the same app",
    inWorld(async ({ server, device }) => {
      await device().createIMClient("tom");
      await device().createIMClient("tom");
      assert.equal(server.links, 2);
    }),
  );

  it(
    "speaks version 1 with pushOfflineMessages",
    inWorld(async ({ server, device }) => {
      await device({ pushOfflineMessages: true }).createIMClient("tom");
      assert.equal([...server.clients][0]?.link.protocol, "lc.protobuf2.1");
    }),
  );

  it(
    "tells each client what happens to it, and reconnect once it is logged in again",
    inWorld(
      async ({ clock, server, device }) => {
        const realtime = device();
        const tom = await realtime.createIMClient("tom");
        const here = heard(realtime, ...LINK);
        const there = heard(tom, ...LINK);
        let loggedIn = false;
        tom.on("reconnect", () => {
          loggedIn = server.clients.size === 1;
        });
        server.cut();
        await clock.advance(1_000);
        const order = ["disconnect", "schedule", "retry", "reconnect"];
        assert.deepEqual(names(here), order);
        assert.deepEqual(names(there), order);
        assert.equal(here[1]?.[1], 0);
        assert.ok(Number(here[1]?.[2]) <= 1000);
        assert.equal(loggedIn, true);
      },
    ),
  );

  it(
    "is let go by pause and taken up by resume",
    inWorld(async ({ clock, server, device }) => {
      const realtime = device();
      const tom = await realtime.createIMClient("tom");
      const events = heard(tom, ...LINK);
      realtime.pause();
      await settle();
      assert.equal(server.links, 0);
      assert.deepEqual(names(events), ["disconnect", "offline"]);
      realtime.resume();
      await clock.advance(1_000);
      assert.deepEqual(names(events).slice(2), ["online", "schedule", "retry", "reconnect"]);
      assert.equal(server.clients.size, 1);
    }),
  );

  it(
    "is retried at once by retry, which throws when nothing is planned",
    inWorld(async (world) => {
      const { clock, server, device } = world;
      const realtime = device();
      assert.throws(() => realtime.retry());
      await realtime.createIMClient("tom");
      assert.throws(() => realtime.retry());
      world.blocked = true;
      server.cut();
      await clock.advance(10_000);
      world.blocked = false;
      realtime.retry();
      await settle();
      assert.equal(server.clients.size, 1);
    }),
  );

  it(
    "takes pause, resume and close before there is one",
    inWorld(async ({ device }) => {
      const realtime = device();
      realtime.pause();
      realtime.resume();
      await realtime.close();
    }),
  );

  it(
    "ends with close, and with await using",
    inWorld(async ({ server, device }) => {
      const realtime = device();
      const tom = await realtime.createIMClient("tom");
      const events = heard(tom, "close");
      await realtime.close();
      await settle();
      assert.equal(server.links, 0);
      assert.deepEqual(events, [["close", { code: 0 }]]);
      await assert.rejects(realtime.createIMClient("tom"), { name: "CLOSED" });
      {
        await using other: Realtime = device();
        await other.createIMClient("tom");
      }
      await settle();
      assert.equal(server.links, 0);
    }),
  );
});

describe("plugins", () => {
  it(
    "are told of what is created, in their order",
    inWorld(async ({ device }) => {
      const log: string[] = [];
      const plugin = (name: string): Plugin => ({
        name,
        onRealtimeCreate: () => log.push(`${name} realtime`),
        onIMClientCreate: (client) => log.push(`${name} ${client.id}`),
        onConversationCreate: (conversation) => log.push(`${name} ${conversation.id.slice(0, 4)}`),
      });
      const tom = await device({ plugins: [plugin("a"), plugin("b")] }).createIMClient("tom");
      const conversation = await tom.createConversation({ members: ["jerry"] });
      await conversation.send(new TextMessage("hi"));
      assert.deepEqual(log, ["a realtime", "b realtime", "a tom", "b tom", "a conv", "b conv"]);
    }),
  );
});
