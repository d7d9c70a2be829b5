import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  BinaryMessage,
  Message,
  messageField,
  MessageParser,
  MessageStatus,
  messageType,
  RecalledMessage,
  TextMessage,
  TypedMessage,
} from "@curlew/realtime";
import { listeningLog } from "../../kit/log.ts";

class Vote extends TypedMessage {
  choice?: string;
}
messageType(1)(Vote);
messageField(["choice"])(Vote);

class Ballot extends Vote {
  box?: number;
}
messageType(2)(Ballot);
messageField("box")(Ballot);

describe("messages", () => {
  it("carry a text, attributes and a type", () => {
    const message = new TextMessage("hi").setAttributes({ a: 1 });
    assert.deepEqual(
      JSON.parse(JSON.stringify(message.getPayload())),
      { _lctext: "hi", _lcattrs: { a: 1 }, _lctype: -1 },
    );
    assert.equal(message.text, "hi");
    assert.equal(message.getText(), "hi");
    assert.equal(message.type, -1);
    assert.equal(message.summary, "hi");
    assert.deepEqual(message.getAttributes(), { a: 1 });
    assert.equal(TextMessage.TYPE, -1);
  });

  it("have an id, a time and a status before they are sent", () => {
    const [one, other] = [new TextMessage("a"), new TextMessage("a")];
    assert.match(one.id, /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/);
    assert.notEqual(one.id, other.id);
    assert.equal(one.status, MessageStatus.NONE);
    assert.ok(one.timestamp instanceof Date);
    assert.equal(one.updatedAt, one.timestamp);
    assert.equal(one.cid, null);
  });

  it("mention", () => {
    const message = new TextMessage("a").setMentionList(["tom"]).mentionAll();
    assert.deepEqual(message.getMentionList(), ["tom"]);
    assert.deepEqual(new TextMessage("a").setMentionList("tom").mentionList, ["tom"]);
    assert.equal(message.mentionedAll, true);
    assert.equal(message.mentioned, false);
  });

  it("show what they are as JSON", () => {
    const { type, text, id } = JSON.parse(JSON.stringify(new TextMessage("hi")));
    assert.deepEqual([type, text, id.length], [-1, "hi", 36]);
    assert.equal(JSON.parse(JSON.stringify(new Message({ a: 1 }))).data.a, 1);
    const bytes = new BinaryMessage(Uint8Array.of(1, 2).buffer);
    assert.equal(JSON.parse(JSON.stringify(bytes)).data, "AQI=");
    assert.equal(bytes.toFullJSON().bin, true);
  });

  it("of bytes take an ArrayBuffer and nothing else", () => {
    assert.throws(() => new BinaryMessage("bytes" as never), TypeError);
    const { buffer } = Uint8Array.of(1);
    assert.equal(new BinaryMessage(buffer).buffer, buffer);
    assert.equal(new BinaryMessage(buffer).getPayload(), buffer);
  });

  it("of an app's own class have its type and its fields, and those of its base", () => {
    const ballot = new Ballot();
    ballot.choice = "red";
    ballot.box = 3;
    assert.deepEqual(
      JSON.parse(JSON.stringify(ballot.getPayload())),
      { choice: "red", box: 3, _lctype: 2 },
    );
    assert.deepEqual(Vote.FIELDS, ["choice"]);
  });

  it("know a class's type and fields by decorators too", () => {
    @messageType(3)
    @messageField(["colour"])
    class Marked extends TypedMessage {
      declare colour?: string;
    }
    assert.equal(Marked.TYPE, 3);
    assert.deepEqual(Marked.FIELDS, ["colour"]);
  });

  it("can't be sent by a class that has no type", () => {
    class Untyped extends TypedMessage {}
    assert.throws(() => new Untyped().getPayload(), { name: "TypeError", message: /messageType/ });
  });

  it("refuse types and fields that are none", () => {
    assert.throws(() => messageType("1" as never), TypeError);
    assert.throws(() => messageField([1] as never), TypeError);
  });
});

