import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  checkedMessage,
  type ConversationBase,
  Message,
  messageField,
  MessageParser,
  type Plugin,
  type StandardSchema,
  TextMessage,
  TypedMessage,
} from "@curlew/realtime";
import * as v from "valibot";
import { settle } from "../../kit/clock.ts";
import { listeningLog } from "../../kit/log.ts";
import { group, talking } from "./talk.ts";

class Vote extends checkedMessage(1, {
  choice: v.picklist(["yes", "no"]),
  weight: v.optional(v.pipe(v.number(), v.minValue(0)), 1),
  reason: v.optional(v.pipe(v.string(), v.maxLength(20))),
}) {
  override get summary(): string {
    return `${this.choice}: ${this.reason ?? "no reason"}`;
  }
}

/** An event that holds a time. */
class Meeting extends checkedMessage(2, {
  at: v.pipe(v.string(), v.isoTimestamp(), v.transform((text) => new Date(text))),
  text: v.string(),
  attributes: v.object({ room: v.string() }),
}) {}

/** What a parser that knows these classes makes of a content; the last one is asked first. */
async function parse(content: unknown, ...messageClasses: NonNullable<Plugin["messageClasses"]>) {
  const parser = new MessageParser({ messageClasses });
  const log = parser.log = listeningLog();
  const message = await parser.parse(content);
  assert.deepEqual(log.lines, []);
  return message;
}

