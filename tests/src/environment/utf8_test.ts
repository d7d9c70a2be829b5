import fc from "fast-check";
import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build, stop } from "esbuild";
import {
  decodePlain,
  decodeUtf8,
  encodePlain,
  encodeUtf8Into,
} from "../../../src/environment/utf8.ts";
import type * as portable from "../../../src/environment/utf8.ts";
import { platformUtf8 } from "../../../src/environment/platform_utf8.ts";
import type * as platform from "../../../src/environment/platform_utf8.ts";
import { repository } from "../../kit/modules.ts";

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

/** A module of the environment in a realm that has neither `TextEncoder` nor `TextDecoder`. */
async function withoutClasses<Module>(name: string): Promise<Module> {
  const { outputFiles: [file] } = await build({
    entryPoints: [fileURLToPath(new URL(`src/environment/${name}`, repository))],
    bundle: true,
    format: "iife",
    globalName: "found",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  const realm = vm.createContext({});
  vm.runInContext(file!.text, realm);
  return realm.found as Module;
}

describe("UTF-8", () => {
  after(() => stop());

  it("is encoded as TextEncoder does, with the platform's help and without", () => {
    fc.assert(
      fc.property(texts, fc.nat(9), (text, offset) => {
        const expected = new TextEncoder().encode(text);
        for (const encode of [encodeUtf8Into, encodePlain, platformUtf8.encodeInto]) {
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
        assert.equal(platformUtf8.decode(bytes, 0, bytes.length), expected);
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
        assert.equal(platformUtf8.decode(bytes, start, end), expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it("works where the platform has neither class", async () => {
    const without = await withoutClasses<typeof portable>("utf8.ts");
    for (const text of ["", "a", "héllo ".repeat(40), "你好🐦".repeat(300), "a\ud800b"]) {
      const bytes = new TextEncoder().encode(text);
      const target = new Uint8Array(text.length * 3);
      assert.equal(without.portableUtf8.encodeInto(text, target, 0), bytes.length);
      assert.deepEqual(target.subarray(0, bytes.length), bytes);
      assert.equal(without.portableUtf8.decode(bytes, 0, bytes.length), native.decode(bytes));
    }
  });

  it("says what to do where the platform has neither class, and an app passes nothing", async () => {
    const { platformUtf8 } = await withoutClasses<typeof platform>("platform_utf8.ts");
    const lacking = {
      name: "TypeError",
      message: "This platform has no TextEncoder or TextDecoder: pass `utf8` in the environment",
    };
    for (const text of ["", "plain", "héllo"]) {
      assert.throws(() => platformUtf8.encodeInto(text, new Uint8Array(15), 0), lacking);
    }
  });

  it("keeps a byte order mark", () => {
    for (const decode of [decodeUtf8, decodePlain, platformUtf8.decode]) {
      assert.equal(decode(new Uint8Array([0xef, 0xbb, 0xbf, 0x61]), 0, 4), "\ufeffa");
    }
  });
});