describe("the message parser", () => {
  const cases: readonly [string, unknown, unknown, object][] = [
    ["a text", '{"_lctype":-1,"_lctext":"hi","_lcattrs":{"a":null}}', TextMessage, {
      text: "hi",
      attributes: { a: null },
    }],
    ["a recalled one", '{"_lctype":-127}', RecalledMessage, {}],
    ["a type that nobody registered", '{"_lctype":9}', Message, { content: { _lctype: 9 } }],
    ["plain text", "hello", Message, { content: "hello" }],
    ["a number", "12", Message, { content: 12 }],
    ["null", "null", Message, { content: null }],
    ["JSON that is parsed already", { _lctype: -1, _lctext: "x" }, TextMessage, { text: "x" }],
  ];
  for (const [what, source, Class, fields] of cases) {
    it(`knows ${what}`, async () => {
      const message = await new MessageParser().parse(source);
      assert.equal(message.constructor, Class);
      for (const [key, value] of Object.entries(fields)) {
        assert.deepEqual((message as unknown as Record<string, unknown>)[key], value);
      }
    });
  }

  it("knows bytes", async () => {
    const message = await new MessageParser().parse<BinaryMessage>(Uint8Array.of(1, 2).buffer);
    assert.ok(message instanceof BinaryMessage);
    assert.deepEqual([...new Uint8Array(message.buffer)], [1, 2]);
  });

  it("knows registered classes with their fields, the last one registered first", async () => {
    const parser = new MessageParser({ messageClasses: [Vote] });
    const source = '{"_lctype":1,"choice":"red","_lctext":"x"}';
    const vote = await parser.parse<Vote>(source);
    assert.ok(vote instanceof Vote);
    assert.deepEqual([vote.choice, vote.text], ["red", "x"]);
    class Later extends TypedMessage {}
    messageType(1)(Later);
    parser.register([Later]);
    assert.ok(await parser.parse(source) instanceof Later);
  });

  it("leaves what a class fails to read to the next one, and says which class that was", async () => {
    const fail = () => {
      throw new Error("oops");
    };
    class Wrong extends Vote {
      static override validate = fail;
    }
    class Sudden extends Vote {
      static override parse = fail;
    }
    class Late extends Vote {
      static override parse = (() => Promise.reject(new Error("oops"))) as never;
    }
    class Empty extends Vote {
      static override parse = (() => undefined) as never;
    }
    const parser = new MessageParser({ messageClasses: [Vote, Empty, Late, Sudden, Wrong] });
    const log = listeningLog();
    parser.log = log;
    const vote = await parser.parse<Vote>('{"_lctype":1,"choice":"red"}');
    assert.equal(vote.constructor, Vote);
    assert.equal(vote.choice, "red");
    assert.deepEqual(
      log.lines.map(({ level, event, fields }) => [level, event, (fields!.error as Error).message]),
      ["Wrong", "Sudden", "Late"].map((name) => [
        "error",
        `Message class ${name} could not read a message`,
        "oops",
      ]),
    );
  });

  it("makes a Message of what no class can read", async () => {
    const fail = (() => Promise.reject(new Error("oops"))) as never;
    class Greedy extends TypedMessage {
      static override validate = () => true;
      static override parse = fail;
    }
    const parser = new MessageParser({ messageClasses: [Greedy] });
    parser.log = listeningLog();
    for (const content of ["text", { _lctype: 7 }, null]) {
      const message = await parser.parse(content);
      assert.equal(message.constructor, Message);
      assert.deepEqual(message.content, content);
    }
    assert.ok(await parser.parse(Uint8Array.of(1).buffer) instanceof BinaryMessage);
  });

  it("refuses what is no message class", () => {
    const parser = new MessageParser();
    for (
      const none of [
        class {},
        class {
          static parse() {}
          static validate() {}
        },
        7,
        undefined,
      ]
    ) {
      assert.throws(() => parser.register(none as never), TypeError);
    }
  });
});
