import fc from "fast-check";
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  decodePlain,
  decodeUtf8,
  encodePlain,
  encodeUtf8Into,
} from "../../../src/environment/utf8.ts";

const native = new TextDecoder("utf-8", { ignoreBOM: true });

/** Text with lone surrogates in it, short and long, plain and foreign. */
const texts = fc.oneof(
  fc.array(fc.nat(0xffff), { maxLength: 80 }).map((units) => String.fromCharCode(...units)),
  fc.tuple(fc.string({ unit: "binary", maxLength: 6 }), fc.nat(300))
    .map(([unit, times]) => unit.repeat(times)),
  fc.string({ maxLength: 100 }),
);

/** Bytes that are more often near UTF-8 than random ones are. */
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.array(fc.constantFrom(0x41, 0x80, 0xa0, 0xbf, 0xc2, 0xe0, 0xe4, 0xed, 0xf0, 0xf4, 0xff), {
    maxLength: 100,
  }).map((list) => new Uint8Array(list)),
  fc.tuple(texts, fc.nat(), fc.nat(255)).map(([text, at, value]) => {
    const encoded = new TextEncoder().encode(text);
    encoded[at % (encoded.length + 1)] = value;
    return encoded;
  }),
);

describe("UTF-8", () => {
  it("is encoded as TextEncoder does, with the platform's help and without", () => {
    fc.assert(
      fc.property(texts, fc.nat(9), (text, offset) => {
        const expected = new TextEncoder().encode(text);
        for (const encode of [encodeUtf8Into, encodePlain]) {
          const target = new Uint8Array(offset + text.length * 3);
          const size = encode(text, target, offset);
          assert.deepEqual(target.slice(offset, offset + size), expected);
          assert.ok(target.slice(0, offset).every((byte) => byte === 0));
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("is decoded as TextDecoder does, with the platform's help and without", () => {
    fc.assert(
      fc.property(bytes, (bytes) => {
        const expected = native.decode(bytes);
        assert.equal(decodeUtf8(bytes, 0, bytes.length), expected);
        assert.equal(decodePlain(bytes, 0, bytes.length), expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is decoded out of the middle of other bytes", () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat(), (bytes, one, two) => {
        const [start, end] = [one % (bytes.length + 1), two % (bytes.length + 1)];
        if (start > end) return;
        const expected = native.decode(bytes.subarray(start, end));
        assert.equal(decodeUtf8(bytes, start, end), expected);
        assert.equal(decodePlain(bytes, start, end), expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it("works where the platform has neither class", async () => {
    const { TextEncoder, TextDecoder } = globalThis;
    Object.assign(globalThis, { TextEncoder: undefined, TextDecoder: undefined });
    let without: typeof import("../../../src/environment/utf8.ts");
    try {
      // Another instance of the module, which looks for the classes when it is loaded.
      without = await import(`${import.meta.resolve("../../../src/environment/utf8.ts")}?without`);
    } finally {
      Object.assign(globalThis, { TextEncoder, TextDecoder });
    }
    for (const text of ["", "a", "héllo ".repeat(40), "你好🐦".repeat(300), "a\ud800b"]) {
      const bytes = new TextEncoder().encode(text);
      const target = new Uint8Array(text.length * 3);
      assert.equal(without.encodeUtf8Into(text, target, 0), bytes.length);
      assert.deepEqual(target.subarray(0, bytes.length), bytes);
      assert.equal(without.decodeUtf8(bytes, 0, bytes.length), native.decode(bytes));
    }
  });

  it("keeps a byte order mark", () => {
    for (const decode of [decodeUtf8, decodePlain]) {
      assert.equal(decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), 0, 4), "\ufeffa");
    }
  });
});
