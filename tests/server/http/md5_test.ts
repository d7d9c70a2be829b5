import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import fc from "fast-check";
import { md5 } from "../../../server/http/md5.ts";

describe("MD5", () => {
  it("is that of RFC 1321", () => {
    assert.equal(md5(""), "d41d8cd98f00b204e9800998ecf8427e");
    assert.equal(md5("abc"), "900150983cd24fb0d6963f7d28e17f72");
  });

  it("is the platform's, whatever the text and its length", () => {
    fc.assert(fc.property(fc.string({ unit: "grapheme", maxLength: 200 }), (text) => {
      assert.equal(md5(text), createHash("md5").update(text).digest("hex"));
    }));
  });
});
