import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { type Command, DecodeError } from "@curlew/realtime/protocol";
import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { codecContract, commands, example } from "../../contract/codec.ts";

codecContract(cbor);
codecContract(cborText);

const bytesOf = (hex: string): Uint8Array =>
  Uint8Array.from(hex.match(/../g) ?? [], (byte) => parseInt(byte, 16));
const hexOf = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const decoded = (hex: string): Command => cbor.decode(bytesOf(hex.replaceAll(" ", "")));

function refuses(hex: string, message: RegExp, offset: number): void {
  assert.throws(() => decoded(hex), (error: unknown) => {
    assert.ok(error instanceof DecodeError, String(error));
    assert.match(error.message, message);
    assert.equal(error.offset, offset, hex);
    return true;
  });
}

/** Any CBOR item, of every type and in every form, up to this depth. */
const items: fc.Arbitrary<string> = fc.letrec<{ item: string }>((tie) => {
  const some = fc.array(tie("item"), { maxLength: 3 });
  const hex = (value: number, bytes: number) => value.toString(16).padStart(2 * bytes, "0");
  return {
    item: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom(
        "00",
        "17",
        "1818",
        "19ffff",
        "1affffffff",
        "1bffffffffffffffff",
        "20",
        "3863",
      ),
      fc.constantFrom(
        "f4",
        "f5",
        "f6",
        "f7",
        "e0",
        "f8ff",
        "f97e00",
        "fa7f800000",
        "fbc010666666666666",
      ),
      fc.constantFrom(
        "40",
        "420102",
        "60",
        "6161",
        "62c3a9",
        "61ff",
        "5f41014102ff",
        "7f61616162ff",
      ),
      some.map((list) => hex(0x80 | list.length, 1) + list.join("")),
      some.map((list) => `9f${list.join("")}ff`),
      some.map((list) => hex(0xa0 | list.length, 1) + list.map((one) => one + one).join("")),
      some.map((list) => `bf${list.map((one) => one + one).join("")}ff`),
      fc.tuple(
        fc.constantFrom("c0", "c2", "d81c", "d81d", "d90102", "d9dffe", "da53687264"),
        tie("item"),
      )
        .map(([tag, item]) => tag + item),
    ),
  };
}).item;

