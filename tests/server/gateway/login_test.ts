import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { createMemoryStore } from "@curlew/server/store/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testApp, testServer } from "../../kit/test_server.ts";
import { errorOf } from "../../kit/wire_client.ts";

describe("a login", () => {
  it("gets a token, how long it lasts, and the time", async () => {
    const { connect, clock } = testServer();
    const reply = await (await connect()).open("tom");
    assert.equal(reply.op, "opened");
    assert.equal(reply.peerId, "tom");
    assert.equal(reply.service, 2);
    assert.equal(reply.serverTs, clock.now());
    assert.equal(typeof reply.sessionMessage?.st, "string");
    assert.ok((reply.sessionMessage?.stTtl ?? 0) > 0);
    assert.equal(reply.sessionMessage?.code, undefined);
  });

  it("without an id gets one", async () => {
    const { connect } = testServer();
    const client = await connect();
    const [first, second] = [await client.open(undefined), await client.open(undefined)];
    assert.match(first.peerId ?? "", /^.{10,64}$/);
    assert.notEqual(first.peerId, second.peerId);
  });

  it("with an id of more than 64 characters, or none, or with a NUL, is refused", async () => {
    const client = await testServer().connect();
    for (const id of ["x".repeat(65), "", "a\0b"]) {
      assert.deepEqual(errorOf(await client.open(id)), [4103, "INVALID_LOGIN"]);
    }
    assert.equal((await client.open("x".repeat(64))).op, "opened");
  });

  it("with a tag or a device's id of more than 256 characters is refused", async () => {
    const client = await testServer().connect();
    const long = "x".repeat(257);
    for (const session of [{ tag: long }, { deviceId: long }, { deviceToken: long }]) {
      assert.deepEqual(errorOf(await client.open("tom", { session })), [4103, "INVALID_LOGIN"]);
    }
    const session = { tag: "x".repeat(256), deviceId: "y".repeat(256) };
    const { sessionMessage } = await client.open("tom", { session });
    assert.ok(sessionMessage?.st);
    const again = await client.open("tom", { session: { r: true, st: sessionMessage?.st } });
    assert.equal(again.op, "opened");
  });

  it("without a serial number is answered without one", async () => {
    const client = await testServer().connect();
    client.send({ cmd: "session", op: "open", appId: "app", peerId: "tom" });
    assert.equal((await client.next("session", "opened")).peerId, "tom");
    client.send({
      cmd: "session",
      op: "open",
      appId: "app",
      peerId: "tom",
      sessionMessage: { st: "nonsense", r: true },
    });
    assert.equal((await client.next("error")).errorMessage?.code, 4112);
  });

  it("is done again with a token, after a restart too, for two days", async () => {
    const clock = new FakeClock();
    const store = createMemoryStore({ clock, secret: seededBytes(seeded(2)) });
    const first = await testServer({ clock, store }).connect();
    const st = (await first.open("tom")).sessionMessage?.st;
    const again = await testServer({ clock, store }).connect();
    assert.equal((await again.open("tom", { session: { r: true, st } })).op, "opened");
    assert.equal((await again.open(undefined, { session: { r: true, st } })).peerId, "tom");
    await clock.advance(172_801_000);
    const late = await testServer({ clock, store }).connect();
    assert.deepEqual(errorOf(await late.open("tom", { session: { r: true, st } })), [
      4112,
      "SESSION_TOKEN_EXPIRED",
    ]);
  });

  it("with a token that is another's, another app's, changed or nonsense is refused with 4112", async () => {
    const clock = new FakeClock();
    const store = createMemoryStore({ clock, secret: seededBytes(seeded(2)) });
    const apps = [testApp, { ...testApp, id: "second" }];
    const { connect } = testServer({ clock, store, apps });
    const client = await connect();
    const st = (await client.open("tom")).sessionMessage?.st ?? "";
    const changed = `${st.slice(0, -2)}${st.endsWith("AA") ? "BB" : "AA"}`;
    for (const token of [changed, "", ".", "a.b", `${st}.x`, "é", btoa("{}")]) {
      const reply = await client.open("tom", { session: { r: true, st: token } });
      assert.equal(reply.errorMessage?.code, 4112, token);
    }
    const other = await client.open("jerry", { session: { r: true, st } });
    assert.equal(other.errorMessage?.code, 4112);
    const elsewhere = await (await connect()).open("tom", {
      appId: "second",
      session: { r: true, st },
    });
    assert.equal(elsewhere.errorMessage?.code, 4112);
  });

  it("is renewed with a refreshed token", async () => {
    const { login, clock } = testServer();
    const client = await login("tom");
    const refreshed = await client.request({ cmd: "session", op: "refresh" });
    assert.equal(refreshed.op, "refreshed");
    const { st, stTtl } = refreshed.sessionMessage ?? {};
    assert.ok(st && stTtl);
    await clock.advance(1_000);
    const again = await client.request({ cmd: "session", op: "refresh", sessionMessage: { st } });
    assert.notEqual(again.sessionMessage?.st, st);
    assert.equal((await client.open("tom", { session: { r: true, st } })).op, "opened");
    await clock.advance(200_000_000);
    const late = await client.request({ cmd: "session", op: "refresh", sessionMessage: { st } });
    const fresh = late.sessionMessage?.st;
    assert.equal((await client.open("tom", { session: { r: true, st: fresh } })).op, "opened");
  });
});

