/**
 * What every codec promises, whatever its bytes look like. A codec's test file calls
 * `codecContract` with it and adds what only that codec promises.
 *
 * @module
 */
import {
  type Codec,
  type Command,
  DecodeError,
  type EnumName,
  enums,
  type FieldRule,
  type Frame,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";

/** Any text that is well-formed: long, short, and of every plane. */
const text: fc.Arbitrary<string> = fc.oneof(
  { weight: 8, arbitrary: fc.string({ unit: "binary", maxLength: 12 }) },
  { weight: 4, arbitrary: fc.string({ unit: "binary-ascii", maxLength: 60 }) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.string({ unit: "grapheme", minLength: 1 }), fc.nat(400))
      .map(([unit, times]) => unit.repeat(times)),
  },
);

/** Where a number takes one byte more, or is the last that fits. */
const edges = [7, 14, 21, 28, 31, 32, 35, 42, 49].flatMap((bits) => [2 ** bits - 1, 2 ** bits]);

const scalars: Record<string, fc.Arbitrary<unknown>> = {
  bool: fc.boolean(),
  bytes: fc.uint8Array({ maxLength: 200 }),
  int32: fc.oneof(
    fc.integer(),
    fc.constantFrom(...edges.filter((edge) => edge < 2 ** 31), -1, -(2 ** 31)),
  ),
  int64: fc.oneof(
    fc.maxSafeInteger(),
    fc.constantFrom(...edges, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER),
  ),
  string: text,
};

function valueOf(type: string): fc.Arbitrary<unknown> {
  if (type in messages) return messageOf(type as MessageName);
  if (type in enums) return fc.constantFrom(...Object.keys(valuesOf(type as EnumName)));
  return scalars[type]!;
}

/** Any message of a name that the tables allow. */
export function messageOf(name: MessageName): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.entries(rulesOf(name));
  const model = Object.fromEntries(fields.map(([key, [, type, rule]]) => {
    const value = valueOf(type);
    return [key, rule === "repeated" ? fc.array(value, { minLength: 1, maxLength: 3 }) : value];
  }));
  const required = fields.filter(([, [, , rule]]) => rule === "required").map(([key]) => key);
  return fc.record(model, { requiredKeys: required, noNullPrototype: true });
}

/** Any command that the tables allow. */
export const commands: fc.Arbitrary<Command> = messageOf("GenericCommand") as fc.Arbitrary<
  Command
>;

/** A command as a server pushes it, with every type of field. */
export const example: Command = {
  cmd: "direct",
  i: -7,
  serverTs: 1_700_000_000_123,
  directMessage: {
    msg: "你好, wörld 🐦",
    fromPeerId: "jerry",
    timestamp: 1_700_000_000_123,
    toPeerIds: ["tom", ""],
    cid: "5f3c2b1a9d8e7f6a5b4c3d2e",
    transient: false,
    binaryMsg: new Uint8Array([0, 127, 128, 255]),
    convType: 1,
  },
};

/** A frame that stays: a codec's own is lent. */
export function kept<F extends Frame>(frame: F): F {
  return (typeof frame === "string" ? frame : frame.slice()) as F;
}

/** Values that are none of a type. */
const strangers: Record<string, unknown[]> = {
  bool: [0, "true", null],
  bytes: ["AAAA", [1, 2], null],
  enum: ["no such name", "constructor", 1, null],
  int32: [2 ** 31, -(2 ** 31) - 1, 0.5, NaN, "1", 1n, null],
  int64: [2 ** 53, -(2 ** 53), 0.5, Infinity, "1", 1n, null],
  message: ["{}", 1, null],
  string: [0, new String("a"), null],
};

/** Every field of every message that a command leads to, with a command around it. */
function* everyField(
  name: MessageName = "GenericCommand",
  path = "",
  wrap: (message: Record<string, unknown>) => unknown = (message) => message,
): Generator<{ path: string; rule: FieldRule; around: (value: unknown) => Command }> {
  const fields = Object.entries(rulesOf(name));
  const needed = Object.fromEntries(
    fields.filter(([, [, , rule]]) => rule === "required")
      .map(([key, [, type]]) => [key, type === "string" ? "" : 0]),
  );
  for (const [key, rule] of fields) {
    const around = (value: unknown) => wrap({ ...needed, [key]: value }) as Command;
    yield { path: path + key, rule, around };
    const many = rule[2] === "repeated";
    if (!(rule[1] in messages)) continue;
    yield* everyField(
      rule[1] as MessageName,
      `${path}${key}${many ? "[0]" : ""}.`,
      (message) => around(many ? [message] : message),
    );
  }
}

