import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { backoffDelay } from "../../../src/connection/backoff.ts";
import { times } from "./world.ts";

describe("the wait before an attempt", () => {
  const [least, most] = [() => 0, () => 1 - Number.EPSILON];

  it("doubles from at most 1 s to at most 30 s", () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 1_000].map((n) => backoffDelay(n, times.backoff, most));
    assert.deepEqual(waits, [1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
  });

  it("is a half of that at least, by chance", () => {
    assert.equal(backoffDelay(0, times.backoff, least), 500);
    assert.equal(backoffDelay(9, times.backoff, least), 15_000);
    assert.equal(backoffDelay(0, times.backoff, () => 0.5), 750);
  });

  it("is a whole number within its bounds, always", () => {
    fc.assert(fc.property(
      fc.nat(),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.record({ first: fc.integer({ min: 1, max: 1e4 }), max: fc.integer({ min: 1, max: 1e6 }) }),
      (attempt, chance, backoff) => {
        const wait = backoffDelay(attempt, backoff, () => chance);
        assert.ok(Number.isInteger(wait) && wait >= 0 && wait <= backoff.max);
      },
    ));
  });
});
