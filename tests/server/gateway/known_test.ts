import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Known } from "../../../server/gateway/known.ts";

describe("what a node has told already", () => {
  it("is known until it did not come for some sweeps, and no longer", () => {
    const known = new Known();
    for (const id of ["once", "again"]) assert.equal(known.isFirst(id, 1), true);
    assert.equal(known.isFirst("later", 2), true);
    assert.equal(known.isFirst("again", 4), false);
    known.forget(4);
    assert.deepEqual(["once", "again", "later"].map((id) => known.isFirst(id, 5)), [
      true,
      false,
      true,
    ]);
  });

  it("is known by its version, and a newer one is not", () => {
    const known = new Known();
    const event = { kind: "notice", id: "1", to: [], command: { cmd: "rcp" } } as const;
    assert.ok(known.newsOf({ ...event, newest: [{ of: "mark", version: 7 }] }, 1));
    assert.equal(known.newsOf({ ...event, newest: [{ of: "mark", version: 6 }] }, 1), undefined);
    assert.deepEqual([7, 8].map((version) => known.isTold("mark", version, 3)), [true, false]);
    known.forget(3);
    assert.equal(known.versionOf("mark"), 7);
    known.forget(4);
    assert.equal(known.isTold("mark", 7, 4), false);
  });
});
