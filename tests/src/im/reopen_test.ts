import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Command, type ErrorName, TextMessage } from "@curlew/realtime";
import { ErrorCode } from "@curlew/realtime/protocol";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld } from "./world.ts";

/** What refuses a login. */
const refusing = (reason: ErrorName) => ({ cmd, op }: Command): Command | undefined =>
  cmd === "session" && op === "open"
    ? { cmd: "error", errorMessage: { code: ErrorCode[reason], reason } }
    : undefined;

describe("a session that can't be opened again", () => {
  it(
    "is tried after 1, 2, 4 s and so on up to 30 where the server failed, and anew after a success",
    inWorld(async ({ clock, server, device }) => {
      const tom = await device().createIMClient("tom");
      const times: number[] = [];
      tom.on("reconnecterror", () => times.push(clock.now()));
      const gaps = () => times.slice(1).map((time, i) => time - times[i]!);
      server.script = refusing("INTERNAL_ERROR");
      server.cut();
      await clock.advance(100_000);
      assert.deepEqual(gaps(), [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
      server.script = () => {};
      await clock.advance(30_000);
      await tom.ping([]);
      times.length = 0;
      server.script = refusing("INTERNAL_ERROR");
      server.cut();
      await clock.advance(3_000);
      assert.deepEqual(gaps(), [1_000]);
      server.script = () => {};
    }),
  );

  it(
    "is left alone where the server refused it, until there is another link",
    inWorld(async ({ clock, server, device }) => {
      const tom = await device().createIMClient("tom");
      const events = heard(tom, "reconnecterror", "reconnect");
      server.script = refusing("SIGNATURE_FAILED");
      server.cut();
      await clock.advance(60_000);
      assert.deepEqual(events.map(([name]) => name), ["reconnecterror"]);
      await assert.rejects(tom.ping([]), { name: "SIGNATURE_FAILED", code: 4102 });
      server.script = () => {};
      server.cut();
      await clock.advance(2_000);
      assert.deepEqual(events.map(([name]) => name), ["reconnecterror", "reconnect"]);
    }),
  );

  it(
    "is not tried on a link that is gone",
    inWorld(async (world) => {
      const { clock, server, device } = world;
      const tom = await device().createIMClient("tom");
      server.script = refusing("INTERNAL_ERROR");
      server.cut();
      await clock.advance(600);
      world.blocked = true;
      server.cut();
      server.script = () => {};
      const events = heard(tom, "reconnecterror");
      await clock.advance(10_000);
      assert.deepEqual(events, []);
    }),
  );
});

describe("a call that waits for the session", () => {
  it(
    "ends at once by a signal that was given before",
    inWorld(async (world) => {
      const { server, device } = world;
      const tom = await device().createIMClient("tom");
      const conversation = await tom.createConversation({ members: ["jerry"] });
      world.blocked = true;
      server.cut();
      await settle();
      const signal = AbortSignal.abort();
      await assert.rejects(conversation.send(new TextMessage("hi"), { signal }), {
        name: "ABORTED",
      });
    }),
  );

  it(
    "is not begun while paused, also before there was a connection",
    inWorld(async ({ server, device }) => {
      const realtime = device();
      realtime.pause();
      await assert.rejects(realtime.createIMClient("tom"), { name: "CONNECTION_LOST" });
      assert.equal(server.opened, 0);
      realtime.resume();
      assert.equal((await realtime.createIMClient("tom")).id, "tom");
    }),
  );
});
