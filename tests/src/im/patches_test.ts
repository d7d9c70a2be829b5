import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryMessage,
  type Message,
  MessageStatus,
  RecalledMessage,
  TextMessage,
} from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { until } from "../../kit/wire_client.ts";
import { group, talking } from "./talk.ts";
import { heard, inWorld } from "./world.ts";

const text = (message: Message | undefined) => (message as TextMessage | undefined)?.text;

describe("changing a message", () => {
  it(
    "shows it to all in its place, with who it mentions now",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk);
      const there = heard(his!, "messageupdate", "messagerecall");
      const onClient = heard(jerry!, "messageupdate");
      const sent = await mine.send(new TextMessage("Helo"));
      await talk.clock.advance(1_000);
      const better = new TextMessage("Hello").setMentionList(["jerry"]);
      const result = await mine.update(sent, better);
      await settle();
      assert.equal(result, better);
      assert.deepEqual(
        [better.id, better.cid, better.from, better.timestamp, better.status],
        [sent.id, mine.id, "tom", sent.timestamp, MessageStatus.SENT],
      );
      assert.ok(better.updatedAt > sent.timestamp);
      assert.equal(mine.lastMessage, better);
      const [[name, changed]] = there as [[string, Message]];
      assert.deepEqual([there.length, name], [1, "messageupdate"]);
      assert.deepEqual(
        [text(changed), changed.id, changed.mentioned, changed.updatedAt],
        ["Hello", sent.id, true, better.updatedAt],
      );
      assert.equal(his!.lastMessage, changed);
      assert.deepEqual(onClient, [["messageupdate", changed, his, undefined]]);
    }),
  );

  it(
    "takes what tells a message for it, and bytes for text",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk);
      const { id, timestamp } = await mine.send(new TextMessage("one"));
      const last = await mine.send(new TextMessage("two"));
      await settle();
      const there = heard(his!, "messageupdate");
      for (const at of [timestamp, timestamp.getTime()]) {
        const bytes = new BinaryMessage(Uint8Array.of(1, 2).buffer);
        const changed = await mine.update({ id, timestamp: at }, bytes);
        assert.equal(changed.status, MessageStatus.SENT);
      }
      await settle();
      assert.deepEqual(
        there.map(([, message]) => [...new Uint8Array((message as BinaryMessage).buffer)]),
        [[1, 2], [1, 2]],
      );
      assert.equal(mine.lastMessage, last);
      assert.equal(his!.lastMessage?.id, last.id);
    }),
  );

  it(
    "rejects with the server's reason",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk);
      const sent = await mine.send(new TextMessage("mine"));
      await assert.rejects(his!.update(sent, new TextMessage("his")), {
        name: "MESSAGE_OWNERSHIP_REQUIRED",
        code: 4403,
      });
      const nothing = { id: "none", timestamp: 1 };
      await assert.rejects(mine.update(nothing, new TextMessage("x")), { code: 4404 });
    }),
  );

  it(
    "refuses what is no message",
    talking(async (talk) => {
      const { mine } = await group(talk);
      const sent = await mine.send(new TextMessage("hi"));
      await assert.rejects(mine.update({} as never, sent), TypeError);
      await assert.rejects(mine.update(sent, "hi" as never), TypeError);
      await assert.rejects(mine.recall({} as never), TypeError);
    }),
  );
});

describe("recalling a message", () => {
  it(
    "leaves a RecalledMessage in its place",
    talking(async (talk) => {
      const { mine, theirs: [his] } = await group(talk);
      const there = heard(his!, "messageupdate", "messagerecall");
      const sent = await mine.send(new TextMessage("oops"));
      await settle();
      const left = await mine.recall(sent);
      await settle();
      assert.ok(left instanceof RecalledMessage);
      assert.equal(mine.lastMessage, left);
      const [[name, what]] = there as [[string, Message]];
      assert.deepEqual([there.length, name, what.id], [1, "messagerecall", sent.id]);
      assert.ok(what instanceof RecalledMessage);
      assert.equal(his!.lastMessage, what);
      const [stored] = await his!.queryMessages();
      assert.ok(stored instanceof RecalledMessage);
    }),
  );
});

describe("changes that were missed", () => {
  it(
    "come at the next login, each once",
    talking(async (talk) => {
      const { clients: [, jerry], mine, theirs: [his] } = await group(talk);
      const [one, two] = [
        await mine.send(new TextMessage("1")),
        await mine.send(new TextMessage("2")),
      ];
      const there = heard(his!, "messageupdate", "messagerecall");
      await mine.update(one, new TextMessage("one"));
      await talk.clock.advance(1_000);
      const back = heard(jerry!, "reconnect");
      talk.cut();
      await settle();
      const changing = Promise.all([
        mine.update(one, new TextMessage("first")),
        mine.recall(two),
      ]);
      await talk.clock.advance(5_000);
      await changing;
      // Tokens are checked by threads that no fake clock moves.
      await until(() => back.length === 1 && there.length === 3, "news of the changes");
      await settle();
      assert.deepEqual(
        there.map(([name, message]) => [name, text(message as Message)]),
        [["messageupdate", "one"], ["messageupdate", "first"], ["messagerecall", undefined]],
      );
    }),
  );

  it(
    "are asked for from the newest one on that came",
    inWorld(async ({ server, clock, device }) => {
      server.seed("c", ["tom"]);
      await device().createIMClient("tom");
      const at = clock.now() + 500;
      const item = { cid: "c", mid: "m", from: "jerry", timestamp: 1, data: "x" };
      const patches = [{ ...item, patchTimestamp: at }, { ...item, patchTimestamp: at - 100 }];
      server.push("tom", { cmd: "patch", op: "modify", patchMessage: { patches } });
      await settle();
      server.cut();
      await clock.advance(1_000);
      const asked = server.requests("session", "open").at(-1)!.sessionMessage!;
      assert.equal(asked.lastPatchTime, at);
    }),
  );

  it(
    "say why, where the server made them by itself",
    inWorld(async ({ server, device }) => {
      server.seed("c", ["tom"]);
      const tom = await device().createIMClient("tom");
      const events = heard(tom, "messageupdate");
      server.push("tom", {
        cmd: "patch",
        op: "modify",
        patchMessage: {
          patches: [{
            cid: "c",
            mid: "m",
            from: "tom",
            timestamp: 1,
            data: "***",
            patchTimestamp: 2,
            patchCode: -4408,
            patchReason: "censored",
          }],
        },
      });
      await settle();
      assert.deepEqual(events[0]?.[3], { code: -4408, detail: "censored" });
    }),
  );
});
