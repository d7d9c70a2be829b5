import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import {
  type Batch,
  contentType,
  DecodeError,
  type Frame,
  frameRoom,
  readBatch,
  writeBatch,
} from "@curlew/realtime/protocol";

const number = fc.nat({ max: 2 ** 32 - 1 });
const text = fc.string({ unit: "grapheme", maxLength: 90 });
const bytes = fc.uint8Array({ maxLength: 90 });
const close = fc.record({ code: fc.nat(0xffff), reason: text }, { noNullPrototype: true });

const batches = (frame: fc.Arbitrary<Frame>): fc.Arbitrary<Batch> =>
  fc.record({ first: number, ack: number, frames: fc.array(frame, { maxLength: 8 }), close }, {
    requiredKeys: ["first", "ack", "frames"],
    noNullPrototype: true,
  });

/** Fails unless it is read, or refused by a `DecodeError`. */
function isRead(body: Frame): void {
  try {
    readBatch(body);
  } catch (error) {
    assert.ok(error instanceof DecodeError, String(error));
  }
}

describe("a batch of frames", () => {
  it("is read as it was written", () => {
    fc.assert(fc.property(batches(fc.oneof(text, bytes)), (batch) => {
      assert.deepEqual(readBatch(writeBatch(batch)), batch);
    }));
  });

  it("is text where all of its frames are, and bytes elsewhere", () => {
    fc.assert(fc.property(batches(text), (batch) => {
      const body = writeBatch(batch);
      assert.equal(contentType(body), "application/json");
      assert.equal(typeof body, "string");
    }));
    const body = writeBatch({ first: 1, ack: 0, frames: ["text", new Uint8Array([1])] });
    assert.equal(contentType(body), "application/octet-stream");
    assert.notEqual(typeof body, "string");
  });

  it("is no larger than the room that its frames are said to take", () => {
    fc.assert(fc.property(fc.array(fc.oneof(text, bytes), { minLength: 1 }), (frames) => {
      const room = frames.reduce((sum, frame) => sum + frameRoom(frame), 0);
      const body = writeBatch({ first: 1, ack: 0, frames: [...frames, new Uint8Array()] });
      assert.ok(body.length <= 8 + 5 + room);
    }));
  });

  it("is read from the middle of a larger buffer", () => {
    const batch = { first: 3, ack: 9, frames: [new Uint8Array([1, 2, 3]), "a"] };
    const body = writeBatch(batch) as Uint8Array;
    const larger = new Uint8Array(body.length + 7);
    larger.set(body, 7);
    assert.deepEqual(readBatch(larger.subarray(7)), batch);
  });

  it("is refused where it is none", () => {
    const wrong: Frame[] = [
      "",
      "<html>",
      "null",
      "[]",
      "{}",
      '{"first":1}',
      '{"first":-1,"ack":0}',
      '{"first":1.5,"ack":0}',
      '{"first":4294967296,"ack":0}',
      '{"first":1,"ack":"0"}',
      '{"first":1,"ack":0,"frames":{}}',
      '{"first":1,"ack":0,"frames":["a",1]}',
      '{"first":1,"ack":0,"close":1000}',
      '{"first":1,"ack":0,"close":[65536,""]}',
      '{"first":1,"ack":0,"close":[1000]}',
      new Uint8Array(7),
      new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 1]),
      new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 1]),
      new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 1, 255, 255, 255, 255, 1]),
      new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 0, 0]),
      new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 1, 3]),
      // Something follows the end.
      new Uint8Array([0, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0, 0, 2, 3, 232, 1, 0, 0, 0, 0]),
    ];
    for (const body of wrong) assert.throws(() => readBatch(body), DecodeError, String(body));
  });

  it("says no more than DecodeError, whatever arrives", () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.json(), fc.uint8Array()), isRead));
    fc.assert(fc.property(batches(fc.oneof(text, bytes)), fc.nat(), (batch, at) => {
      const body = writeBatch(batch);
      isRead(body.slice(0, at % (body.length + 1)));
    }));
  });
});
