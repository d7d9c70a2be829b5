import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { describe, it } from "node:test";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Command, Frame, Link } from "@curlew/realtime/protocol";
import type { Store } from "@curlew/server/store";
import { createMemoryStore } from "@curlew/server/store/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testApp, testServer } from "../../kit/test_server.ts";
import { localPeer, until } from "../../kit/wire_client.ts";

const echo = (i?: number): Command => ({ cmd: "echo", i });

/** The error of a reply. */
const errorOf = ({ errorMessage }: Command) =>
  errorMessage && [errorMessage.code, errorMessage.reason];

describe("a link", () => {
  it("answers an echo, with a serial number or without, logged in or not", async () => {
    const { connect } = testServer();
    const client = await connect();
    client.send({ ...echo(), appId: "app", peerId: "app" });
    assert.equal((await client.next("echo")).i, undefined);
    for (const i of [0, -65_535, 2_147_483_647]) {
      assert.deepEqual(await client.request(echo(i)), { cmd: "echo", i, service: 2 });
    }
  });

  it("answers a device's registration, without a serial number too", async () => {
    const client = await testServer().connect();
    client.send({ cmd: "login", appId: "app", installationId: "device" });
    const { loggedinMessage, service } = await client.next("loggedin");
    assert.deepEqual([loggedinMessage, service], [{ pushDisabled: false }, 0]);
    const reply = await client.request({
      cmd: "login",
      appId: "app",
      installationId: "live-query",
      service: 1,
    });
    assert.deepEqual([reply.cmd, reply.service, reply.installationId], [
      "loggedin",
      1,
      "live-query",
    ]);
  });

  for (const codec of [protobuf, protobufText]) {
    it(`answers what is no command with an error and goes on (${codec.name})`, async () => {
      const { connect, log } = testServer();
      const [client, other] = [await connect({ codec }), await connect({ codec })];
      await client.open("tom");
      const frames: Frame[] = [
        Uint8Array.of(255, 255, 255),
        Uint8Array.of(),
        "no base64 at all",
        "",
        codec === protobuf ? "CA4=" : Uint8Array.of(8, 14),
      ];
      for (const frame of frames) client.sendFrame(frame);
      assert.equal((await client.request(echo())).cmd, "echo");
      assert.equal((await other.request(echo())).cmd, "echo");
      assert.equal(client.closed, undefined);
      assert.deepEqual(other.pushes, []);
      for (const push of client.pushes) {
        assert.deepEqual(errorOf(push), [4114, "UNPARSEABLE_RAW_MESSAGE"]);
      }
      assert.ok(client.pushes.length >= 3);
      // However many there were.
      assert.equal(log.lines.filter(({ level }) => level === "warn").length, 1);
    });
  }

  it("answers a command that it does not know with an error", async () => {
    const { login } = testServer();
    const client = await login("tom");
    for (
      const command of [
        { cmd: "presence" },
        { cmd: "session", op: "add" },
        { cmd: "conv" },
        { cmd: "conv", op: "expire" },
        { cmd: "room", op: "join" },
        {},
      ] satisfies Command[]
    ) {
      const reply = await client.request(command);
      assert.equal(reply.cmd, "error", JSON.stringify(command));
      assert.equal(reply.peerId, "tom");
      assert.equal(typeof reply.errorMessage?.code, "number");
    }
    assert.equal((await client.request(echo())).cmd, "echo");
  });

  it("says nothing to a reply that nobody asked for, and goes on", async () => {
    const { login } = testServer();
    const client = await login("tom");
    for (
      const command of [
        { cmd: "ack", ackMessage: { cid: "nowhere", mid: "nothing" } },
        { cmd: "ack" },
        { cmd: "rcp", rcpMessage: { cid: "nowhere" } },
        { cmd: "session", op: "opened" },
        { cmd: "error", errorMessage: { code: 1, reason: "X" } },
        { cmd: "read", readMessage: { convs: [{ cid: "nowhere" }] } },
        { cmd: "read" },
        { cmd: "goaway" },
      ] satisfies Command[]
    ) client.send(command);
    assert.equal((await client.request(echo())).cmd, "echo");
    await settle();
    assert.deepEqual(client.pushes, []);
  });

  it("refuses what needs a login before it, and after it ended", async () => {
    const { connect } = testServer();
    const client = await connect();
    const commands: Command[] = [
      { cmd: "conv", op: "query" },
      { cmd: "direct", directMessage: { cid: "x", msg: "hello" } },
      { cmd: "session", op: "close" },
      { cmd: "session", op: "query" },
    ];
    for (const command of commands) {
      assert.deepEqual(errorOf(await client.request(command)), [4105, "SESSION_REQUIRED"]);
    }
    await client.open("tom");
    const closed = await client.request({ cmd: "session", op: "close" });
    assert.deepEqual([closed.cmd, closed.op, closed.peerId], ["session", "closed", "tom"]);
    assert.equal(closed.sessionMessage?.code, undefined);
    for (const command of commands) {
      assert.deepEqual(errorOf(await client.request(command)), [4105, "SESSION_REQUIRED"]);
    }
  });

  it("refuses a client that is not logged in here, though another is", async () => {
    const client = await testServer().login("tom");
    const reply = await client.request({ cmd: "conv", op: "query", peerId: "jerry" });
    assert.deepEqual(errorOf(reply), [4105, "SESSION_REQUIRED"]);
  });

  it("takes a command without a client for the first one's that is still logged in", async () => {
    const client = await testServer().login("tom");
    await client.open("jerry");
    const ask = async () => (await client.request({ cmd: "conv", op: "query" })).peerId;
    assert.equal(await ask(), "tom");
    await client.request({ cmd: "session", op: "close", peerId: "tom" });
    assert.equal(await ask(), "jerry");
  });

  it("handles what is sent behind a login once it is through", async () => {
    const client = await testServer().connect();
    client.send({ cmd: "session", op: "open", appId: "app", peerId: "tom", i: 1 });
    client.send({ cmd: "conv", op: "query", i: 2 });
    await until(() => client.reply(2), "reply");
    assert.deepEqual(client.heard.map(({ op }) => op), ["opened", "results"]);
  });

  it("lets a client that is logged in go on while another logs in", async () => {
    const clock = new FakeClock();
    const memory = createMemoryStore({ clock, secret: seededBytes(seeded(3)) });
    let answer = () => {};
    const store: Store = {
      ...memory,
      unread: (app, client, since) =>
        client === "slow"
          ? new Promise((done) => answer = () => done(memory.unread(app, client, since)))
          : memory.unread(app, client, since),
    };
    const client = await testServer({ clock, store }).login("tom");
    client.send({ cmd: "session", op: "open", appId: "app", peerId: "slow", i: 100 });
    const query: Command = { cmd: "conv", op: "query" };
    assert.equal((await client.request({ ...query, peerId: "tom" })).op, "results");
    client.send({ ...query, peerId: "slow", i: 101 });
    await settle();
    answer();
    await until(() => client.reply(101), "reply");
    assert.equal(client.reply(101)!.peerId, "slow");
  });

  it("gives each of its clients what is for it, by its name", async () => {
    const { login } = testServer();
    const shared = await login("tom");
    await shared.open("jerry");
    const mary = await login("mary");
    const { convMessage } = await mary.request({
      cmd: "conv",
      op: "start",
      convMessage: { m: ["tom", "jerry"] },
    });
    await mary.request({ cmd: "direct", directMessage: { cid: convMessage!.cid, msg: "both" } });
    await settle();
    const got = shared.pushes.filter(({ cmd }) => cmd === "direct").map(({ peerId }) => peerId);
    assert.deepEqual(got.toSorted(), ["jerry", "tom"]);
    await shared.request({
      cmd: "direct",
      peerId: "tom",
      directMessage: { cid: convMessage!.cid, msg: "from tom" },
    });
    await settle();
    const own = shared.pushes.filter(({ directMessage }) => directMessage?.fromPeerId === "tom");
    assert.deepEqual(own.map(({ peerId }) => peerId), ["jerry"]);
  });

  it("ends with 4100 for an app that is not there", async () => {
    const client = await testServer().connect();
    client.send({ cmd: "session", op: "open", appId: "elsewhere", peerId: "tom", i: 7 });
    assert.equal((await client.ended()).code, 4100);
    assert.deepEqual(client.heard.map((reply) => [reply.i, errorOf(reply)]), [
      [7, [4100, "APP_NOT_AVAILABLE"]],
    ]);
  });

  it("stays with the first app", async () => {
    const { connect, server } = testServer({ apps: [testApp, { ...testApp, id: "second" }] });
    const client = await connect();
    await client.open("tom");
    const reply = await client.open("jerry", { appId: "second" });
    assert.equal(reply.errorMessage?.code, 4100);
    assert.equal((await client.request(echo())).cmd, "echo");
    await server.close();
  });

  it("carries 20 clients and no more", async () => {
    const client = await testServer().connect();
    for (let n = 0; n < 20; n++) assert.equal((await client.open(`client-${n}`)).op, "opened");
    assert.equal((await client.open("one-too-many")).cmd, "error");
    assert.equal((await client.open("client-3")).op, "opened");
    assert.equal(client.closed, undefined);
  });

  it("ends with 4108 when nobody logs in for a minute", async () => {
    const { connect, clock } = testServer();
    const [idle, active, device] = [await connect(), await connect(), await connect()];
    await active.open("tom");
    await device.request({ cmd: "login", appId: "app", installationId: "device" });
    await clock.advance(59_000);
    assert.equal((await idle.request(echo())).cmd, "echo");
    await clock.advance(1_000);
    assert.equal((await idle.ended()).code, 4108);
    for (const client of [active, device]) {
      assert.equal((await client.request(echo())).cmd, "echo");
    }
  });

  it("leaves no timer behind", async () => {
    const { connect, clock, server } = testServer();
    const client = await connect();
    await client.open("tom");
    client.close();
    await client.ended();
    await server.close();
    assert.equal(clock.waiting, 0);
  });

  it("ends at once with 4110 what comes from a page elsewhere, for the development app", async () => {
    const { connect } = testServer({ localOnly: true });
    for (
      const foreign of [
        { origin: "https://evil.example" },
        { host: "evil.example:8450" },
        { origin: "null" },
      ]
    ) {
      const client = await connect({ peer: { ...localPeer, ...foreign } });
      assert.equal((await client.ended()).code, 4110);
    }
    const page = await connect({ peer: { ...localPeer, origin: "http://localhost:8450" } });
    assert.equal((await page.open("tom")).op, "opened");
  });

  it("is ended when its client does not keep up, and nobody else waits", async () => {
    const { server, login } = testServer({ limits: { pending: 1_000 } });
    const slow = { pending: 0, sent: 0, code: 0 };
    const link: Link = {
      protocol: "lc.protobuf2.3",
      get pending() {
        return slow.pending;
      },
      send: (frame) => {
        slow.sent++;
        slow.pending += frame.length;
      },
      close: (code = 0) => void (slow.code ||= code),
    };
    const receiver = server.accept(link, localPeer);
    const command = { cmd: "session", op: "open", appId: "app", peerId: "slow" } as const;
    receiver.frame(protobuf.encode({ ...command, i: 1 }));
    await until(() => slow.sent > 0, "reply");

    const [tom, jerry] = [await login("tom"), await login("jerry")];
    const { convMessage } = await tom.request({
      cmd: "conv",
      op: "start",
      convMessage: { m: ["slow", "jerry"] },
    });
    for (let n = 0; n < 20; n++) {
      await tom.request({
        cmd: "direct",
        directMessage: { cid: convMessage!.cid, msg: "x".repeat(200) },
      });
    }
    await until(() => jerry.pushes.filter(({ cmd }) => cmd === "direct").length === 20, "messages");
    assert.ok(slow.code >= 1000, `closed with ${slow.code}`);
    const { sent } = slow;
    await tom.request({ cmd: "direct", directMessage: { cid: convMessage!.cid, msg: "more" } });
    assert.equal(slow.sent, sent);
    receiver.closed({ code: 1006, reason: "" });
  });
});

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

  it("with an id of more than 64 characters, or none, is refused", async () => {
    const client = await testServer().connect();
    for (const id of ["x".repeat(65), ""]) {
      assert.deepEqual(errorOf(await client.open(id)), [4103, "INVALID_LOGIN"]);
    }
    assert.equal((await client.open("x".repeat(64))).op, "opened");
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
    assert.equal((await tom.request(echo())).cmd, "echo");
  });

  it("refuses a login that it can't answer for, and lets the next one in", async () => {
    const clock = new FakeClock();
    let broken = true;
    const memory = createMemoryStore({ clock, secret: seededBytes(seeded(3)) });
    const store = {
      ...memory,
      unread: (...args: Parameters<typeof memory.unread>) =>
        broken ? Promise.reject(new Error("The disk is gone")) : memory.unread(...args),
    };
    const { connect } = testServer({ clock, store });
    const client = await connect();
    await client.open("tom");
    broken = false;
    assert.equal((await client.open("tom")).op, "opened");
    assert.equal((await client.request({ cmd: "conv", op: "query" })).op, "results");
  });
});
