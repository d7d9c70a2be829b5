import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { ServiceEvent } from "@curlew/server";
import { createMemoryStore } from "@curlew/server/store/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testBus } from "../../kit/test_bus.ts";
import { testApp, testServer } from "../../kit/test_server.ts";
import { errorOf, localPeer, type WireClient } from "../../kit/wire_client.ts";

const signed = { ...testApp, id: "signed", login: "signed", conversations: "signed" } as const;

const closings = ({ pushes }: WireClient) =>
  pushes.flatMap(({ op, sessionMessage }) =>
    op === "closed" ? [[sessionMessage!.code, sessionMessage!.reason]] : []
  );

/** A signature of Tom's login to the app that wants one. */
function sign(t: number, n: string) {
  const s = createHmac("sha1", signed.masterKey).update(`signed:tom::${t}:${n}`).digest("hex");
  return { s, t, n };
}

/** Two nodes on one store, with a bus that loses everything. */
function apart() {
  const clock = new FakeClock();
  const random = seeded(1);
  const store = createMemoryStore({ clock, secret: seededBytes(random) });
  const bus = testBus<ServiceEvent>(clock, random, { drop: 1, repeat: 0, delay: 0, latest: 0 });
  const node = (seed: number) => testServer({ clock, store, bus, seed });
  return { clock, store, bus, one: node(1), two: node(2) };
}

