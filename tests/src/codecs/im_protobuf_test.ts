import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { type Command, DecodeError } from "@curlew/realtime/protocol";
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { imProtobuf as imProtobufBy } from "../../../src/codecs/im_protobuf.ts";
import { platformUtf8 } from "../../../src/environment/platform_utf8.ts";
import { imEnums, imMessages } from "../../../src/protocol/im_fields.ts";
import { fieldsIn } from "../../../src/protocol/notation.ts";
import { otherMessages } from "../../../src/protocol/other_fields.ts";
import { commands, kept } from "../../contract/codec.ts";
import { bare, filesBelow, repository } from "../../kit/modules.ts";

/** What is left of a message in the tables of IM; `undefined` where they lack the value of an enum. */
function ofIm(name: string, value: unknown): unknown {
  const fields = imMessages[name as keyof typeof imMessages];
  const values = imEnums[name as keyof typeof imEnums];
  if (values) return fieldsIn(values).some(({ name }) => name === value) ? value : undefined;
  if (!fields || value === undefined) return value;
  const entries = fieldsIn(fields).flatMap(({ name, type }) => {
    const held = (value as Record<string, unknown>)[name];
    const left = Array.isArray(held) ? held.map((each) => ofIm(type, each)) : ofIm(type, held);
    return left === undefined ? [] : [[name, left]];
  });
  return Object.fromEntries(entries);
}

const imProtobuf = imProtobufBy(platformUtf8);

describe("the protobuf of who speaks IM alone", () => {
  it("is that of the whole protocol, as far as its tables go", () => {
    fc.assert(fc.property(commands, (command) => {
      const known = ofIm("GenericCommand", command) as Command;
      const frame = kept(protobuf.encode(command));
      assert.deepEqual(imProtobuf.decode(frame), known);
      assert.deepEqual(protobuf.decode(kept(imProtobuf.encode(known))), known);
    }));
  });

  it("says what an IM client needs, and refuses to say what others do", () => {
    assert.throws(() => imProtobuf.encode({ cmd: "pubsub" }), /cmd is no enum: "pubsub"/);
    assert.throws(() => imProtobuf.decode("text"), DecodeError);
    assert.equal(imProtobuf.subprotocol(3), protobuf.subprotocol(3));
    assert.equal(imProtobuf.text?.subprotocol(1), protobuf.text?.subprotocol(1));
  });

  it("has all fields that the client names", async () => {
    const names = (messages: Readonly<Record<string, string>>) =>
      Object.values(messages).flatMap((text) => fieldsIn(text).map(({ name }) => name));
    const shared = Object.entries(otherMessages).filter(([name]) => name in imMessages);
    const known = names(imMessages);
    const lacking = names(Object.fromEntries(shared)).filter((name) =>
      // What REST answers has it too.
      !known.includes(name) && name !== "hasMore"
    );
    assert.ok(lacking.length > 0);
    const word = new RegExp(`\\b(?:${lacking.join("|")})\\b`);
    for (const path of ["src/realtime.ts", ...await filesBelow("src/im/")]) {
      const source = await Deno.readTextFile(new URL(path, repository));
      assert.doesNotMatch(bare(source), word, path);
    }
  });
});
