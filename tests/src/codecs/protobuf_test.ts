import { protobuf } from "@curlew/realtime/codecs/protobuf";
import {
  type Command,
  DecodeError,
  type FieldRule,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import fc from "fast-check";
import assert from "node:assert/strict";
import { Buffer } from "node:buffer";
import { describe, it } from "node:test";
import { codecContract, commands, example, kept } from "../../contract/codec.ts";

codecContract(protobuf);

/** The rule of a field that there is. */
function rule(message: MessageName, field: string): FieldRule {
  return rulesOf(message)[field]!;
}

const cmd = rule("GenericCommand", "cmd");
const peerId = rule("GenericCommand", "peerId");
const i = rule("GenericCommand", "i");
const serverTs = rule("GenericCommand", "serverTs");
const directMessage = rule("GenericCommand", "directMessage");
const errorMessage = rule("GenericCommand", "errorMessage");
const convMessage = rule("GenericCommand", "convMessage");
const unreadMessage = rule("GenericCommand", "unreadMessage");

/** A number as it stands on the wire. */
function varint(value: number | bigint): number[] {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  return [...bytes, Number(rest)];
}

/** A field that holds a number. */
function number([field]: readonly [number, ...unknown[]], value: number | bigint): number[] {
  return [...varint(field << 3), ...varint(value)];
}

/** A field that holds bytes: text is written as UTF-8. */
function block([field]: readonly [number, ...unknown[]], value: string | number[]): number[] {
  const bytes = typeof value === "string" ? [...Buffer.from(value)] : value;
  return [...varint(field << 3 | 2), ...varint(bytes.length), ...bytes];
}

function decode(...parts: number[][]): Command {
  return protobuf.decode(new Uint8Array(parts.flat()));
}

function refuses(message: RegExp, offset: number, ...parts: number[][]): void {
  assert.throws(() => decode(...parts), (error: unknown) => {
    assert.ok(error instanceof DecodeError, String(error));
    assert.match(error.message, message);
    assert.equal(error.offset, offset);
    return true;
  });
}

describe("protobuf on the wire", () => {
  it("writes each type as protobuf has it", () => {
    const command: Command = {
      cmd: "direct",
      peerId: "é",
      i: -1,
      serverTs: 300,
      directMessage: { transient: true, binaryMsg: new Uint8Array([1, 2]) },
    };
    assert.deepEqual(
      [...protobuf.encode(command)],
      [
        [8, 2],
        [40, 255, 255, 255, 255, 255, 255, 255, 255, 255, 1],
        [72, 0xac, 2],
        [0xc2, 6, 7, 104, 1, 0x9a, 1, 2, 1, 2],
        [34, 2, 0xc3, 0xa9],
      ].flat(),
    );
  });

  it("speaks LeanCloud's subprotocols", () => {
    assert.equal(protobuf.subprotocol(1), "lc.protobuf2.1");
    assert.equal(protobuf.subprotocol(3), "lc.protobuf2.3");
  });

  it("takes the last of several values", () => {
    assert.deepEqual(decode(number(i, 1), block(peerId, "a"), number(i, 2), block(peerId, "b")), {
      i: 2,
      peerId: "b",
    });
  });

  it("adds up a message that comes in parts", () => {
    const cid = rule("DirectCommand", "cid");
    const toPeerIds = rule("DirectCommand", "toPeerIds");
    const msg = rule("DirectCommand", "msg");
    assert.deepEqual(
      decode(
        block(directMessage, [...block(cid, "a"), ...block(toPeerIds, "x"), ...block(msg, "old")]),
        block(directMessage, [...block(toPeerIds, "y"), ...block(msg, "new")]),
      ),
      { directMessage: { cid: "a", toPeerIds: ["x", "y"], msg: "new" } },
    );
  });

  it("adds up any two commands as protobuf does", () => {
    fc.assert(
      fc.property(commands, commands, (one, two) => {
        const joined = [...kept(protobuf.encode(one)), ...protobuf.encode(two)];
        assert.deepEqual(decode(joined), merged("GenericCommand", one, two));
      }),
      { numRuns: 100 },
    );
  });

  it("skips fields that it does not know, of every wire type", () => {
    const unknown = [999] as const;
    assert.deepEqual(
      decode(
        number(unknown, -1),
        [...varint(999 << 3 | 1), 1, 2, 3, 4, 5, 6, 7, 8],
        block(unknown, [8, 1]),
        [...varint(999 << 3 | 5), 1, 2, 3, 4],
        number(cmd, 2),
        number([2 ** 28 - 1], 0),
      ),
      { cmd: "direct" },
    );
  });

  it("skips a field that has another type than it should", () => {
    assert.deepEqual(decode(number(peerId, 5), block(i, "x"), number(directMessage, 1)), {});
  });

  it("takes an unknown name of an enum for none, and keeps the one before it", () => {
    assert.deepEqual(decode(number(cmd, 4_000)), {});
    assert.deepEqual(decode(number(cmd, -1)), {});
    assert.deepEqual(decode(number(cmd, valuesOf("CommandType").ack!), number(cmd, 4_000)), {
      cmd: "ack",
    });
  });

  it("cuts an int32 to 32 bits, and takes any number but 0 for true", () => {
    const transient = rule("DirectCommand", "transient");
    assert.deepEqual(decode(number(i, 2 ** 32 + 5)), { i: 5 });
    assert.deepEqual(decode(number(i, 0xffff_ffff)), { i: -1 });
    for (const truth of [1, 2, 2 ** 40, -1]) {
      assert.deepEqual(decode(block(directMessage, number(transient, truth))), {
        directMessage: { transient: true },
      });
    }
  });

  it("takes numbers that are longer than they need be", () => {
    assert.deepEqual(decode([40, 0x81, 0x80, 0x80, 0]), { i: 1 });
    assert.deepEqual(decode([0xa2, 0, 0x81, 0x80, 0, 97]), { peerId: "a" });
    assert.deepEqual(decode([40, 0x81, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0]), {
      i: 1,
    });
  });

  it("replaces what is not UTF-8, and keeps the rest of the command", () => {
    assert.deepEqual(decode(block(peerId, [0x61, 0xff, 0x62]), number(i, 1)), {
      peerId: "a\ufffdb",
      i: 1,
    });
  });

  it("refuses an int64 that no number holds", () => {
    assert.deepEqual(decode(number(serverTs, 2n ** 53n - 1n)), { serverTs: 2 ** 53 - 1 });
    assert.deepEqual(decode(number(serverTs, 1n - 2n ** 53n)), { serverTs: 1 - 2 ** 53 });
    for (const value of [2n ** 53n, -(2n ** 53n), 2n ** 63n - 1n, -(2n ** 63n)]) {
      refuses(/too large/, 1, number(serverTs, value));
    }
  });

  it("refuses what is cut off, and what goes beyond the message that it is in", () => {
    refuses(/beyond the end/, 1, [40]);
    refuses(/beyond the end/, 1, [40, 0x80]);
    refuses(/beyond the end/, 0, [0x80]);
    refuses(/beyond the end/, 1, [34, 3, 97, 97]);
    refuses(/beyond the end/, 2, [...varint(directMessage[0] << 3 | 2), 3, 90, 1]);
    // The direct message says that it has three bytes; the text in it says that it has four.
    refuses(/beyond the end/, 4, block(directMessage, [90, 4, 97]), [97, 97, 97, 97]);
    // A number in it goes on behind its end.
    refuses(/beyond the end/, 4, block(directMessage, [32, 0x80]), [1]);
    refuses(/beyond the end/, 2, [...varint(999 << 3 | 1), 1, 2]);
    refuses(/beyond the end/, 2, [...varint(999 << 3 | 5), 1, 2]);
  });

  it("refuses lengths, tags and numbers that are too large", () => {
    refuses(/beyond the end/, 1, [34, 0xff, 0xff, 0xff, 0xff, 0x0f]);
    refuses(/too large/, 1, [34, 0xff, 0xff, 0xff, 0xff, 0xff, 1]);
    refuses(/too large/, 0, [0xff, 0xff, 0xff, 0xff, 0xff, 1, 0]);
    refuses(/too large/, 1, [40, ...new Array(10).fill(0x80), 0]);
  });

  it("refuses groups, unknown wire types and the field 0", () => {
    for (const type of [3, 4, 6, 7]) refuses(/wire type/, 2, number(i, 1), varint(999 << 3 | type));
    for (const type of [0, 1, 2, 5]) refuses(/number 0/, 0, [type, 0]);
  });

  it("refuses a message without what it requires", () => {
    refuses(/reason is missing/, 6, block(errorMessage, number([1], 4100)));
    refuses(/data is missing/, 6, block(convMessage, block(rule("ConvCommand", "attr"), [])));
    refuses(/unread is missing/, 8, block(unreadMessage, block([1], block([1], "a"))));
  });

  it("copies bytes out of a Buffer too, whose slice does not copy", () => {
    const frame = Buffer.from(protobuf.encode(example));
    const command = protobuf.decode(frame);
    frame.fill(0);
    assert.deepEqual(command, example);
    assert.equal(command.directMessage!.binaryMsg!.constructor, Uint8Array);
  });

  it("decodes a frame that lies within a larger buffer", () => {
    const frame = protobuf.encode(example);
    const larger = new Uint8Array(frame.length + 20).fill(0xff);
    larger.set(frame, 7);
    assert.deepEqual(protobuf.decode(larger.subarray(7, 7 + frame.length)), example);
  });

  it("lends out one buffer again and again, and keeps no huge one", () => {
    const { buffer } = protobuf.encode(example);
    assert.equal(protobuf.encode({ cmd: "echo" }).buffer, buffer);
    const huge = protobuf.encode({ peerId: "x".repeat(1_000_000) });
    assert.ok(huge.buffer.byteLength >= 1_000_000);
    assert.ok(protobuf.encode({ cmd: "echo" }).buffer.byteLength <= 65_536);
    assert.deepEqual(protobuf.decode(huge).peerId?.length, 1_000_000);
  });
});

const messageNames = Object.keys(messages) as MessageName[];

describe("the tables", () => {
  it("have no message within itself, so that a frame's depth has an end", () => {
    function depth(name: MessageName, outer: readonly string[]): number {
      assert.ok(!outer.includes(name), `${name} in ${outer.join(", ")}`);
      const inner = Object.values(rulesOf(name))
        .filter(([, type]) => type in messages)
        .map(([, type]) => depth(type as MessageName, [...outer, name]));
      return 1 + Math.max(0, ...inner);
    }
    assert.equal(depth("GenericCommand", []), 4);
  });

  it("repeat only text and messages, which can't be packed", () => {
    for (const name of messageNames) {
      for (const [, type, rule] of Object.values(rulesOf(name))) {
        if (rule === "repeated") assert.ok(type === "string" || type in messages, type);
      }
    }
  });

  it("give each field of a message a number of its own", () => {
    for (const name of messageNames) {
      const numbers = Object.values(rulesOf(name)).map(([number]) => number);
      assert.equal(new Set(numbers).size, numbers.length);
      assert.ok(numbers.every((number) => number > 0 && number < 2 ** 11));
    }
  });
});

/** What protobuf says two messages are, one behind the other. */
function merged(name: MessageName, one: object, two: object): Record<string, unknown> {
  const fields = rulesOf(name);
  const result: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(two)) {
    const [, type, rule] = fields[key]!;
    const before = result[key];
    if (before === undefined) result[key] = value;
    else if (rule === "repeated") result[key] = [...before as unknown[], ...value];
    else if (type in messages) result[key] = merged(type as MessageName, before as object, value);
    else result[key] = value;
  }
  return result;
}
