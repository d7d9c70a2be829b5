/**
 * The defects of LeanCloud's JavaScript SDK, by their numbers in the list that this client was
 * built against: one test each, that it has none of them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Message, MessageStatus, Realtime, TextMessage } from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld } from "./world.ts";

const signed = () => ({ signature: "s", timestamp: 1, nonce: "n" });

describe("the official SDK's defects", () => {
  it(
    "1: a re-open after the token expired is signed and says tag and device",
    inWorld(
      async ({ clock, server, device }) => {
        const tom = await device().createIMClient("tom", {
          signatureFactory: signed,
          tag: "Mobile",
        });
        const events = heard(tom, "reconnect", "reconnecterror");
        server.forgetTokens();
        server.cut();
        await clock.advance(1_000);
        const [first, withToken, withSignature] = server.requests("session", "open")
          .map(({ sessionMessage }) => sessionMessage);
        assert.equal(withToken?.st, "st-1");
        assert.equal(withSignature?.st, undefined);
        assert.equal(withSignature?.r, true);
        assert.deepEqual([withSignature?.s, withSignature?.t, withSignature?.n], ["s", 1, "n"]);
        assert.equal(withSignature?.tag, "Mobile");
        assert.equal(withSignature?.deviceId, first?.deviceId);
        assert.deepEqual(events, [["reconnect"]]);
      },
    ),
  );

  it(
    "2: a request in flight when the link drops is settled at once, or goes out again",
    inWorld(
      async ({ clock, server, device }) => {
        const tom = await device().createIMClient("tom");
        const conversation = await tom.createConversation({ members: ["jerry"] });
        server.script = ({ cmd, op }) =>
          cmd === "direct" || cmd === "conv" && op === "start" ? "silence" : undefined;
        const unsafe = tom.createConversation({ members: ["a"], unique: false });
        const message = new TextMessage("hi");
        const safe = conversation.send(message);
        await settle();
        server.cut();
        await assert.rejects(unsafe, { name: "CONNECTION_LOST" });
        server.script = () => {};
        await clock.advance(1_000);
        await safe;
        assert.equal(message.status, MessageStatus.SENT);
        const tokens = server.requests("direct").map(({ directMessage }) => directMessage?.dt);
        assert.equal(tokens.length, 2);
        assert.equal(tokens[0], tokens[1]);
      },
    ),
  );

  it(
    "3: a call made while reconnecting waits for the session",
    inWorld(
      async ({ clock, server, device }) => {
        const tom = await device().createIMClient("tom");
        const conversation = await tom.createConversation({ members: ["jerry"] });
        server.cut();
        await settle();
        const sent = conversation.send(new TextMessage("hi"));
        await clock.advance(1_000);
        assert.equal((await sent).status, MessageStatus.SENT);
      },
    ),
  );

  it(
    "4: a client lets go and comes back by itself with the network",
    inWorld(
      async ({ clock, server, log }) => {
        let tell = (_now: boolean) => {};
        let there = true;
        const network = {
          current: () => there,
          watch: (changed: (now: boolean) => void) => {
            tell = (now) => changed(there = now);
            return () => {};
          },
        };
        const { memory } = await import("@curlew/realtime/transports/memory");
        const transport = memory({ protocols: server.protocols, accept: server.accept });
        await using realtime = new Realtime({
          appId: "app",
          appKey: "key",
          RTMServers: "ws://server",
          transports: [transport],
        }, { clock, log, network, random: () => 0.5 });
        const tom = await realtime.createIMClient("tom");
        const events = heard(tom, "disconnect", "offline", "online", "reconnect");
        tell(false);
        await settle();
        await assert.rejects(tom.ping(["jerry"]), { name: "CONNECTION_LOST" });
        tell(true);
        await clock.advance(1_000);
        assert.deepEqual(events.map(([name]) => name), [
          "disconnect",
          "offline",
          "online",
          "reconnect",
        ]);
        assert.equal(server.clients.size, 1);
      },
    ),
  );

  it(
    "5: a failed first login leaves no connection, and the next one starts afresh",
    inWorld(
      async ({ server, device }) => {
        const realtime = device();
        server.script = () => ({
          cmd: "error",
          errorMessage: { code: 4102, reason: "SIGNATURE_FAILED" },
        });
        await assert.rejects(realtime.createIMClient("tom"), { code: 4102 });
        await settle();
        assert.equal(server.links, 0);
        server.script = () => {};
        assert.equal((await realtime.createIMClient("tom")).id, "tom");
      },
    ),
  );

  it(
    "6: an unsolicited error or a fatal close is told, and no second connection follows",
    inWorld(
      async ({ clock, server, device, log }) => {
        const realtime = device();
        const tom = await realtime.createIMClient("tom");
        const events = heard(tom, "close", "unhandledmessage");
        server.push("tom", {
          cmd: "error",
          errorMessage: { code: 4200, reason: "INTERNAL_ERROR" },
        });
        await settle();
        assert.deepEqual(events.map(([name]) => name), ["unhandledmessage"]);
        assert.ok(log.lines.some(({ level }) => level === "warn"));
        await realtime.createIMClient("jerry");
        assert.equal(server.opened, 1);
        server.cut(4110, "INVALID_ORIGIN");
        await clock.advance(60_000);
        assert.equal((events[1]?.[1] as { code: number }).code, 4110);
        assert.equal(server.opened, 1);
        await realtime.createIMClient("tom");
        assert.equal(server.opened, 2);
        assert.equal(server.links, 1);
      },
    ),
  );

  it(
    "7: several for the same app live side by side, and end",
    inWorld(
      async ({ server, device }) => {
        const [one, other] = [device(), device()];
        await Promise.all([one.createIMClient("tom"), other.createIMClient("jerry")]);
        await one.close();
        await settle();
        assert.deepEqual([...server.clients].map(({ id }) => id), ["jerry"]);
      },
    ),
  );

  it(
    "8: a conversation asked for after the unread notice has the number at once",
    inWorld(
      async ({ server, device }) => {
        server.seed("c", ["tom", "jerry"]);
        const tom = await device().createIMClient("tom");
        const events = heard(tom, "unreadmessagescountupdate");
        server.push("tom", {
          cmd: "unread",
          unreadMessage: { convs: [{ cid: "c", unread: 3, mentioned: true }], notifTime: 5 },
        });
        // The notice is there, its conversation is being asked for, and the app asks too.
        await Promise.resolve();
        const [conversation] = await tom.getQuery().containsMembers(["jerry"]).find();
        assert.equal(conversation?.unreadMessagesCount, 3);
        assert.equal(conversation?.unreadMessagesMentioned, true);
        await settle();
        assert.deepEqual(events, [["unreadmessagescountupdate", [conversation]]]);
      },
    ),
  );

  it(
    "9: read() tells the app too that nothing is unread",
    inWorld(
      async ({ clock, server, device }) => {
        const conv = server.seed("c", ["tom", "jerry"]);
        const tom = await device().createIMClient("tom");
        const jerry = await device().createIMClient("jerry");
        const there = (await jerry.getConversation("c"))!;
        await there.send(new TextMessage("hi"));
        await settle();
        const conversation = (await tom.getConversation(conv.cid))!;
        assert.equal(conversation.unreadMessagesCount, 1);
        const events = heard(tom, "unreadmessagescountupdate");
        await conversation.read();
        assert.equal(conversation.unreadMessagesCount, 0);
        assert.deepEqual(events, [["unreadmessagescountupdate", [conversation]]]);
        await clock.advance(1_000);
        assert.equal(server.requests("read").length, 1);
        // The server's confirmation changes nothing any more.
        assert.equal(events.length, 1);
      },
    ),
  );

  it(
    "14: what the server never answers says which time-out it was",
    inWorld(
      async ({ after, server, device }) => {
        const tom = await device().createIMClient("tom");
        server.script = () => "silence";
        await assert.rejects(after(20_000, tom.ping(["jerry"])), { name: "COMMAND_TIMEOUT" });
        server.script = () => {};
      },
    ),
  );

  it("15: a message class of another copy of the package is one here", async () => {
    const copy = Symbol.for("curlew.Message");
    const foreign = Object.assign(Object.create({ [copy]: true }), { getPayload: () => "hi" });
    assert.ok(foreign instanceof Message);
    assert.ok(!(foreign instanceof TextMessage));
    assert.ok(!({} instanceof Message));
    assert.ok(!(null as unknown instanceof Message));
    class Own extends TextMessage {}
    assert.ok(!(new TextMessage("a") instanceof Own));
    assert.ok(new Own("a") instanceof TextMessage);
    await Promise.resolve();
  });

  it(
    "15: times are numbers and dates, never objects of an integer library",
    inWorld(
      async ({ server, device }) => {
        server.seed("c", ["tom"]);
        const tom = await device().createIMClient("tom");
        const conversation = (await tom.getConversation("c"))!;
        const message = await conversation.send(new TextMessage("hi"));
        assert.ok(message.timestamp instanceof Date);
        assert.ok(conversation.createdAt instanceof Date);
        assert.equal(conversation.lastMessageAt?.getTime(), message.timestamp.getTime());
      },
    ),
  );

  it(
    "16: a client that was logged out stays so when another keeps the connection",
    inWorld(
      async ({ clock, server, device }) => {
        const realtime = device();
        const kicked = await realtime.createIMClient("tom");
        const closed = await realtime.createIMClient("jerry");
        await realtime.createIMClient("mary");
        server.push("tom", {
          cmd: "session",
          op: "closed",
          sessionMessage: { code: 4115, reason: "KICKED_BY_APP" },
        });
        await closed.close();
        const events = heard(kicked, "disconnect", "reconnect", "schedule");
        server.cut();
        await clock.advance(1_000);
        assert.deepEqual([...server.clients].map(({ id }) => id), ["mary"]);
        assert.deepEqual(events, []);
      },
    ),
  );

  it(
    "17: after close or conflict the same id makes a new client",
    inWorld(
      async ({ server, device }) => {
        const realtime = device();
        await realtime.createIMClient("mary");
        const tom = await realtime.createIMClient("tom", { tag: "Mobile" });
        const events = heard(tom, "conflict", "close");
        const other = await device().createIMClient("tom", { tag: "Mobile" });
        await settle();
        assert.deepEqual(events, [["conflict", { reason: "SESSION_CONFLICT" }]]);
        const again = await realtime.createIMClient("tom", { tag: "Mobile" });
        assert.notEqual(again, tom);
        await settle();
        await assert.rejects(other.ping([]), { name: "SESSION_CONFLICT" });
        assert.equal(server.clients.size, 2);
      },
    ),
  );

  it(
    "18: isReconnect on a fresh client gives way to the device that is logged in",
    inWorld(
      async ({ server, device }) => {
        const tom = await device().createIMClient("tom", { tag: "Mobile" });
        const events = heard(tom, "conflict");
        await assert.rejects(
          device().createIMClient("tom", { tag: "Mobile", isReconnect: true }),
          { name: "SESSION_CONFLICT", code: 4111 },
        );
        assert.deepEqual(events, []);
        await tom.close();
        const other = await device().createIMClient("tom", { tag: "Mobile", isReconnect: true });
        assert.equal(other.id, "tom");
        assert.equal(server.requests("session", "open").at(-1)?.sessionMessage?.r, true);
      },
    ),
  );
});
