import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  IE10Compatible,
  Message,
  messageField,
  MessageParser,
  messageType,
  TypedMessage,
} from "@curlew/realtime";

interface Vote extends TypedMessage {
  choice?: string;
}
type Es5Class = Omit<typeof TypedMessage, "prototype"> & {
  new (choice?: string): Vote;
  readonly prototype: Vote;
  call(self: object): object;
  apply(self: object, args: IArguments): object;
};

const base = TypedMessage as unknown as Es5Class;

/** A class as Babel and TypeScript write it for ES5; the platform decides whether statics come along. */
function compiled(
  parent: object,
  inherits: boolean,
  body: (self: object, args: IArguments) => object,
) {
  function Compiled(this: object) {
    return body(this, arguments);
  }
  Compiled.prototype = Object.create((parent as typeof TypedMessage).prototype, {
    constructor: { value: Compiled, writable: true, configurable: true },
  });
  if (inherits) Object.setPrototypeOf(Compiled, parent);
  return Compiled as unknown as Es5Class;
}

for (const inherits of [true, false]) {
  describe(`a message class of ES5, ${inherits ? "with" : "without"} what is static`, () => {
    const Vote = compiled(TypedMessage, inherits, (self, args) => {
      const made = base.call(self) || self;
      (made as Vote).choice = args[0];
      return made;
    });
    messageType(1)(Vote);
    messageField("choice")(Vote);
    IE10Compatible(Vote);
    const SecretVote = compiled(
      Vote,
      inherits,
      (self, args) => Vote.apply(self, args) || self,
    );
    messageType(2)(SecretVote);
    IE10Compatible(SecretVote);
    const parser = new MessageParser();
    parser.register([Vote, SecretVote]);

    for (const [name, Class, type] of [["Vote", Vote, 1], ["SecretVote", SecretVote, 2]] as const) {
      it(`${name} is made, goes out, and arrives`, async () => {
        const sent = new Class("yes");
        sent.setText("I vote").updatedAt = new Date(7);
        assert.ok(sent instanceof Class && sent instanceof TypedMessage && sent instanceof Message);
        assert.equal(sent.updatedAt.getTime(), 7);
        const payload = sent.getPayload() as Record<string, unknown>;
        assert.deepEqual([payload._lctype, payload._lctext, payload.choice], [
          type,
          "I vote",
          "yes",
        ]);
        const arrived = await parser.parse(JSON.stringify(payload));
        assert.equal(arrived.constructor, Class);
        assert.equal((arrived as Vote).choice, "yes");
        assert.notEqual(arrived.id, sent.id);
      });
    }
  });
}

describe("a message class that is none of ES5", () => {
  it("stays as it is", () => {
    class Vote extends TypedMessage {}
    messageType(1)(Vote);
    assert.equal(IE10Compatible(Vote), Vote);
    assert.equal(Object.getPrototypeOf(Vote), TypedMessage);
    assert.equal(new Vote().setText("yes").text, "yes");
  });
});
