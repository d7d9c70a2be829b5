import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Lately } from "../../../server/store/lately.ts";

describe("what happened lately", () => {
  it("is the last thing of each, at or after a time", () => {
    const lately = new Lately<string>(0);
    lately.note("a", 1, "a at 1");
    lately.note("b", 2, "b at 2");
    lately.note("a", 3, "a at 3");
    assert.deepEqual(lately.since(1), ["b at 2", "a at 3"]);
    assert.deepEqual(lately.since(3), ["a at 3"]);
    assert.deepEqual(lately.since(4), []);
  });

  it("is known after the beginning, and after the last that was forgotten", () => {
    const lately = new Lately<number>(10);
    assert.deepEqual([lately.knows(10), lately.knows(11)], [false, true]);
    for (let i = 0; i < 100_000; i++) lately.note(`${i}`, 11 + i, i);
    const [first] = lately.since(0);
    assert.ok(lately.since(0).length <= 40_000);
    assert.deepEqual([lately.knows(10 + first!), lately.knows(11 + first!)], [false, true]);
    assert.equal(lately.since(0).at(-1), 99_999);
  });

  it("is not known where a clock that was ahead forgot it", () => {
    const lately = new Lately<number>(0);
    lately.note("ahead", 1_000_000, 0);
    for (let i = 0; i < 50_000; i++) lately.note(`${i}`, i, i);
    assert.deepEqual([lately.knows(999_999), lately.knows(1_000_001)], [false, true]);
  });
});
