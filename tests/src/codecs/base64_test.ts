import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { base64, protobufText } from "@curlew/realtime/codecs/base64";
import { type Codec, DecodeError } from "@curlew/realtime/protocol";
import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { fromBase64, toBase64 } from "../../../src/codecs/base64.ts";
import { codecContract, commands, example } from "../../contract/codec.ts";

codecContract(protobufText);

describe("base64", () => {
  it("is what everybody else calls base64", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      const text = toBase64(bytes);
      assert.equal(text, Buffer.from(bytes).toString("base64"));
      assert.deepEqual(fromBase64(text), bytes);
    }));
  });

  it("is the binary frame as text", () => {
    fc.assert(fc.property(commands, (command) => {
      const frame = Buffer.from(protobuf.encode(command)).toString("base64");
      assert.equal(protobufText.encode(command), frame);
    }));
  });

  it("refuses what is not base64, and says where", () => {
    for (
      const [text, offset] of [
        ["C", 1],
        ["CA", 2],
        ["CAI", 3],
        ["CAI= ", 3],
        ["CA I", 2],
        ["CA\nI", 2],
        ["CA-_", 2],
        ["C===", 1],
        ["====", 0],
        ["CA=I", 2],
        ["CA==CAI=", 2],
        ["中中中中", 0],
        ["CAI\u0100", 3],
      ] as const
    ) {
      assert.throws(() => protobufText.decode(text), (error: unknown) => {
        assert.ok(error instanceof DecodeError);
        assert.equal(error.offset, offset, text);
        return true;
      });
    }
  });

  it("counts the offset of what the codec refuses in the bytes that it was given", () => {
    const bytes = new Uint8Array([8, 2, 18, 0, 18, 0, 0x0b]);
    assert.throws(() => protobuf.decode(bytes), { offset: 6 });
    assert.throws(() => protobufText.decode(toBase64(bytes)), { offset: 6 });
  });

  it("speaks LeanCloud's subprotocols", () => {
    assert.equal(protobufText.subprotocol(1), "lc.proto2base64.1");
    assert.equal(protobufText.subprotocol(3), "lc.proto2base64.3");
  });

  it("addresses only where the codec can", () => {
    const { address: _, ...plain } = protobuf;
    const codec: Codec<string> = base64(plain, "plain", "test.plain");
    assert.equal("address" in codec, false);
    assert.deepEqual(codec.decode(codec.encode(example)), example);
  });
});
