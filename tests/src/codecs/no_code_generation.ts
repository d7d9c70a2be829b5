/**
 * Encodes and decodes with every codec where code can't be made from text, as in a Worker or under a
 * strict Content-Security-Policy. `no_code_generation_test.ts` runs it so.
 *
 * @module
 */
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf, protobufText } from "@curlew/realtime/codecs/protobuf";
import type { Codec, Command } from "@curlew/realtime/protocol";
import assert from "node:assert/strict";

assert.throws(() => new Function(""), EvalError);

const codecs: readonly Codec[] = [protobuf, protobufText, cbor, cborText, json];
for (const codec of codecs) {
  // Often enough for what a library would make faster readers for.
  for (let i = 0; i < 100; i++) {
    const command: Command = {
      cmd: "direct",
      i,
      serverTs: 1_700_000_000_123,
      directMessage: { cid: "c", msg: "你好 ".repeat(i), binaryMsg: new Uint8Array([i]) },
    };
    assert.deepEqual(codec.decode(codec.encode(command)), command);
  }
  console.log(codec.name);
}
