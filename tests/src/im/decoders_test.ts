import {
  BinaryMessage,
  Message,
  type MessageContent,
  MessageStatus,
  type Plugin,
  RealtimeError,
  TextMessage,
} from "@curlew/realtime";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { settle } from "../../kit/clock.ts";
import { heard, inWorld, type World } from "./world.ts";

/** A plugin that turns text around and marks what it turned. */
const reversing: Plugin = {
  name: "reversing",
  messageDecoders: [{
    encode: (content) => typeof content === "string" ? `<${reversed(content)}` : undefined,
    decode: (content) =>
      typeof content === "string" && content.startsWith("<")
        ? reversed(content.slice(1))
        : undefined,
  }],
};

const reversed = (text: string): string => [...text].reverse().join("");
const bytesOf = (content: MessageContent): number[] => [...new Uint8Array(content as ArrayBuffer)];

/** Tom and Jerry in a conversation, each with his plugins. */
async function meet(world: World, toms: readonly Plugin[], jerrys = toms) {
  const tom = await world.device({ plugins: toms }).createIMClient("tom");
  const jerry = await world.device({ plugins: jerrys }).createIMClient("jerry");
  const conversation = await tom.createConversation({ members: ["jerry"] });
  await settle();
  return { tom, jerry, conversation, messages: heard(jerry, "message") };
}

const said = (messages: readonly unknown[][]): unknown[] =>
  messages.map(([, message]) =>
    message instanceof TextMessage ? message.text : (message as Message).content
  );