/** The tests that every codec passes. */
export function codecContract(codec: Codec): void {
  const other: Frame = codec.frames === "text" ? new Uint8Array([8, 2]) : "CAI=";

  function decodes(frame: Frame): void {
    try {
      codec.decode(frame);
    } catch (error) {
      assert.ok(error instanceof DecodeError, `${error} is a DecodeError`);
      assert.equal(error.name, "UNPARSEABLE_RAW_MESSAGE");
      assert.ok(error.offset >= 0 && error.offset <= frame.length, `${error.offset} is in it`);
    }
  }

  describe(`${codec.name}, the contract of every codec`, () => {
    it("gives back any command", () => {
      fc.assert(
        fc.property(commands, (command) => {
          assert.deepEqual(codec.decode(codec.encode(command)), command);
        }),
        { numRuns: 300 },
      );
    });

    it("gives back every field alone", () => {
      for (const { rule: [, type, rule], around } of everyField()) {
        const [value] = fc.sample(valueOf(type), { numRuns: 1, seed: 1 });
        const command = around(rule === "repeated" ? [value] : value);
        assert.deepEqual(codec.decode(codec.encode(command)), command);
      }
    });

    it("keeps the values that look like none", () => {
      const command: Command = {
        peerId: "",
        i: 0,
        serverTs: 0,
        directMessage: { msg: "", transient: false, binaryMsg: new Uint8Array(), toPeerIds: [""] },
        ackMessage: {},
      };
      assert.deepEqual(codec.decode(codec.encode(command)), command);
    });

    it("sends nothing for undefined, for an empty list and for a key it does not know", () => {
      const command = {
        cmd: "direct",
        op: undefined,
        future: 1,
        directMessage: { cid: undefined, toPeerIds: [], future: { deep: true } },
      } as unknown as Command;
      assert.deepEqual(codec.decode(codec.encode(command)), { cmd: "direct", directMessage: {} });
    });

    it("gives the same command for any order of keys", () => {
      const { directMessage, ...rest } = example;
      const shuffled = {
        directMessage: Object.fromEntries(Object.entries(directMessage!).toReversed()),
        ...Object.fromEntries(Object.entries(rest).toReversed()),
      };
      assert.deepEqual(codec.decode(codec.encode(shuffled)), example);
    });

    it("replaces a lone surrogate, which no UTF-8 can hold", () => {
      for (const length of [0, 60]) {
        const filler = "x".repeat(length);
        const command: Command = { peerId: `${filler}\ud800 \udc00${filler}` };
        assert.deepEqual(codec.decode(codec.encode(command)), {
          peerId: `${filler}\ufffd \ufffd${filler}`,
        });
      }
    });

    it("refuses a value of another type, and names its field", () => {
      for (const { path, rule: [, type, rule], around } of everyField()) {
        const kind = type in messages ? "message" : type in enums ? "enum" : type;
        for (const stranger of strangers[kind]!) {
          const command = around(rule === "repeated" ? [stranger] : stranger);
          assert.throws(() => codec.encode(command), (error: unknown) => {
            assert.ok(error instanceof TypeError);
            const named = rule === "repeated" ? `${path}[0]` : path;
            assert.ok(error.message.startsWith(`${named} `), `${error.message} names ${named}`);
            return true;
          });
        }
        if (rule !== "repeated") continue;
        assert.throws(() => codec.encode(around("abc")), TypeError);
      }
    });

    it("refuses a message without what it requires, and names it", () => {
      const commands: [string, unknown][] = [
        ["errorMessage.code", { errorMessage: { reason: "x" } }],
        ["errorMessage.reason", { errorMessage: { code: 1 } }],
        ["unreadMessage.convs[1].cid", {
          unreadMessage: { convs: [{ cid: "a", unread: 1 }, { unread: 2 }] },
        }],
      ];
      for (const [path, command] of commands) {
        assert.throws(() => codec.encode(command as Command), {
          name: "TypeError",
          message: `${path} is missing`,
        });
      }
    });

    it("encodes on after it refused a command", () => {
      assert.throws(() => codec.encode({ cmd: "direct", i: 0.5 }), TypeError);
      assert.deepEqual(codec.decode(codec.encode(example)), example);
    });

    it("leaves the command as it was", () => {
      const before = structuredClone(example);
      codec.encode(example);
      codec.address?.(codec.encode(example), "tom");
      assert.deepEqual(example, before);
    });

    it("encodes a huge command, and small ones after it", () => {
      const huge: Command = {
        cmd: "direct",
        directMessage: { msg: "雨".repeat(100_000), binaryMsg: new Uint8Array(300_000).fill(9) },
      };
      assert.deepEqual(codec.decode(codec.encode(huge)), huge);
      assert.deepEqual(codec.decode(codec.encode(example)), example);
    });

    it("keeps nothing of the frame that it decoded", () => {
      const frame = kept(codec.encode(example));
      const command = codec.decode(frame);
      if (typeof frame !== "string") frame.fill(0xaa);
      codec.encode({ cmd: "echo", peerId: "someone else entirely".repeat(20) });
      assert.deepEqual(command, example);
    });

    it("refuses the wrong kind of frame", () => {
      assert.equal(typeof codec.encode(example) === "string", codec.frames === "text");
      assert.throws(() => codec.decode(other), DecodeError);
      if (codec.address) assert.throws(() => codec.address!(other, "tom"), DecodeError);
    });

    it("says no more than DecodeError, whatever arrives", () => {
      const frames = codec.frames === "text"
        ? fc.oneof(text, fc.base64String({ maxLength: 400 }))
        : fc.uint8Array({ maxLength: 300 });
      fc.assert(fc.property(frames, decodes), { numRuns: 2_000 });
    });

    it("says no more than DecodeError for a frame that was changed on its way", () => {
      const changes = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 });
      fc.assert(
        fc.property(commands, changes, (command, changes) => {
          const frame = codec.encode(command);
          if (typeof frame === "string") {
            const characters = [...frame];
            for (const [at, value] of changes) {
              characters[at % (frame.length + 1)] = String.fromCharCode(value);
            }
            decodes(characters.join(""));
          } else {
            for (const [at, value] of changes) frame[at % (frame.length + 1)] = value;
            decodes(frame);
          }
        }),
        { numRuns: 500 },
      );
    });

    it("gives no half of a command: cut anywhere, a frame fails or lacks whole fields", () => {
      const frame = kept(codec.encode(example));
      for (let end = 0; end < frame.length; end++) {
        let command: Command;
        try {
          command = codec.decode(frame.slice(0, end));
        } catch (error) {
          assert.ok(error instanceof DecodeError);
          continue;
        }
        for (const [key, value] of Object.entries(command)) {
          assert.deepEqual(value, example[key as keyof Command], `${key} is whole`);
        }
      }
    });

    it("names a subprotocol for each version", () => {
      assert.match(codec.subprotocol(1), /^[\w.]+\.1$/);
      assert.match(codec.subprotocol(3), /^[\w.]+\.3$/);
    });

    const { address } = codec;
    if (!address) return;

    it("addresses a frame as if the command had been encoded with the peer's id", () => {
      fc.assert(
        fc.property(commands, text, ({ peerId: _, ...command }, peerId) => {
          const whole = kept(codec.encode({ ...command, peerId }));
          assert.deepEqual(address(kept(codec.encode(command)), peerId), whole);
          assert.deepEqual(address(codec.encode(command), peerId), whole);
        }),
        { numRuns: 300 },
      );
    });

    it("addresses one frame to many", () => {
      const frame = kept(codec.encode(example));
      for (const peerId of ["tom", "汤姆", "", "t".repeat(200), "jerry"]) {
        assert.deepEqual(codec.decode(address(frame, peerId)), { ...example, peerId });
      }
      assert.deepEqual(codec.decode(frame), example);
    });
  });
}
