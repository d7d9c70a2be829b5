import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { type Command, DecodeError } from "@curlew/realtime/protocol";
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codecContract, commands, example } from "../../contract/codec.ts";

codecContract(json);

function refuses(frame: string, message: RegExp, offset: number): void {
  assert.throws(() => json.decode(frame), (error: unknown) => {
    assert.ok(error instanceof DecodeError, String(error));
    assert.match(error.message, message);
    assert.equal(error.offset, offset, frame);
    return true;
  });
}

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};

describe("json on the wire", () => {
  it("has fields and enums by name, bytes as base64, and the peer last", () => {
    const command: Command = {
      peerId: "tom",
      cmd: "direct",
      i: -7,
      directMessage: { binaryMsg: new Uint8Array([251, 255, 0]), toPeerIds: ["a"], will: false },
    };
    assert.equal(
      json.encode(command),
      '{"cmd":"direct","i":-7,"directMessage":{"binaryMsg":"+/8A","toPeerIds":["a"],"will":false},' +
        '"peerId":"tom"}',
    );
  });

  it("addresses a command that has nothing else", () => {
    assert.equal(json.address!(json.encode({}), 'a"b'), '{"peerId":"a\\"b"}');
  });

  it("means what protobuf means", () => {
    fc.assert(fc.property(commands, (command) => {
      assert.deepEqual(
        json.decode(json.encode(command)),
        protobuf.decode(protobuf.encode(command)),
      );
    }));
  });

  it("reads JSON as others write it", () => {
    const pretty = JSON.stringify(JSON.parse(json.encode(example)), null, "\t");
    assert.deepEqual(json.decode(`\r\n ${pretty} `), example);
    assert.deepEqual(
      json.decode(
        '{"\\u0063md":"ack","i":1.0e2,"directMessage":{"binaryMsg":"\\/\\/\\/\\/","msg":"\\\\\\"\\ud800"}}',
      ),
      {
        cmd: "ack",
        i: 100,
        directMessage: { binaryMsg: new Uint8Array([255, 255, 255]), msg: '\\"\ufffd' },
      },
    );
    assert.ok(Object.is(json.decode('{"i":-0}').i, 0));
    assert.ok(Object.is(json.decode('{"serverTs":-0}').serverTs, 0));
  });

  it("refuses whatever is not JSON", () => {
    const marks = fc.constantFrom(...'{}[]:,"\\ \n01-.e', '"i"', '"x"', "true", "null", "nul");
    const texts = fc.array(marks, { maxLength: 8 }).map((parts) => `{"x":${parts.join("")}}`);
    fc.assert(
      fc.property(texts, (text) => {
        if (isJson(text)) return;
        assert.throws(() => json.decode(text), DecodeError);
      }),
      { numRuns: 3_000 },
    );
  });

  it("skips any value under a key that it does not know, and harmful keys with them", () => {
    fc.assert(fc.property(fc.json({ maxDepth: 5 }), (value) => {
      assert.deepEqual(json.decode(`{"future":${value},"i":1}`), { i: 1 });
    }));
    const command: Command = json.decode(
      '{"__proto__":{"cmd":"ack"},"constructor":1,"directMessage":{"__proto__":{"msg":"x"}}}',
    );
    for (const message of [command, command.directMessage]) {
      assert.equal(Object.getPrototypeOf(message), Object.prototype);
    }
    assert.deepEqual(command, { directMessage: {} });
  });

  it("bounds how deep a value may be", () => {
    const nested = (depth: number) => `{"x":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    assert.deepEqual(json.decode(nested(64)), {});
    refuses(nested(65), /too deep/, 5 + 64);
    refuses(`{"x":${'{"y":'.repeat(100_000)}`, /too deep/, 5 + 64 * 5);
  });

  it("takes an unknown name of an enum and an empty list for absent, and the last of many", () => {
    assert.deepEqual(json.decode('{"cmd":"newer","directMessage":{"toPeerIds":[]}}'), {
      directMessage: {},
    });
    assert.deepEqual(json.decode('{"i":1,"i":2}'), { i: 2 });
  });

  it("refuses what is no command, and says where", () => {
    refuses("", /{ is missing/, 0);
    refuses("[]", /{ is missing/, 0);
    refuses('{"i":1}}', /follows/, 7);
    refuses('{"i":1,}', /key is missing/, 7);
    refuses('{"i" 1}', /: is missing/, 5);
    refuses('{"i":01}', /not JSON/, 5);
    refuses('{"appId":"a', /not JSON/, 9);
    refuses('{"i":}', /not JSON/, 5);
    refuses('{"i": 2147483648}', /i is no int32/, 6);
    refuses('{"serverTs":9007199254740992}', /serverTs is no int64/, 12);
    refuses('{"i":null}', /i is no int32/, 5);
    refuses('{"cmd":1}', /cmd is no enum/, 7);
    refuses('{"appId":{}}', /appId is no string/, 9);
    refuses('{"ackMessage":[]}', /ackMessage is no message/, 14);
    refuses('{"directMessage":{"toPeerIds":"a"}}', /toPeerIds is no array/, 30);
    refuses('{"directMessage":{"binaryMsg":"AA-A"}}', /not base64/, 33);
    refuses('{"errorMessage":{"code":1}}', /reason is missing/, 26);
  });
});
