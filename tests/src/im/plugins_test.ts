import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AVMessage,
  Message,
  type Plugin,
  type RealtimeError,
  type TextMessage,
} from "@curlew/realtime";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld, type World } from "./world.ts";

const said = (text: string) => JSON.stringify({ _lctype: -1, _lctext: text });

/** What reaches Tom, whose device has these plugins. */
async function listening({ server, device }: World, ...plugins: Plugin[]) {
  server.seed("c", ["tom", "jerry"]);
  const tom = await device({ plugins }).createIMClient("tom");
  const events = heard(tom, "message");
  let ids = 0;
  const push = async (msg: string) => {
    const directMessage = { cid: "c", id: `m${++ids}`, fromPeerId: "jerry", timestamp: ids, msg };
    server.push("tom", { cmd: "direct", directMessage });
    await settle();
  };
  const texts = () => events.map(([, message]) => (message as TextMessage).text);
  return { tom, push, texts, conversation: (await tom.getConversation("c"))! };
}

describe("a plugin", () => {
  it(
    "changes contents before a class is found for them, and messages after, in the plugins' order",
    inWorld(async (world) => {
      const add = (what: string): Plugin => ({
        beforeMessageParse: (json: Record<string, unknown>) => ({
          ...json,
          _lctext: `${json._lctext}${what}`,
        }),
        afterMessageParse: [
          (message: AVMessage) =>
            Promise.resolve((message as TextMessage).setText(`${(message as TextMessage).text}-`)),
        ],
      });
      const { push, texts } = await listening(world, add("1"), add("2"));
      await push(said("a"));
      assert.deepEqual(texts(), ["a12--"]);
    }),
  );

  it(
    "keeps a message from the app, from what is unread and from being the newest",
    inWorld(async (world) => {
      const asked: unknown[][] = [];
      const { push, texts, conversation } = await listening(world, {
        beforeMessageDispatch: (...args) => {
          asked.push(args);
          return (args[0] as TextMessage).text !== "no";
        },
      }, { beforeMessageDispatch: () => {} });
      await push(said("yes"));
      await push(said("no"));
      assert.deepEqual(texts(), ["yes"]);
      assert.equal(asked[1]?.[1], conversation);
      assert.equal(conversation.unreadMessagesCount, 1);
      assert.equal((conversation.lastMessage as TextMessage).text, "yes");
      await world.clock.advance(1_000);
      const { fromts, tots } = world.server.requests("ack").at(-1)!.ackMessage!;
      assert.deepEqual([fromts, tots], [1, 2], "it is acknowledged");
    }),
  );

  it(
    "handles commands that no client gets then",
    inWorld(async (world) => {
      const seen: unknown[] = [];
      const { tom, push, texts } = await listening(world, {
        beforeCommandDispatch: async ({ directMessage }, realtime) => {
          await Promise.resolve();
          seen.push(realtime);
          return directMessage?.msg !== "mine";
        },
      });
      await push("mine");
      await push(said("theirs"));
      assert.deepEqual(texts(), ["theirs"]);
      assert.equal(seen.length, 2);
      assert.equal(tom.id, "tom");
    }),
  );

  it(
    "is named in the log where it fails, and keeps nothing from the app",
    inWorld(async (world) => {
      const fail = () => Promise.reject(new Error("oops"));
      const shaky: readonly Plugin[] = [
        { name: "shaky", beforeMessageParse: fail },
        { name: "shaky", afterMessageParse: fail },
        { name: "shaky", beforeMessageDispatch: fail },
        { name: "shaky", beforeCommandDispatch: fail },
      ];
      const sound: Plugin = {
        afterMessageParse: (message: TextMessage) => message.setText(`${message.text}!`),
      };
      const { push, texts, tom } = await listening(world, ...shaky, sound);
      await push(said("a"));
      assert.deepEqual(texts(), ["a!"]);
      const read = await tom.parseMessage<TextMessage>({ data: said("b") });
      assert.equal(read.text, "b!");
      const failures = world.log.lines.filter(({ level }) => level === "error");
      assert.deepEqual(
        failures.map(({ event }) => event),
        [
          "beforeCommandDispatch",
          "beforeMessageParse",
          "afterMessageParse",
          "beforeMessageDispatch",
          "beforeMessageParse",
          "afterMessageParse",
        ].map((hook) => `Plugin shaky could not run ${hook}`),
      );
      for (const { fields } of failures) {
        const error = fields?.error as RealtimeError;
        assert.equal(error.name, "PLUGIN_FAILED");
        assert.equal((error.cause as Error).message, "oops");
      }
    }),
  );

  it(
    "is named where it fails at something new, and the others are told of it",
    inWorld(async (world) => {
      const fail = () => {
        throw new Error("oops");
      };
      const told: string[] = [];
      const shaky: Plugin = {
        name: "shaky",
        onRealtimeCreate: fail,
        onIMClientCreate: fail,
        onConversationCreate: fail,
      };
      const sound: Plugin = {
        onRealtimeCreate: () => void told.push("Realtime"),
        onIMClientCreate: ({ id }) => void told.push(id),
        onConversationCreate: ({ id }) => void told.push(id),
      };
      const { push, texts, conversation } = await listening(world, shaky, sound);
      await push(said("a"));
      assert.deepEqual(texts(), ["a"]);
      assert.deepEqual([told, conversation.members], [["Realtime", "tom", "c"], ["tom", "jerry"]]);
      const failures = world.log.lines.filter(({ level }) => level === "error");
      assert.deepEqual(
        failures.map(({ event }) => event),
        ["onRealtimeCreate", "onIMClientCreate", "onConversationCreate"]
          .map((hook) => `Plugin shaky could not run ${hook}`),
      );
    }),
  );

  it(
    "that gives nothing for a content or a message leaves it as it is",
    inWorld(async (world) => {
      const { push, texts } = await listening(world, {
        beforeMessageParse: () => {},
        afterMessageParse: () => {},
      });
      await push(said("a"));
      assert.deepEqual(texts(), ["a"]);
    }),
  );

  it(
    "gets bytes as bytes and text as text",
    inWorld(async (world) => {
      const contents: unknown[] = [];
      const { push } = await listening(world, {
        beforeMessageParse: (content: unknown) => {
          contents.push(content);
          return content;
        },
      });
      await push("plain");
      await push(said("x"));
      assert.deepEqual(contents, ["plain", { _lctype: -1, _lctext: "x" }]);
      assert.ok(new Message("x"));
    }),
  );
});

/** Not called: `deno check` is the test. Each line below a `@ts-expect-error` must be an error. */
export function types(): readonly Plugin[] {
  return [
    {
      // A content is whatever somebody sent; a message has what every message has.
      // @ts-expect-error: nobody knows whether it has a type
      beforeMessageParse: (content) => content._lctype,
      afterMessageParse: (message) => message.mentioned ? message : new Message(message.content),
    },
    {
      // A plugin may know better.
      beforeMessageParse: [(json: { readonly _lctype: number }) => ({ ...json, _lctype: 1 })],
      afterMessageParse: async (message: TextMessage) => await Promise.resolve(message.setText("")),
    },
    // @ts-expect-error: that is no message
    { afterMessageParse: () => "text" },
  ];
}
