import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { allOf } from "@curlew/realtime/environment";
import { Switch } from "../../kit/switch.ts";

describe("allOf", () => {
  it("says yes while all say yes, and tells each change of each", () => {
    const network = new Switch();
    const seen = new Switch();
    const told: boolean[] = [];
    const both = allOf(network, seen);
    const unwatch = both.watch((now) => told.push(now));
    assert.equal(both.current(), true);
    seen.set(false);
    network.set(false);
    seen.set(true);
    assert.equal(both.current(), false);
    network.set(true);
    network.set(true);
    assert.deepEqual(told, [false, false, false, true, true]);
    unwatch();
    network.set(false);
    assert.equal(told.length, 5);
    assert.deepEqual([network.watchers, seen.watchers], [0, 0]);
  });

  it("says yes where there is nothing to ask", () => {
    assert.equal(allOf().current(), true);
  });
});