describe("a login that must be signed", () => {
  const app = { ...testApp, login: "signed" } as const;
  const sign = (client: string, t: number, n = "nonce", key: string = app.masterKey) =>
    createHmac("sha1", key).update(`${app.id}:${client}::${t}:${n}`).digest("hex");

  it("is let in with a good signature, whose time is in ms or s, whose digits are in either case", async () => {
    const { connect, clock } = testServer({ apps: [app] });
    const client = await connect();
    for (const t of [clock.now(), Math.floor(clock.now() / 1000), clock.now() - 5 * 3_600_000]) {
      const s = sign("tom", t);
      for (const digits of [s, s.toUpperCase()]) {
        const reply = await client.open("tom", { session: { s: digits, t, n: "nonce" } });
        assert.equal(reply.op, "opened");
      }
    }
  });

  it("is refused with 4102 when the signature is missing, wrong, another's or late", async () => {
    const { connect, clock } = testServer({ apps: [app] });
    const client = await connect();
    const t = clock.now();
    const n = "nonce";
    const late = t - 6 * 3_600_000 - 1_000;
    for (
      const session of [
        {},
        { s: "", t, n },
        { s: sign("tom", t) },
        { s: sign("tom", t), t: t + 1, n },
        { s: sign("tom", t), t, n: "another" },
        { s: sign("jerry", t), t, n },
        { s: sign("tom", t, n, "wrong key"), t, n },
        { s: `${sign("tom", t)}00`, t, n },
        { s: sign("tom", late), t: late, n },
      ]
    ) {
      assert.deepEqual(errorOf(await client.open("tom", { session })), [4102, "SIGNATURE_FAILED"]);
    }
    assert.equal(client.closed, undefined);
  });

  it("is done again with the same signature by its own device, and by no other", async () => {
    const { connect, clock } = testServer({ apps: [app] });
    const t = clock.now();
    const session = { s: sign("tom", t), t, n: "nonce", deviceId: "D1" };
    const opened = async (client: string, session: object) =>
      (await (await connect()).open(client, { session })).op;
    assert.equal(await opened("tom", session), "opened");
    assert.equal(await opened("tom", session), "opened");
    const elsewhere = await (await connect()).open("tom", {
      session: { ...session, deviceId: "D2" },
    });
    assert.deepEqual(errorOf(elsewhere), [4102, "SIGNATURE_FAILED"]);
    const other = { ...session, s: sign("jerry", t) };
    assert.notEqual(await opened("jerry", other), "opened");
    assert.equal(
      await opened("jerry", { ...other, s: sign("jerry", t, "new"), n: "new" }),
      "opened",
    );
    const long = "n".repeat(257);
    assert.notEqual(await opened("tom", { s: sign("tom", t, long), t, n: long }), "opened");
  });

  it("is refused with the signature of another, whose id reads like a time and a nonce", async () => {
    const { connect, clock } = testServer({ apps: [app] });
    const t = clock.now();
    const mallory = `tom::${t}:x`;
    const s = sign(mallory, t, "y");
    const client = await connect();
    const stolen = await client.open("tom", { session: { s, t, n: `x::${t}:y` } });
    assert.deepEqual(errorOf(stolen), [4102, "SIGNATURE_FAILED"]);
    assert.equal((await client.open(mallory, { session: { s, t, n: "y" } })).op, "opened");
    const iso = "2026-01-02T03:04:05Z";
    const session = { s: sign("tom", t, iso), t, n: iso };
    assert.equal((await client.open("tom", { session })).op, "opened");
  });

  it("is refused with a token from when it had not to be signed", async () => {
    const clock = new FakeClock();
    const store = createMemoryStore({ clock, secret: seededBytes(seeded(2)) });
    const before = await testServer({ clock, store }).connect();
    const { st } = (await before.open("tom")).sessionMessage!;
    const client = await testServer({ clock, store, apps: [app] }).connect();
    const reply = await client.open("tom", { session: { r: true, st } });
    assert.equal(reply.errorMessage?.code, 4112);
  });

  it("needs no signature when it is done again with a token", async () => {
    const { connect, clock } = testServer({ apps: [app] });
    const client = await connect();
    const t = clock.now();
    const signed = await client.open("tom", { session: { s: sign("tom", t), t, n: "nonce" } });
    const { st } = signed.sessionMessage!;
    const again = await (await connect()).open("tom", { session: { r: true, st } });
    assert.equal(again.op, "opened");
  });
});

