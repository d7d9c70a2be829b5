import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { conversationJson, type Shown } from "../../../server/service/conversation_json.ts";
import type { Conversation, StoredMessage } from "@curlew/server/store";

const at = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

const conversation: Conversation = {
  id: "0123456789abcdef01234567",
  kind: "normal",
  creator: "tom",
  members: new Set(["tom", "jerry"]),
  managers: new Set(),
  silenced: new Set(),
  blocked: new Set(),
  muted: new Set(["jerry"]),
  unique: true,
  uniqueId: "6c7b0e5afcae9aa1139a0afa25833dec",
  attributes: { name: "Cheese", attr: { colour: "yellow" }, topic: [1, null] },
  createdAt: at,
  updatedAt: at + 1,
  lastMessageAt: at + 2,
  seq: 7,
};

/** As it arrives. */
const written = (what: Conversation, shown: Shown) =>
  JSON.parse(JSON.stringify(conversationJson(what, shown)));

const shown = { client: "jerry", now: at, compact: false };

const message: StoredMessage = {
  conversation: conversation.id,
  id: "m".repeat(22),
  seq: 7,
  from: "tom",
  timestamp: at + 2,
  content: { text: "hi" },
  mentioned: ["jerry"],
  mentionedAll: false,
  receipt: false,
  recalled: false,
};

describe("a conversation as a result", () => {
  it("has its attributes at the top level, members, flags and times", () => {
    assert.deepEqual(written(conversation, shown), {
      objectId: "0123456789abcdef01234567",
      name: "Cheese",
      attr: { colour: "yellow" },
      topic: [1, null],
      c: "tom",
      m: ["tom", "jerry"],
      mu: ["jerry"],
      muted: true,
      tr: false,
      sys: false,
      unique: true,
      uniqueId: "6c7b0e5afcae9aa1139a0afa25833dec",
      temp: false,
      tempConv: false,
      conv_type: 1,
      createdAt: "2026-01-02T03:04:05.006Z",
      updatedAt: "2026-01-02T03:04:05.007Z",
      lm: { __type: "Date", iso: "2026-01-02T03:04:05.008Z" },
    });
  });

  it("has no members when it is to be compact", () => {
    assert.ok(!("m" in written(conversation, { ...shown, compact: true })));
  });

  it("says what no attribute can overrule", () => {
    const attributes = { objectId: "mine", c: "me", m: ["me"], tr: true, createdAt: 1 };
    const { objectId, c, m, tr, createdAt } = written(
      { ...conversation, attributes },
      shown,
    );
    assert.deepEqual([objectId, c, tr], [conversation.id, "tom", false]);
    assert.deepEqual([m, createdAt], [["tom", "jerry"], "2026-01-02T03:04:05.006Z"]);
  });

  it("has nothing under the keys of clients where it has nothing to say, whatever its attributes", () => {
    const { lastMessageAt: _, uniqueId: __, ...plain } = conversation;
    const keys = "m uniqueId ttl tempConvTTL lm msg bin msg_from msg_mid msg_timestamp " +
      "patch_timestamp mention_all mention_pids";
    const attributes = Object.fromEntries(keys.split(" ").map((key) => [key, "mine"]));
    const json = written({ ...plain, attributes }, { ...shown, compact: true });
    assert.deepEqual(Object.values(json).filter((value) => value === "mine"), []);
  });

  it("has its newest message where that is asked for, bytes as base64", () => {
    const fields = (last: StoredMessage) => {
      const json = written(conversation, { ...shown, last });
      const { msg, bin, msg_from, msg_mid, msg_timestamp, mention_all, mention_pids } = json;
      return { msg, bin, msg_from, msg_mid, msg_timestamp, mention_all, mention_pids };
    };
    const rest = {
      msg_from: "tom",
      msg_mid: message.id,
      msg_timestamp: at + 2,
      mention_all: false,
      mention_pids: ["jerry"],
    };
    assert.deepEqual(fields(message), { msg: "hi", bin: false, ...rest });
    const binary = { ...message, content: { binary: Uint8Array.of(1, 2, 3) } };
    assert.deepEqual(fields(binary), { msg: "AQID", bin: true, ...rest });
    const json = written(conversation, shown);
    assert.ok(!("msg" in json) && !("bin" in json));
  });

  it("has no time of a last message, and no unique id, where there is none", () => {
    const { lastMessageAt: _, uniqueId: __, ...plain } = conversation;
    const json = written({ ...plain, unique: false }, shown);
    assert.ok(!("lm" in json) && !("uniqueId" in json));
    assert.equal(json.unique, false);
  });

  it("says under both names how long a temporary one lives, and what each kind is", () => {
    const temporary = { ...conversation, kind: "temporary", expiresAt: at + 1_500 } as const;
    const json = written(temporary, shown);
    assert.deepEqual(
      [json.temp, json.tempConv, json.ttl, json.tempConvTTL, json.conv_type],
      [true, true, 2, 2, 4],
    );
    const room = written({ ...conversation, kind: "room", members: new Set() }, shown);
    assert.deepEqual([room.tr, room.conv_type, room.m], [true, 2, []]);
    const service = written({ ...conversation, kind: "service" }, shown);
    assert.deepEqual([service.sys, service.conv_type], [true, 3]);
  });
});