describe("a message class with schemas", () => {
  it("makes messages that have their fields, a type and what every message has", () => {
    const vote = new Vote({ choice: "yes", weight: 2 });
    assert.deepEqual([vote.choice, vote.weight, vote.reason, vote.type], ["yes", 2, undefined, 1]);
    vote.reason = "because";
    vote.setText("I vote").setMentionList(["tom"]);
    assert.deepEqual(JSON.parse(JSON.stringify(vote.getPayload())), {
      choice: "yes",
      weight: 2,
      reason: "because",
      _lctext: "I vote",
      _lctype: 1,
    });
    assert.equal(vote.summary, "yes: because");
    const { choice, reason, text, type } = JSON.parse(JSON.stringify(vote));
    assert.deepEqual([choice, reason, text, type], ["yes", "because", "I vote", 1]);
    assert.deepEqual(vote.mentionList, ["tom"]);
    assert.ok(vote instanceof TypedMessage && vote instanceof Message);
    assert.deepEqual([Vote.TYPE, Vote.FIELDS], [1, ["choice", "weight", "reason"]]);
  });

  it("reads a content that passes, with what its schemas make of it, and nothing else", async () => {
    const vote = await parse('{"_lctype":1,"choice":"no","id":"x","_lctext":"hi"}', Vote);
    assert.ok(vote instanceof Vote);
    assert.deepEqual([vote.choice, vote.weight, vote.text], ["no", 1, "hi"]);
    assert.notEqual(vote.id, "x");
  });

  const failing: readonly [string, object][] = [
    ["misses a field", {}],
    ["has a field of another type", { choice: 1 }],
    ["has a value that is not allowed", { choice: "maybe" }],
    ["has one bad field among good ones", { choice: "yes", weight: -1 }],
    ["is too long", { choice: "yes", reason: "x".repeat(21) }],
  ];
  for (const [what, fields] of failing) {
    it(`leaves a content that ${what} to the next class`, async () => {
      const content = { _lctype: 1, ...fields };
      const message = await parse(content, Vote);
      assert.equal(message.constructor, Message);
      assert.deepEqual(message.content, content);
      class Old extends checkedMessage(1, {}) {}
      assert.ok(await parse(content, Old, Vote) instanceof Old, "the next one of that type");
    });
  }

  it("leaves contents of other types, text, bytes and null alone", async () => {
    for (const content of [{ _lctype: 3, choice: "yes" }, "text", new ArrayBuffer(1), null, 7]) {
      assert.ok(!(await parse(content, Vote) instanceof Vote));
    }
  });

  it("checks text and attributes too, where it has schemas for them", async () => {
    const at = "2026-11-24T10:00:00.000Z";
    const content = { _lctype: 2, at, _lctext: "Lunch", _lcattrs: { room: "A", more: 1 } };
    const meeting = await parse(content, Meeting);
    assert.ok(meeting instanceof Meeting);
    assert.deepEqual(meeting.at, new Date(at));
    assert.deepEqual([meeting.text, meeting.attributes], ["Lunch", { room: "A" }]);
    for (const bad of [{ _lctext: 1 }, { _lcattrs: {} }, { _lcattrs: undefined }, { at: "now" }]) {
      assert.equal((await parse({ ...content, ...bad }, Meeting)).constructor, Message);
    }
  });

  it("sends what its schemas made as JSON, and reads that again", async () => {
    const at = new Date("2026-11-24T10:00:00.000Z");
    const meeting = new Meeting({ at, text: "Lunch", attributes: { room: "A" } });
    const again = await parse(JSON.stringify(meeting.getPayload()), Meeting);
    assert.ok(again instanceof Meeting);
    assert.deepEqual([again.at, again.text, again.attributes], [at, "Lunch", { room: "A" }]);
  });

  it("may be extended, with fields and rules of its own", async () => {
    class Reasoned extends Vote {
      declare mood?: string;
      static override validate(content: unknown): boolean {
        return super.validate(content) && "reason" in (content as object);
      }
    }
    messageField("mood")(Reasoned);
    const content = { _lctype: 1, choice: "yes", mood: "fine" };
    assert.equal((await parse(content, Vote, Reasoned)).constructor, Vote);
    const reasoned = await parse({ ...content, reason: "so" }, Vote, Reasoned);
    assert.ok(reasoned instanceof Reasoned);
    assert.deepEqual([reasoned.reason, reasoned.mood], ["so", "fine"]);
  });

  it("may have a constructor of its own, which gets nothing when a message is received", async () => {
    class Poll extends checkedMessage(4, { question: v.string(), options: v.array(v.string()) }) {
      constructor(question: string, ...options: string[]) {
        super({ question, options });
      }
    }
    const poll = await parse(JSON.stringify(new Poll("Tea?", "yes", "no").getPayload()), Poll);
    assert.ok(poll instanceof Poll);
    assert.deepEqual([poll.question, poll.options], ["Tea?", ["yes", "no"]]);
  });

  it("takes the schemas of an object's schema, and those of any library", async () => {
    const even: StandardSchema<number> = {
      "~standard": {
        version: 1,
        validate: (value) =>
          typeof value === "number" && value % 2 === 0
            ? { value }
            : { issues: [{ message: "It is odd" }] },
      },
    };
    const point = v.object({ x: v.number(), y: v.number() });
    class Point extends checkedMessage(5, { ...point.entries, even }) {}
    const content = { _lctype: 5, x: 1, y: 2, even: 4 };
    const read = await parse(content, Point);
    assert.ok(read instanceof Point);
    assert.equal(read.x + read.y + read.even, 7);
    assert.equal((await parse({ ...content, even: 3 }, Point)).constructor, Message);
  });

  it("can't have a field that every message has by itself", () => {
    for (const name of ["id", "from", "content", "type", "_lctext", "toString", "__proto__"]) {
      const shape = Object.fromEntries([[name, v.string()]]);
      assert.throws(() => checkedMessage(1, shape), {
        name: "TypeError",
        message: `A message has ${name} by itself: name the field otherwise`,
      });
    }
    assert.throws(() => checkedMessage(1.5, {}), TypeError);
  });

  it("can't have an asynchronous schema", () => {
    const known = v.pipeAsync(v.string(), v.checkAsync(() => Promise.resolve(true)));
    assert.throws(() => checkedMessage(1, { known }), {
      name: "TypeError",
      message: "A schema of a message can't be asynchronous",
    });
  });

  it("leaves what a schema turns out to check later to the next class, and says so", async () => {
    const sometimes: StandardSchema<string> = {
      "~standard": {
        version: 1,
        validate: (value) =>
          value === undefined
            ? { issues: [{ message: "Missing" }] }
            : Promise.resolve({ value: "" }),
      },
    };
    class Late extends checkedMessage(6, { sometimes }) {}
    const parser = new MessageParser({ messageClasses: [Late] });
    const log = parser.log = listeningLog();
    assert.equal((await parser.parse({ _lctype: 6, sometimes: 1 })).constructor, Message);
    assert.deepEqual(log.lines.map(({ event }) => event), [
      "Message class Late could not read a message",
    ]);
  });

  it("throws where it is made to read what it can't", () => {
    assert.throws(() => Vote.parse({ _lctype: 1 }), TypeError);
  });
});

