import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Recent } from "../../../server/store/recent.ts";

describe("what was used last", () => {
  const there = (recent: Recent<number>, ...keys: string[]) => keys.map((key) => recent.get(key));

  it("goes when there is too much of it, the longest unused first", () => {
    const recent = new Recent<number>(3);
    for (const [i, key] of ["a", "b", "c"].entries()) recent.set(key, i);
    assert.equal(recent.get("a"), 0);
    recent.set("d", 3);
    assert.deepEqual(there(recent, "a", "b", "c", "d"), [0, undefined, 2, 3]);
  });

  it("weighs what it was said to weigh, also after it was replaced or forgotten", () => {
    const recent = new Recent<number>(10);
    recent.set("a", 1, 9);
    recent.set("a", 2, 4);
    recent.set("b", 3, 6);
    assert.deepEqual(there(recent, "a", "b"), [2, 3]);
    recent.delete("a");
    recent.set("c", 4, 4);
    assert.deepEqual(there(recent, "a", "b", "c"), [undefined, 3, 4]);
    recent.set("d", 5, 1);
    assert.deepEqual(there(recent, "b", "c", "d"), [undefined, 4, 5]);
  });

  it("is not kept at all when it weighs too much by itself", () => {
    const recent = new Recent<number>(10);
    recent.set("a", 1, 11);
    assert.equal(recent.get("a"), undefined);
    recent.set("b", 2, 10);
    assert.equal(recent.get("b"), 2);
  });
});