describe("a plugin's message decoders", () => {
  it(
    "encode what is sent, and decode it for the others, in their last message and in the history",
    inWorld(async (world) => {
      const { conversation, jerry, messages } = await meet(world, [reversing]);
      const message = await conversation.send(new TextMessage("abc"));
      await settle();
      const [command] = world.server.requests("direct");
      assert.match(command!.directMessage!.msg!, /^<}.*{$/);
      assert.equal(message.text, "abc");
      assert.deepEqual(said(messages), ["abc"]);
      const there = (await jerry.getConversation(conversation.id))!;
      assert.equal((there.lastMessage as TextMessage).text, "abc");
      const [stored] = await there.queryMessages();
      assert.ok(stored instanceof TextMessage);
      assert.equal(stored.text, "abc");
    }),
  );

  it(
    "may turn text into bytes, and bytes into text",
    inWorld(async (world) => {
      const utf8: Plugin = {
        messageDecoders: [{
          encode: (content) =>
            typeof content === "string" ? new TextEncoder().encode(content).buffer : undefined,
          decode: (content) =>
            content instanceof ArrayBuffer ? new TextDecoder().decode(content) : undefined,
        }],
      };
      const { conversation, messages } = await meet(world, [utf8]);
      await conversation.send(new TextMessage("你好"));
      await settle();
      const [command] = world.server.requests("direct");
      assert.equal(command?.directMessage?.msg, undefined);
      assert.ok(command?.directMessage?.binaryMsg);
      assert.deepEqual(said(messages), ["你好"]);
    }),
  );

  it(
    "are told whose message it is, and where",
    inWorld(async (world) => {
      const contexts: unknown[] = [];
      const watching: Plugin = {
        messageDecoders: [{
          encode: (content, { cid, from }) => void contexts.push(["encode", content, cid, from]),
          decode: (content, { cid, from }) => void contexts.push(["decode", content, cid, from]),
        }],
      };
      const { conversation } = await meet(world, [watching]);
      await conversation.send(new Message("hi"));
      await settle();
      assert.deepEqual(contexts, [
        ["encode", "hi", conversation.id, "tom"],
        ["decode", "hi", conversation.id, "tom"],
      ]);
    }),
  );

  it(
    "are asked in the plugins' order, and the first that takes a content is the only one",
    inWorld(async (world) => {
      const adding = (mark: string): Plugin => ({
        messageDecoders: [
          { decode: () => undefined },
          {
            encode: (content) => `${mark}${content}`,
            decode: (content) => `${content}`.startsWith(mark) ? `${content}`.slice(1) : undefined,
          },
        ],
      });
      const { conversation, messages } = await meet(world, [{}, adding("a"), adding("b")]);
      await conversation.send(new Message("x"));
      await settle();
      assert.equal(world.server.requests("direct")[0]?.directMessage?.msg, "ax");
      assert.deepEqual(said(messages), ["x"]);
    }),
  );

  it(
    "leave what none of them takes as it is",
    inWorld(async (world) => {
      const { conversation, messages } = await meet(world, [reversing]);
      await conversation.send(new BinaryMessage(Uint8Array.of(1, 2).buffer));
      await settle();
      assert.deepEqual(said(messages).map((content) => bytesOf(content as ArrayBuffer)), [[1, 2]]);
    }),
  );

  it(
    "show a message that they can't decode as it came, and log it",
    inWorld(async (world) => {
      const failing: Plugin = {
        name: "secrets",
        messageDecoders: [{
          decode: (content) => {
            if (content === "<bad") throw new Error("No key");
            return undefined;
          },
        }, { decode: () => "never asked for it" }],
      };
      const { conversation, jerry, messages } = await meet(world, [], [failing]);
      await conversation.send(new Message("<bad"));
      await conversation.send(new Message("good"));
      await settle();
      assert.deepEqual(said(messages), ["<bad", "never asked for it"]);
      const there = (await jerry.getConversation(conversation.id))!;
      assert.equal(there.unreadMessagesCount, 2);
      const [bad] = await there.queryMessages();
      assert.equal(bad?.content, "<bad");
      const errors = world.log.lines.filter(({ level }) => level === "error");
      assert.equal(errors.length, 2);
      assert.match(errors[0]!.event, /secrets could not decode/);
      assert.equal(errors[0]!.fields?.message, bad?.id);
    }),
  );

  it(
    "keep the order of what arrives, however long each takes",
    inWorld(async (world) => {
      const slow: Plugin = {
        messageDecoders: [{
          decode: (content) =>
            new Promise((done) =>
              world.clock.after(1_000 - Number(content) * 100, () => done(`was ${content}`))
            ),
        }],
      };
      const { conversation, jerry, messages } = await meet(world, [], [slow]);
      for (let i = 1; i <= 5; i++) await conversation.send(new Message(`${i}`));
      await world.clock.advance(10_000);
      const all = ["was 1", "was 2", "was 3", "was 4", "was 5"];
      assert.deepEqual(said(messages), all);
      const there = (await jerry.getConversation(conversation.id))!;
      const history = await world.after(10_000, there.queryMessages());
      assert.deepEqual(history.map(({ content }) => content), all);
      assert.equal(there.lastMessage?.content, "was 5");
    }),
  );

  it(
    "keep the order of what is sent, however long each takes, also after one that fails",
    inWorld(async (world) => {
      const slow: Plugin = {
        messageDecoders: [{
          decode: () => undefined,
          encode: (content) =>
            new Promise((done, failed) =>
              world.clock.after(
                1_000 - Number(content) * 100,
                () => content === "2" ? failed(new Error("No")) : done(content),
              )
            ),
        }],
      };
      const { conversation, messages } = await meet(world, [slow], []);
      const sent = [1, 2, 3, 4].map((i) => conversation.send(new Message(`${i}`)));
      const results = await world.after(10_000, Promise.allSettled(sent));
      assert.deepEqual(results.map(({ status }) => status), [
        "fulfilled",
        "rejected",
        "fulfilled",
        "fulfilled",
      ]);
      assert.deepEqual(said(messages), [1, 3, 4]);
    }),
  );

  it(
    "reject the sending of what they can't encode, with the plugin's name, and send nothing",
    inWorld(async (world) => {
      let key = false;
      const cause = new Error("No key");
      const strict: Plugin = {
        name: "secrets",
        messageDecoders: [{
          decode: () => undefined,
          encode: (content) => key ? `!${content}` : Promise.reject(cause),
        }],
      };
      const { conversation, messages } = await meet(world, [strict], []);
      const message = new Message("hi");
      await assert.rejects(conversation.send(message), (error: unknown) => {
        assert.ok(error instanceof RealtimeError);
        assert.equal(error.name, "MESSAGE_DECODER_FAILED");
        assert.match(error.message, /secrets could not encode/);
        assert.equal(error.cause, cause);
        return true;
      });
      assert.equal(message.status, MessageStatus.FAILED);
      assert.deepEqual(world.server.requests("direct"), []);
      key = true;
      await conversation.send(message);
      await settle();
      assert.deepEqual(said(messages), ["!hi"]);
      assert.equal(message.status, MessageStatus.SENT);
    }),
  );

  it(
    "are not asked for a message that the app had kept",
    inWorld(async (world) => {
      const { conversation, jerry } = await meet(world, [reversing]);
      const message = await conversation.send(new TextMessage("<abc"));
      const again = await jerry.parseMessage<TextMessage>(message.toFullJSON());
      assert.equal(again.text, "<abc");
      const plain = await jerry.parseMessage(new Message("<abc").toFullJSON());
      assert.equal(plain.content, "<abc");
    }),
  );
});