describe("a tag", () => {
  const on = (deviceId: string, more: Command["sessionMessage"] = {}) => ({
    session: { tag: "Mobile", deviceId, ...more },
  });

  it("ends the session on another device", async () => {
    const { login, connect } = testServer();
    const old = await login("tom", on("D1"));
    const bystander = await login("jerry", on("D3"));
    const newcomer = await connect();
    assert.equal((await newcomer.open("tom", on("D2"))).op, "opened");
    const closed = await old.next("session", "closed");
    assert.deepEqual(
      [closed.peerId, closed.service, closed.sessionMessage?.code, closed.sessionMessage?.reason],
      ["tom", 2, 4111, "SESSION_CONFLICT"],
    );
    const query = { cmd: "conv", op: "query" } as const;
    assert.equal((await old.request(query)).errorMessage?.code, 4105);
    assert.equal(old.closed, undefined);
    assert.equal((await newcomer.request(query)).op, "results");
    assert.equal((await bystander.request(query)).op, "results");
  });

  it("is remembered by the token", async () => {
    const { login, connect } = testServer();
    const first = await connect();
    const { st } = (await first.open("tom", on("D1"))).sessionMessage!;
    first.close();
    await first.ended();
    const second = await login("tom", on("D2"));
    const back = await (await connect()).open("tom", { session: { r: true, st } });
    assert.deepEqual([back.op, back.sessionMessage?.code], ["closed", 4111]);
    assert.equal((await second.request({ cmd: "conv", op: "query" })).op, "results");
  });

  it("refuses who only comes back while another device has it", async () => {
    const { login, connect } = testServer();
    const holder = await login("tom", on("D1"));
    const reply = await (await connect()).open("tom", on("D2", { r: true }));
    assert.deepEqual(
      [reply.cmd, reply.op, reply.sessionMessage?.code, reply.sessionMessage?.reason],
      ["session", "closed", 4111, "SESSION_CONFLICT"],
    );
    assert.equal(reply.peerId, "tom");
    assert.equal((await holder.request({ cmd: "conv", op: "query" })).op, "results");
    const same = await (await connect()).open("tom", on("D1", { r: true }));
    assert.equal(same.op, "opened");
  });

  it("lets who names no device come back before its lost link was noticed", async () => {
    const { login, connect } = testServer();
    const lost = await login("tom", { session: { tag: "Mobile" } });
    const back = await (await connect()).open("tom", { session: { tag: "Mobile", r: true } });
    assert.equal(back.op, "opened");
    assert.equal((await lost.next("session", "closed")).sessionMessage?.code, 4111);
  });

  it("goes to one of two devices that claim it at once", async () => {
    const { connect } = testServer();
    const devices = [await connect(), await connect()];
    const replies = await Promise.all(devices.map((device, n) => device.open("tom", on(`D${n}`))));
    assert.deepEqual(replies.map(({ op }) => op), ["opened", "opened"]);
    await settle();
    const query = { cmd: "conv", op: "query" } as const;
    const answers = await Promise.all(devices.map((device) => device.request(query)));
    assert.deepEqual(answers.map(({ cmd }) => cmd).toSorted(), ["conv", "error"]);
  });

  it("is not taken from who logs in again on the same link", async () => {
    const client = await testServer().connect();
    for (let n = 0; n < 2; n++) {
      assert.equal((await client.open("tom", { session: { tag: "Mobile" } })).op, "opened");
    }
    await settle();
    assert.deepEqual(client.pushes, []);
    assert.equal((await client.request({ cmd: "conv", op: "query" })).op, "results");
  });

  it("is free for as many devices as there are when none is named", async () => {
    const { login } = testServer();
    const clients = [
      await login("tom", { session: { deviceId: "D1" } }),
      await login("tom", { session: { deviceId: "D2", tag: "default" } }),
      await login("tom", { session: { deviceId: "D3", tag: "default" } }),
    ];
    for (const client of clients) {
      assert.equal((await client.request({ cmd: "conv", op: "query" })).op, "results");
    }
  });
});
