import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Command, Frame, Link } from "@curlew/realtime/protocol";
import type { Server } from "@curlew/server";
import type { Store } from "@curlew/server/store";
import { createMemoryStore } from "@curlew/server/store/memory";
import { FakeClock, settle } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testApp, testServer } from "../../kit/test_server.ts";
import { errorOf, localPeer, until } from "../../kit/wire_client.ts";

const echo = (i?: number): Command => ({ cmd: "echo", i });

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

  it("takes the app from the device's registration where a login names none", async () => {
    const { connect } = testServer();
    const [device, client] = [await connect(), await connect()];
    device.send({ cmd: "login", appId: "app", installationId: "device" });
    const open: Command = { cmd: "session", op: "open", peerId: "tom", sessionMessage: {} };
    assert.equal((await device.request(open)).op, "opened");
    client.send(open);
    assert.equal((await client.ended()).code, 4100);
  });

  it("takes the app from a session's token where nothing else names one", async () => {
    const { connect } = testServer();
    const [first, second] = [await connect(), await connect()];
    const st = (await first.open("tom")).sessionMessage?.st;
    const again = (token = st): Command => ({
      cmd: "session",
      op: "open",
      peerId: "tom",
      sessionMessage: { r: true, st: token },
    });
    assert.deepEqual(errorOf(await second.request(again("none of ours"))), [
      4112,
      "SESSION_TOKEN_EXPIRED",
    ]);
    assert.equal((await second.request(again())).op, "opened");
    assert.equal(second.closed, undefined);
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
        { cmd: "logs", op: "open", logsMessage: { cid: "nowhere" } },
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
    let answer: (() => void) | undefined;
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
    (await until(() => answer, "question to the store"))();
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

  it("ends with 4100 for a device of an app that is not there, or of none", async () => {
    const { connect, login } = testServer();
    for (const appId of ["elsewhere", undefined]) {
      const client = await connect();
      client.send({ cmd: "login", appId, installationId: "device" });
      assert.equal((await client.ended()).code, 4100);
    }
    const tom = await login("tom");
    const reply = await tom.request({ cmd: "login", appId: "elsewhere", installationId: "d" });
    assert.deepEqual(errorOf(reply), [4100, "APP_NOT_AVAILABLE"]);
    assert.equal(tom.closed, undefined);
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

  it("is ended when its client asks faster than it is answered, logged in or not", async () => {
    const { connect, login, log } = testServer({ limits: { unanswered: 1_000 } });
    const [stranger, tom, jerry] = [await connect(), await login("tom"), await login("jerry")];
    for (let n = 0; n < 500; n++) {
      stranger.send({ cmd: "session", op: "open", appId: "app", peerId: `client-${n}`, i: n });
      tom.send({ cmd: "conv", op: "query", i: 1_000 + n });
    }
    for (const client of [stranger, tom]) assert.equal((await client.ended()).code, 1013);
    for (let n = 0; n < 500; n++) {
      assert.equal((await jerry.request({ cmd: "conv", op: "query" })).op, "results");
    }
    assert.deepEqual(log.lines.map(({ level }) => level), ["warn", "warn"]);
  });

  /** A link that takes what it is sent and passes nothing on. */
  async function slowLink(server: Server) {
    const slow = { pending: 0, code: 0, sent: [] as Command[] };
    const link: Link = {
      protocol: "lc.protobuf2.3",
      get pending() {
        return slow.pending;
      },
      send: (frame) => {
        slow.sent.push(protobuf.decode(frame));
        slow.pending += frame.length;
      },
      close: (code = 0) => void (slow.code ||= code),
    };
    const receiver = server.accept(link, localPeer);
    const command = { cmd: "session", op: "open", appId: "app", peerId: "slow" } as const;
    receiver.frame(protobuf.encode({ ...command, i: 1 }));
    await until(() => slow.sent.length > 0, "reply");
    return { slow, receiver };
  }

  it("that is slow goes without what matters least in a room, and then without most", async () => {
    const { server, login } = testServer({ limits: { pending: 100_000 } });
    const tom = await login("tom");
    const room = await tom
      .request({ cmd: "conv", op: "start", convMessage: { transient: true } });
    const cid = room.convMessage!.cid!;
    const { slow, receiver } = await slowLink(server);
    receiver.frame(protobuf.encode({
      ...{ cmd: "conv", op: "add", i: 2 },
      convMessage: { cid, m: ["slow"] },
    }));
    await until(() => slow.sent.some(({ i }) => i === 2), "place in the room");
    const heardAt = async (share: number, more: NonNullable<Command["directMessage"]> = {}) => {
      slow.pending = share * 100_000;
      const before = slow.sent.length;
      for (const priority of [1, undefined, 2, 3, 99]) {
        await tom.request({
          cmd: "direct",
          directMessage: { cid, msg: `${priority ?? "none"}`, ...more },
          ...(priority === undefined ? {} : { priority }),
        });
        slow.pending = share * 100_000;
      }
      return slow.sent.slice(before).map(({ directMessage }) => directMessage?.msg);
    };
    for (const more of [{}, { transient: true }]) {
      assert.deepEqual(await heardAt(0.1, more), ["1", "none", "2", "3", "99"]);
      assert.deepEqual(await heardAt(0.3, more), ["1", "none", "2", "99"]);
      assert.deepEqual(await heardAt(0.6, more), ["1"]);
    }
    const talk = await tom
      .request({ cmd: "conv", op: "start", convMessage: { m: ["slow"] } });
    const all = await heardAt(0.6, { cid: talk.convMessage!.cid! });
    assert.deepEqual(all.filter((msg) => msg), ["1", "none", "2", "3", "99"]);
    assert.equal(slow.code, 0);
    receiver.closed({ code: 1006, reason: "" });
  });

  it("is ended when its client does not keep up, and nobody else waits", async () => {
    const { server, login } = testServer({ limits: { pending: 1_000 } });
    const { slow, receiver } = await slowLink(server);

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
    const sent = slow.sent.length;
    await tom.request({ cmd: "direct", directMessage: { cid: convMessage!.cid, msg: "more" } });
    assert.equal(slow.sent.length, sent);
    receiver.closed({ code: 1006, reason: "" });
  });
});