describe("messages of a class with schemas", () => {
  const plugins: readonly Plugin[] = [{ name: "votes", messageClasses: [Vote, Meeting] }];

  it(
    "arrive with their fields, in the history too; bad ones arrive as what the next class makes of them",
    talking(async (talk) => {
      const tom = await talk.client("tom");
      const jerry = await talk.client("jerry", { plugins });
      const conversation = await tom.createConversation({ members: ["jerry"] });
      await settle();
      const heard: Message[] = [];
      jerry.on("message", (message: Message) => heard.push(message));

      const vote = await conversation.send(new Vote({ choice: "yes", weight: 3 }));
      vote.reason = "The type that went in comes out";
      const at = new Date("2026-11-24T10:00:00.000Z");
      await conversation.send(new Meeting({ at, text: "Lunch", attributes: { room: "A" } }));
      await conversation.send(new Message({ _lctype: 1, choice: "everything" }));
      await conversation.send(new TextMessage("after"));
      await settle();

      const there = (await jerry.getConversation(conversation.id))!;
      for (const messages of [heard, await there.queryMessages()]) {
        const [first, second, bad, last] = messages;
        assert.ok(first instanceof Vote && second instanceof Meeting);
        assert.deepEqual([first.choice, first.weight, first.from], ["yes", 3, "tom"]);
        assert.deepEqual([second.at, second.attributes.room], [at, "A"]);
        assert.equal(bad?.constructor, Message);
        assert.deepEqual(bad?.content, { _lctype: 1, choice: "everything" });
        assert.equal((last as TextMessage).text, "after");
      }
      const kept = JSON.stringify(heard[1]!.toFullJSON());
      const again = await jerry.parseMessage(JSON.parse(kept));
      assert.ok(again instanceof Meeting);
      assert.deepEqual([again.at, again.id], [at, heard[1]!.id]);
      const errors = talk.log.lines.filter(({ level }) => level === "error");
      assert.deepEqual(errors, []);
    }),
  );

  it(
    "arrive changed with what they say then",
    talking(async (talk) => {
      const { mine, clients } = await group(talk);
      const jerry = await talk.client("jerry", { plugins });
      const changes: Message[] = [];
      jerry.on("messageupdate", (message: Message) => changes.push(message));
      const vote = await mine.send(new Vote({ choice: "yes", weight: 1 }));
      const changed = await mine.update(vote, new Vote({ choice: "no", weight: 1 }));
      assert.equal(changed.choice, "no");
      await settle();
      const [there] = changes;
      assert.ok(there instanceof Vote && there.choice === "no");
      assert.equal(clients.length, 2);
    }),
  );
});

/** Not called: `deno check` is the test. Each line below a `@ts-expect-error` must be an error. */
export async function types(conversation: ConversationBase, message: Message): Promise<void> {
  const sent: Vote = await conversation.send(new Vote({ choice: "yes", weight: 1, reason: "so" }));
  const choice: "yes" | "no" = sent.choice;
  const reason: string | undefined = sent.reason;
  sent.choice = "no";
  // @ts-expect-error: it is one of two
  sent.choice = "maybe";
  // @ts-expect-error: it may be missing
  const certain: string = sent.reason;
  // @ts-expect-error: the choice is missing
  new Vote({ weight: 1 });
  // @ts-expect-error: all is missing
  new Vote();
  // @ts-expect-error: there is no such field
  new Vote({ choice: "yes", weight: 1, colour: "red" });
  if (message instanceof Meeting) {
    const at: Date = message.at;
    const room: string = message.attributes.room;
    // @ts-expect-error: it is what the schema makes of it
    const text: string = message.at;
    console.log(at, room, text);
  }
  class Note extends checkedMessage(7, { note: v.optional(v.string()) }) {}
  new Note();
  new Note({ note: undefined });
  // @ts-expect-error: every message has an id by itself
  checkedMessage(8, { id: v.string() });
  // @ts-expect-error: it is no schema
  checkedMessage(8, { choice: String });
  console.log(choice, reason, certain);
}
