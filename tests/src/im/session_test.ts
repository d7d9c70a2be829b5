import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type IMClient, TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld } from "./world.ts";

describe("a session", () => {
  it(
    "is opened again with its token and what it was told",
    inWorld(
      async ({ clock, server, device }) => {
        server.seed("c", ["tom"]);
        await device().createIMClient("tom");
        server.push("tom", { cmd: "unread", unreadMessage: { notifTime: 77 } });
        await settle();
        const opened = clock.now();
        server.cut();
        await clock.advance(1_000);
        const { r, st, lastUnreadNotifTime, lastPatchTime, configBitmap } = server.requests(
          "session",
          "open",
        )[1]!.sessionMessage!;
        assert.deepEqual({ r, st, lastUnreadNotifTime, lastPatchTime, configBitmap }, {
          r: true,
          st: "st-1",
          lastUnreadNotifTime: 77,
          lastPatchTime: opened,
          configBitmap: 187,
        });
      },
    ),
  );

  it(
    "is opened again by signature when the token has expired",
    inWorld(
      async ({ clock, server, device }) => {
        server.tokenTtl = 60;
        await device().createIMClient("tom");
        await clock.advance(61_000);
        server.cut();
        await clock.advance(1_000);
        assert.equal(server.requests("session", "open")[1]?.sessionMessage?.st, undefined);
        assert.equal(server.clients.size, 1);
      },
    ),
  );

  it(
    "refreshes its token before it is used after its end",
    inWorld(
      async ({ clock, server, device }) => {
        server.tokenTtl = 60;
        const tom = await device().createIMClient("tom");
        assert.equal(await tom.session.token(), "st-1");
        await clock.advance(61_000);
        const token = await tom.session.token();
        assert.notEqual(token, "st-1");
        assert.equal(await tom.session.token(), token);
        assert.equal(server.requests("session", "refresh")[0]?.sessionMessage?.st, "st-1");
      },
    ),
  );

  it(
    "tells that it could not be opened again, and rejects who waits for it",
    inWorld(
      async ({ clock, server, device }) => {
        const tom = await device().createIMClient("tom");
        const events = heard(tom, "reconnect", "reconnecterror");
        server.script = () => ({
          cmd: "error",
          errorMessage: { code: 4102, reason: "SIGNATURE_FAILED" },
        });
        server.cut();
        await settle();
        const waiting = assert.rejects(tom.ping([]), { code: 4102 });
        await clock.advance(1_000);
        await waiting;
        await assert.rejects(tom.ping([]), { code: 4102 });
        assert.deepEqual(events.map(([name]) => name), ["reconnecterror"]);
        server.script = () => {};
        server.cut();
        await clock.advance(10_000);
        assert.deepEqual(events.map(([name]) => name), ["reconnecterror", "reconnect"]);
      },
    ),
  );

  it(
    "tries again by itself when it was not refused",
    inWorld(
      async ({ clock, server, device }) => {
        let broken = false;
        const signatureFactory = () => {
          if (broken) throw new Error("no network yet");
          return { signature: "s", timestamp: 1, nonce: "n" };
        };
        const tom = await device().createIMClient("tom", { signatureFactory });
        const events = heard(tom, "reconnect", "reconnecterror");
        broken = true;
        server.forgetTokens();
        server.cut();
        await clock.advance(1_000);
        assert.deepEqual(events.map(([name]) => name), ["reconnecterror"]);
        broken = false;
        await clock.advance(1_000);
        assert.deepEqual(events.map(([name]) => name), ["reconnecterror", "reconnect"]);
      },
    ),
  );

  it(
    "ends when it is opened again and another device is logged in",
    inWorld(async (world) => {
      const { clock, server, device } = world;
      const realtime = device();
      const tom = await realtime.createIMClient("tom", { tag: "Mobile" });
      const events = heard(tom, "conflict", "reconnecterror", "close");
      world.blocked = true;
      server.cut();
      await settle();
      world.blocked = false;
      await device().createIMClient("tom", { tag: "Mobile" });
      await clock.advance(1_000);
      assert.deepEqual(events, [["conflict", { reason: "SESSION_CONFLICT" }]]);
      assert.equal(server.links, 1);
    }),
  );

  it(
    "makes who calls wait 20 s at most while there is no link",
    inWorld(async (world) => {
      const { after, clock, server, device } = world;
      const tom = await device().createIMClient("tom");
      world.blocked = true;
      server.cut();
      await settle();
      await assert.rejects(after(20_000, tom.ping([])), { name: "COMMAND_TIMEOUT" });
      world.blocked = false;
      await clock.advance(30_000);
    }),
  );

  it(
    "rejects at once while paused and when closed",
    inWorld(async ({ server, device }) => {
      const realtime = device();
      const tom = await realtime.createIMClient("tom");
      realtime.pause();
      await settle();
      await assert.rejects(tom.ping([]), { name: "CONNECTION_LOST" });
      realtime.resume();
      await tom.close();
      await assert.rejects(tom.ping([]), { name: "CONNECTION_LOST" });
      assert.equal(server.clients.size, 0);
    }),
  );

  it(
    "lets a waiting call be aborted",
    inWorld(async (world) => {
      const { clock, server, device } = world;
      server.seed("c", ["tom"]);
      const tom = await device().createIMClient("tom");
      const conversation = (await tom.getConversation("c"))!;
      world.blocked = true;
      server.cut();
      await settle();
      const controller = new AbortController();
      const sent = conversation.send(new TextMessage("hi"), { signal: controller.signal });
      controller.abort();
      await assert.rejects(sent, { name: "ABORTED" });
      world.blocked = false;
      await clock.advance(30_000);
      assert.equal(server.requests("direct").length, 0);
    }),
  );

  it(
    "re-opens each of two clients on one link with its own token",
    inWorld(
      async ({ clock, server, device }) => {
        const realtime = device();
        await realtime.createIMClient("tom");
        await realtime.createIMClient("jerry");
        server.cut();
        await clock.advance(1_000);
        const tokens = server.requests("session", "open").slice(2)
          .map(({ peerId, sessionMessage }) => [peerId, sessionMessage?.st]);
        assert.deepEqual(tokens, [["tom", "st-1"], ["jerry", "st-2"]]);
      },
    ),
  );

  it(
    "survives a link that dies while it logs in",
    inWorld(async ({ clock, server, device }) => {
      let dead = false;
      server.script = ({ op }) => {
        if (op !== "open" || dead) return;
        dead = true;
        server.cut();
        return "silence";
      };
      const ready = device().createIMClient("tom");
      await clock.advance(2_000);
      assert.equal((await ready).id, "tom");
      assert.equal(server.opened, 2);
    }),
  );

  it(
    "that is closed while it is being opened again is left open on no server",
    inWorld(async ({ clock, server, device }) => {
      const realtime = device();
      const tom = await realtime.createIMClient("tom");
      await realtime.createIMClient("mary");
      server.cut();
      await settle();
      realtime.on("reconnect", () => void tom.close()); // its login has just gone out
      await clock.advance(1_000);
      assert.equal(server.requests("session", "open").length, 4);
      assert.deepEqual([...server.clients].map(({ id }) => id), ["mary"]);
    }),
  );

  it(
    "that is closed while its login is being signed is never opened",
    inWorld(async ({ server, device }) => {
      let sign = (_: { signature: string; timestamp: number; nonce: string }) => {};
      let tom: IMClient | undefined;
      const realtime = device({ plugins: [{ onIMClientCreate: (client) => tom = client }] });
      await realtime.createIMClient("mary");
      const ready = realtime.createIMClient("tom", {
        signatureFactory: () => new Promise((resolve) => sign = resolve),
      });
      await settle();
      const refused = assert.rejects(ready, { name: "CONNECTION_LOST" });
      await tom?.close();
      await refused;
      sign({ signature: "s", timestamp: 1, nonce: "n" });
      await settle();
      assert.equal(server.requests("session", "open").length, 1);
    }),
  );

  it(
    "is opened once on a link, however long an older login is being signed",
    inWorld(async ({ clock, server, device }) => {
      const waiting: (() => void)[] = [];
      const realtime = device();
      await realtime.createIMClient("mary");
      const ready = realtime.createIMClient("tom", {
        signatureFactory: () =>
          new Promise((resolve) =>
            waiting.push(() => resolve({ signature: "s", timestamp: 1, nonce: "n" }))
          ),
      });
      await settle();
      server.cut();
      await clock.advance(1_000);
      assert.equal(waiting.length, 2);
      for (const go of waiting) go();
      await ready;
      const opens = server.requests("session", "open").filter(({ peerId }) => peerId === "tom");
      assert.equal(opens.length, 1);
    }),
  );
});