describe("a forced logout", () => {
  it("ends all sessions of a client, and nobody else's, with the reason", async () => {
    const { server, login } = testServer({ apps: [testApp, { ...testApp, id: "other" }] });
    const phone = await login("tom", { session: { deviceId: "phone" } });
    const pad = await login("tom", { version: 1, session: { deviceId: "pad" } });
    await pad.open("jerry");
    const namesake = await login("tom", { appId: "other" });
    await server.kick("app", "tom", "spam");
    await settle();
    for (const client of [phone, pad]) {
      assert.deepEqual(closings(client), [[4115, "spam"]]);
      assert.equal(client.closed, undefined);
      const refused = await client.request({ cmd: "conv", op: "query", peerId: "tom" });
      assert.deepEqual(errorOf(refused), [4105, "SESSION_REQUIRED"]);
    }
    assert.deepEqual(closings(namesake), []);
    const { op } = await pad.request({ cmd: "conv", op: "query", peerId: "jerry" });
    assert.equal(op, "results");
  });

  it("ends logins that are under way, and not only at the next sweep", async () => {
    const { server, login, connect, store } = testServer();
    const { lastTold } = store;
    for (const again of [false, true]) {
      const { st } = (await login("tom")).heard[0]!.sessionMessage!;
      const session = again ? { r: true, st: st! } : {};
      const client = await connect();
      Object.assign(store, {
        lastTold: async (app: string) => {
          const at = await lastTold(app);
          await server.kick("app", "tom", "spam");
          return at;
        },
      });
      const { op, sessionMessage } = await client.open("tom", { session });
      assert.deepEqual([op, sessionMessage!.code, sessionMessage!.reason], [
        "closed",
        4115,
        "spam",
      ]);
      const refused = await client.request({ cmd: "conv", op: "query", peerId: "tom" });
      assert.deepEqual(errorOf(refused), [4105, "SESSION_REQUIRED"]);
      Object.assign(store, { lastTold });
      assert.equal((await client.open("tom")).op, "opened");
    }
  });

  it("leaves untold what was missed, and read too slowly", async () => {
    const { server, login, connect, store, clock } = testServer();
    const tom = await login("tom");
    const convMessage = { m: ["jerry"] };
    const { cid } = (await tom.request({ cmd: "conv", op: "start", convMessage })).convMessage!;
    await tom.request({ cmd: "direct", directMessage: { cid: cid!, msg: "secret" } });
    for (const method of ["unread", "undelivered"] as const) {
      const ask = store[method];
      const slow = async (...asked: readonly unknown[]) => {
        await new Promise<void>((done) => void clock.after(500, done));
        return await (ask as (...asked: readonly unknown[]) => unknown)(...asked);
      };
      Object.assign(store, { [method]: slow });
      const jerry = await connect(method === "unread" ? {} : { version: 1 });
      await jerry.open("jerry");
      await server.kick("app", "jerry", "out");
      await tom.request({ cmd: "direct", directMessage: { cid: cid!, msg: "more" } });
      await clock.advance(1_000);
      Object.assign(store, { [method]: ask });
      assert.deepEqual(jerry.pushes.map(({ cmd, op }) => [cmd, op]), [["session", "closed"]]);
    }
  });

  it("makes the tokens from before void, on the link and over HTTP, refreshed or not", async () => {
    const { server, login, connect, clock } = testServer();
    const tom = await login("tom");
    const first = tom.heard[0]!.sessionMessage!.st!;
    const refreshed = await tom.request({ cmd: "session", op: "refresh" });
    const tokens = [first, refreshed.sessionMessage!.st!];
    await server.kick("app", "tom");
    await clock.advance(1_000);
    const ask = (st: string) =>
      server.fetch(
        new Request("http://127.0.0.1:8450/1.1/rtm/notifications?client_id=tom&start_ts=1", {
          headers: { "x-lc-id": "app", "x-lc-key": "key", "x-lc-im-session-token": st },
        }),
        localPeer,
      );
    for (const st of tokens) {
      const back = await (await connect()).open("tom", { session: { r: true, st } });
      assert.deepEqual(errorOf(back), [4112, "SESSION_TOKEN_EXPIRED"]);
      assert.equal((await ask(st)).status, 401);
    }
    const anew = await (await connect()).open("tom");
    const st = anew.sessionMessage!.st!;
    assert.equal((await ask(st)).status, 200);
    const again = await (await connect()).open("tom", { session: { r: true, st } });
    assert.equal(again.op, "opened");
  });

  it("lets in who logs in the moment after, and leaves alone who does", async () => {
    const { server, login, clock, connect } = testServer();
    await server.kick("app", "tom");
    const tom = await login("tom");
    await clock.advance(25_000);
    assert.deepEqual(closings(tom), []);
    const { st } = tom.heard[0]!.sessionMessage!;
    const back = await (await connect()).open("tom", { session: { r: true, st } });
    assert.equal(back.op, "opened");
  });

  it("makes the login signatures from before void, in ms and in s, and no others", async () => {
    const { server, connect, clock } = testServer({ apps: [signed] });
    const open = async (session: object) =>
      await (await connect()).open("tom", { appId: "signed", session });
    const conversation = (t: number) => ({
      m: ["jerry"],
      ...{ t, n: "talk" },
      s: createHmac("sha1", signed.masterKey).update(`signed:tom:jerry:${t}:talk`).digest("hex"),
    });
    await clock.advance(1_000 - clock.now() % 1_000);
    const before = clock.now();
    const { kick } = server;
    await kick("signed", "tom");
    for (const t of [before - 1, before, before / 1000]) {
      assert.deepEqual(errorOf(await open(sign(t, "unused"))), [4102, "SIGNATURE_FAILED"]);
    }
    await clock.advance(1_000);
    assert.equal((await open(sign(before + 1, "late"))).op, "opened");
    assert.equal((await open(sign(before / 1000 + 1, "seconds"))).op, "opened");
    const tom = await connect();
    await tom.open("tom", { appId: "signed", session: sign(before + 2, "last") });
    const start = { cmd: "conv", op: "start", convMessage: conversation(before - 1) } as const;
    assert.equal((await tom.request(start)).op, "started");
  });

  it("is nothing that a wrong signature could find out", async () => {
    const { server, connect, clock } = testServer({ apps: [signed] });
    await server.kick("signed", "tom");
    const answers = await Promise.all([clock.now(), clock.now() + 1].map(async (t) => {
      const session = { ...sign(t, "any"), s: "0".repeat(40) };
      return (await (await connect()).open("tom", { appId: "signed", session })).errorMessage;
    }));
    assert.equal(answers[0]!.code, 4102);
    assert.deepEqual(answers[0], answers[1]);
  });

  it("is heard of at the next sweep by the node whose event was lost", async () => {
    const { one, two, clock } = apart();
    const tom = await two.login("tom");
    const { st } = tom.heard[0]!.sessionMessage!;
    await one.server.kick("app", "tom", "spam");
    await settle();
    assert.deepEqual(closings(tom), []);
    const back = await (await two.connect()).open("tom", { session: { r: true, st } });
    assert.deepEqual(errorOf(back), [4112, "SESSION_TOKEN_EXPIRED"]);
    const anew = await one.login("tom");
    await clock.advance(25_000);
    assert.deepEqual(closings(tom), [[4115, "spam"]]);
    assert.deepEqual(closings(anew), []);
  });

  it("is refused for an app, a client or a reason that can't be", async () => {
    const { server } = testServer();
    const named = (name: RegExp) => ({ name: "TypeError", message: name });
    await assert.rejects(server.kick("none", "tom"), named(/no app "none"/));
    await assert.rejects(server.kick("app", ""), named(/client id/));
    await assert.rejects(server.kick("app", "tom", "x".repeat(21)), named(/reason .*20/));
    await server.kick("app", "tom", "x".repeat(20));
  });
});
