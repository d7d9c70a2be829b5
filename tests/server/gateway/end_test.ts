import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { createMemoryStore } from "@curlew/server/store/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testServer } from "../../kit/test_server.ts";
import { errorOf } from "../../kit/wire_client.ts";

describe("the end of a server", () => {
  it("is told to every client by a goaway with its id, then the links end with 1001", async () => {
    const { server, login, connect } = testServer();
    const tom = await login("tom");
    const stranger = await connect();
    await server.close();
    assert.equal((await tom.ended()).code, 1001);
    assert.equal((await stranger.ended()).code, 1001);
    const goaway = await tom.next("goaway");
    assert.deepEqual([goaway.peerId, goaway.i], ["tom", undefined]);
  });

  it("comes as soon as all have left that were told to, or when their time is up", async () => {
    const { server, login, clock } = testServer();
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const closing = server.close(500);
    await tom.next("goaway");
    tom.close();
    await clock.advance(499);
    assert.equal(jerry.closed, undefined);
    await clock.advance(1);
    assert.equal((await jerry.ended()).code, 1001);
    await closing;

    const other = testServer();
    const mary = await other.login("mary");
    const leaving = other.server.close(500);
    mary.close();
    await leaving;
    assert.equal(other.clock.waiting, 0);
  });

  it("is told to devices when nobody listens any more, since they dial at once", async () => {
    const { server, connect, login, clock } = testServer();
    const [tom, device] = [await login("tom"), await connect()];
    await device.request({ cmd: "login", appId: "app", installationId: "device" });
    await device.open("jerry");
    const told: string[] = [];
    const closing = server.close(500, () => void told.push("nobody listens"));
    await tom.next("goaway");
    await clock.advance(499);
    assert.equal(device.heard.some(({ cmd }) => cmd === "goaway"), false);
    assert.deepEqual(told, []);
    await clock.advance(1);
    await closing;
    assert.deepEqual(told, ["nobody listens"]);
    assert.equal((await device.next("goaway")).peerId, "jerry");
    assert.equal((await device.ended()).code, 1001);
  });

  it("may come in the middle of a sweep, which then asks the store nothing more", async () => {
    const clock = new FakeClock();
    const kept = createMemoryStore({ clock, secret: seededBytes(seeded(1)) });
    const asked: string[] = [];
    const store = {
      ...kept,
      grownSince: async (since: number) => {
        await new Promise<void>((done) => void clock.after(100, done));
        return await kept.grownSince(since);
      },
      toldSince: (since: number) => {
        asked.push("what was told");
        return kept.toldSince(since);
      },
    };
    for (const closed of [false, true]) {
      const { server, log } = testServer({ clock, store });
      await clock.advance(10_050);
      await server.close();
      if (closed) await kept.close();
      await clock.advance(60_000);
      assert.deepEqual([log.lines, asked, clock.waiting], [[], [], 0]);
    }
  });

  it("comes once, however often it is asked for", async () => {
    const { server, login, clock } = testServer();
    const tom = await login("tom");
    const closings = [server.close(500), server.close()];
    await clock.advance(499);
    assert.equal(tom.closed, undefined);
    await clock.advance(1);
    await Promise.all(closings);
    assert.equal(tom.heard.filter(({ cmd }) => cmd === "goaway").length, 1);
  });

  it("waits for the replies of what arrived", async () => {
    const { server, login } = testServer();
    const tom = await login("tom");
    const { convMessage } = await tom.request({ cmd: "conv", op: "start", convMessage: {} });
    tom.send({ cmd: "direct", i: 99, directMessage: { cid: convMessage!.cid, msg: "last" } });
    await Promise.resolve();
    await server.close();
    await tom.ended();
    assert.equal(tom.reply(99)?.cmd, "ack");
  });
});

describe("a failing store", () => {
  it("is an internal error that is logged, and nothing is acknowledged or passed on", async () => {
    const clock = new FakeClock();
    const store = {
      ...createMemoryStore({ clock, secret: seededBytes(seeded(3)) }),
      appendMessage: () => Promise.reject(new Error("The disk is full")),
    };
    const { login, log } = testServer({ clock, store });
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { convMessage } = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { m: ["jerry"] },
    });
    const reply = await tom.request({
      cmd: "direct",
      directMessage: { cid: convMessage!.cid, msg: "hello" },
    });
    assert.deepEqual(errorOf(reply), [4200, "INTERNAL_ERROR"]);
    assert.equal(reply.errorMessage?.detail?.includes("disk") ?? false, false);
    assert.ok(log.lines.some(({ level }) => level === "error"));
    await settle();
    assert.ok(jerry.pushes.every(({ cmd }) => cmd !== "direct"));
    assert.equal((await tom.request({ cmd: "echo" })).cmd, "echo");
  });

  it("keeps a link whose marks can't be kept, and logs that", async () => {
    const clock = new FakeClock();
    const store = {
      ...createMemoryStore({ clock, secret: seededBytes(seeded(3)) }),
      markRead: () => Promise.reject(new Error("The disk is full")),
    };
    const { login, log } = testServer({ clock, store });
    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { convMessage } = await tom
      .request({ cmd: "conv", op: "start", convMessage: { m: ["jerry"] } });
    const cid = convMessage!.cid!;
    await tom.request({ cmd: "direct", directMessage: { cid, msg: "hi", r: true } });
    jerry.send({ cmd: "read", readMessage: { convs: [{ cid }] } });
    await settle();
    assert.ok(log.lines.some(({ level, event }) => level === "error" && /kept/.test(event)));
    assert.equal((await jerry.request({ cmd: "echo" })).cmd, "echo");
  });

  it("lets a client in though what it missed can't be read, and logs that", async () => {
    const clock = new FakeClock();
    let broken = true;
    const memory = createMemoryStore({ clock, secret: seededBytes(seeded(3)) });
    const store = {
      ...memory,
      unread: (...args: Parameters<typeof memory.unread>) =>
        broken ? Promise.reject(new Error("The disk is gone")) : memory.unread(...args),
    };
    const { connect, log } = testServer({ clock, store });
    const client = await connect();
    assert.equal((await client.open("tom")).op, "opened");
    assert.equal((await client.request({ cmd: "conv", op: "query" })).op, "results");
    assert.deepEqual(log.lines.map(({ level }) => level), ["error"]);
    broken = false;
    assert.equal((await client.open("tom")).op, "opened");
    assert.equal(log.lines.length, 1);
  });
});