describe("cbor on the wire", () => {
  it("has fields and enums by number, bytes as bytes, and the peer last, in maps without a length", () => {
    const command: Command = {
      peerId: "tom",
      cmd: "direct",
      i: -7,
      serverTs: 1_700_000_000_123,
      directMessage: { binaryMsg: new Uint8Array([251, 255, 0]), toPeerIds: ["a"], will: false },
    };
    assert.equal(
      hexOf(cbor.encode(command)),
      "bf 0102 0526 091b0000018bcfe5687b 1868bf1343fbff00 07816161 11f4ff 0463746f6d ff"
        .replaceAll(" ", ""),
    );
  });

  it("writes lengths and numbers in the fewest bytes that hold them", () => {
    const heads: readonly [length: number, head: string][] = [
      [0, "60"],
      [23, "77"],
      [24, "7818"],
      [255, "78ff"],
      [256, "790100"],
      [65_535, "79ffff"],
      [65_536, "7a00010000"],
    ];
    for (const [length, head] of heads) {
      // Of one byte a unit, of two and of three, as many of them as fit, and ASCII for the rest.
      for (const unit of ["x", "ä", "鹬"]) {
        const bytes = new TextEncoder().encode(unit).length;
        const text = unit.repeat(Math.floor(length / bytes)).concat("x".repeat(length % bytes));
        const frame = cbor.encode({ appId: text }).slice();
        assert.ok(hexOf(frame).startsWith(`bf03${head}`), `${length} bytes`);
        assert.equal(frame.length, 3 + head.length / 2 + length);
        assert.deepEqual(cbor.decode(frame), { appId: text });
      }
    }
    const numbers: readonly [number, string][] = [
      [23, "17"],
      [24, "1818"],
      [-24, "37"],
      [-25, "3818"],
      [65_536, "1a00010000"],
      [2 ** 32 - 1, "1affffffff"],
      [2 ** 32, "1b0000000100000000"],
      [-(2 ** 32), "3affffffff"],
      [Number.MAX_SAFE_INTEGER, "1b001fffffffffffff"],
      [Number.MIN_SAFE_INTEGER, "3b001ffffffffffffe"],
      [-0, "00"],
    ];
    for (const [serverTs, head] of numbers) {
      assert.equal(hexOf(cbor.encode({ serverTs })), `bf09${head}ff`);
      assert.deepEqual(cbor.decode(cbor.encode({ serverTs })), { serverTs: serverTs + 0 });
    }
  });

  it("addresses a command that has nothing else", () => {
    assert.equal(hexOf(cbor.address!(cbor.encode({}), "tom")), "bf0463746f6dff");
    assert.equal(cborText.address!(cborText.encode({}), "tom"), "vwRjdG9t/w==");
  });

  it("encodes an envelope with every field there is", () => {
    const [full] = fc.sample(
      commands.filter((command) => Object.keys(command).length > 23),
      { numRuns: 1, seed: 1 },
    );
    assert.deepEqual(cbor.decode(cbor.encode(full!)), full);
  });

  it("means what protobuf and JSON mean", () => {
    fc.assert(fc.property(commands, (command) => {
      const meant = cbor.decode(cbor.encode(command));
      assert.deepEqual(meant, protobuf.decode(protobuf.encode(command)));
      assert.deepEqual(meant, json.decode(json.encode(command)));
    }));
  });

  it("keeps a byte order mark, and U+FFFD for what is not UTF-8", () => {
    for (const length of [1, 100]) {
      const peerId = `\ufeff${"x".repeat(length)}`;
      assert.deepEqual(cbor.decode(cbor.encode({ peerId })), { peerId });
    }
    assert.deepEqual(decoded("a2 04 62 61ff 05 01"), { peerId: "a\ufffd", i: 1 });
    assert.deepEqual(decoded("a2 04 61 e2 03 61 82"), { peerId: "\ufffd", appId: "\ufffd" });
  });

  it("reads CBOR as others write it", () => {
    // Integers of any length and as floats, with a length and without.
    assert.deepEqual(decoded("a3 01 02 05 1a 00000064 09 1b 0000000000000007"), {
      cmd: "direct",
      i: 100,
      serverTs: 7,
    });
    assert.deepEqual(decoded("a3 05 f94500 09 fb4278bcfe5687b000 0a fa4b000000"), {
      i: 5,
      serverTs: 1_700_000_000_123,
      clientTs: 8_388_608,
    });
    assert.deepEqual(decoded("a1 1868 bf 07 9f 6161 6162 ff ff"), {
      directMessage: { toPeerIds: ["a", "b"] },
    });
    for (const zero of ["f98000", "fa80000000", "fb8000000000000000"]) {
      assert.ok(Object.is(decoded(`a105${zero}`).i, 0));
      assert.ok(Object.is(decoded(`a109${zero}`).serverTs, 0));
    }
  });

  it("skips any item under a key that it does not know, whatever the key is", () => {
    fc.assert(
      fc.property(items, items, (key, value) => {
        // Two zeroes before it make the key an array, which no field has.
        const frame = `a3 182a ${value} 82${key}00 ${value} 05 01`;
        assert.deepEqual(decoded(frame), { i: 1 });
      }),
      { numRuns: 1_000 },
    );
    assert.deepEqual(decoded("a3 1bffffffffffffffff 00 20 00 05 01"), { i: 1 });
    const command = decoded("a2 69 5f5f70726f746f5f5f a1 01 07 1868 a1 69 5f5f70726f746f5f5f a0");
    for (const message of [command, command.directMessage]) {
      assert.equal(Object.getPrototypeOf(message), Object.prototype);
    }
    assert.deepEqual(command, { directMessage: {} });
  });

  it("lets nothing with a tag into a command", () => {
    for (const tag of ["c0", "c1", "c2", "d81c", "d90102", "d9dfff"]) {
      refuses(`a1 05 ${tag} 01`, /i is no int32/, 2);
      refuses(`a1 04 ${tag} 61 61`, /peerId is no string/, 2);
    }
    refuses("c0 a0", /no map/, 0);
  });

  it("bounds how deep an item may be", () => {
    const nested = (depth: number, open: string) => `a1182a${open.repeat(depth)}00`;
    for (const open of ["81", "c1", "a100"]) {
      assert.deepEqual(decoded(nested(64, open)), {});
      refuses(nested(65, open), /too deep/, 3 + 64 * (open.length / 2));
    }
    refuses(`a1182a${"9f".repeat(100_000)}`, /too deep/, 3 + 64);
  });

  it("believes no length that the frame can't hold", () => {
    for (const size of ["1affffffff", "1b00000000ffffffff", "1bffffffffffffffff"]) {
      const of = (major: number) =>
        (parseInt(size.slice(0, 2), 16) | major << 5).toString(16) +
        size.slice(2);
      const end = 1 + size.length / 2;
      refuses(`${of(5)}`, /breaks off/, end - 1);
      refuses(`a104${of(3)}`, /beyond the end/, 2);
      refuses(`a11868a113${of(2)}`, /beyond the end/, 5);
      refuses(`a11868a107${of(4)}`, /breaks off/, 5 + size.length / 2);
      refuses(`a1182a${of(2)}`, /beyond the end/, 3);
      refuses(`a1182a${of(5)}`, /breaks off/, 3 + size.length / 2);
    }
  });

  it("takes an unknown number of an enum and an empty list for absent, and the last of many", () => {
    assert.deepEqual(decoded("a2 01 1903e7 1868 a1 07 80"), { directMessage: {} });
    assert.deepEqual(decoded("a1 01 20"), {});
    assert.deepEqual(decoded("a2 05 01 05 02"), { i: 2 });
    assert.deepEqual(decoded("a2 1868 a1 01 6161 1868 a1 0b 6162"), {
      directMessage: { cid: "b" },
    });
  });

  it("refuses what is no command, and says where", () => {
    refuses("", /breaks off/, 0);
    refuses("80", /no map/, 0);
    refuses("ff", /not CBOR/, 0);
    refuses("a0 00", /follows/, 1);
    refuses("bf 05 01", /breaks off/, 3);
    refuses("a1 05", /breaks off/, 2);
    refuses("a1 05 19 01", /breaks off/, 2);
    refuses("bf 05 ff", /not CBOR/, 2);
    refuses("a1 05 1c", /not CBOR/, 2);
    refuses("a1 05 1f", /not CBOR/, 2);
    refuses("a1 05 1a80000000", /i is no int32/, 2);
    refuses("a1 05 3a80000000", /i is no int32/, 2);
    refuses("a1 05 f93e00", /i is no int32/, 2);
    refuses("a1 05 f97e00", /i is no int32/, 2);
    refuses("a1 05 fb7ff0000000000000", /i is no int32/, 2);
    refuses("a1 05 f6", /i is no int32/, 2);
    refuses("a1 09 1b0020000000000000", /serverTs is no int64/, 2);
    refuses("a1 09 3b001fffffffffffff", /serverTs is no int64/, 2);
    refuses("a1 09 fbfff8000000000000", /serverTs is no int64/, 2);
    refuses("a1 01 63 616363", /cmd is no enum/, 2);
    refuses("a1 01 f93e00", /cmd is no enum/, 2);
    refuses("a1 04 41 61", /peerId is no string/, 2);
    refuses("a1 04 7f 6161 ff", /in parts/, 2);
    refuses("a1 1868 80", /directMessage is no message/, 3);
    refuses("a1 1868 a1 0d 01", /transient is no bool/, 5);
    refuses("a1 1868 a1 0d f6", /transient is no bool/, 5);
    refuses("a1 1868 a1 0d f814", /transient is no bool/, 5);
    refuses("a1 1868 a1 07 6161", /toPeerIds is no array/, 5);
    refuses("a1 1868 a1 07 8101", /toPeerIds is no string/, 6);
    refuses("a1 1868 a1 13 6161", /binaryMsg is no bytes/, 5);
    refuses("a1 182a 5f 6161 ff", /in parts that are none/, 4);
    refuses("a1 1867 a1 01 01", /reason is missing/, 6);
  });

  it("decodes a frame that lies within a larger buffer, and copies bytes out of a Buffer too", () => {
    const frame = cbor.encode(example);
    const larger = Buffer.concat([Buffer.alloc(3, 0xff), frame, Buffer.alloc(3, 0xff)]);
    const within = larger.subarray(3, 3 + frame.length);
    const command = cbor.decode(within);
    larger.fill(0);
    assert.deepEqual(command, example);
  });
});
