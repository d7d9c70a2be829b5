import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Case } from "../report.ts";
import { type Area, testsIn } from "./feature.ts";
import { gaps } from "./proof.ts";

const one = (name: string, file?: string, how?: "failed" | "skipped"): Case => ({
  name,
  file: file && `tests/${file}_test.ts`,
  failed: how === "failed",
  skipped: how === "skipped",
});

/** What is wrong with a row that this test should show, where these ran. */
function why(report: readonly Case[], shown = testsIn("rooms", "a room")("is entered")) {
  const area: Area = {
    name: ["Rooms", ""],
    features: [{ what: ["Enter", ""], official: { has: ["ChatRoom"] }, shown: [shown] }],
  };
  return gaps([area], report).map((gap) => gap.why);
}

describe("a row of README's table of features", () => {
  it("is true where its test passed, whatever else failed", () => {
    const others = [one("a room > is left", undefined, "failed"), one("a room", "rooms", "failed")];
    assert.deepEqual(why([...others, one("a room > is entered")]), []);
    assert.deepEqual(why([one("alone", "rooms")], testsIn("rooms")("alone")), []);
    const groups = [one("a room", "rooms"), one("a room", "halls")];
    assert.deepEqual(why([...groups, one("a room > is entered")]), []);
  });

  it("is not true where its test has another name, or is in another file", () => {
    assert.deepEqual(why([one("a room", "rooms"), one("a room > is left")]), ["is not there"]);
    assert.deepEqual(why([one("a room", "halls"), one("a room > is entered")]), ["is not there"]);
    assert.deepEqual(why([]), ["is not there"]);
  });

  it("is not true where its test failed, or was skipped with its group or alone", () => {
    const group = one("a room", "rooms");
    assert.deepEqual(why([group, one("a room > is entered", undefined, "failed")]), ["failed"]);
    const skipped = one("a room > is entered", undefined, "skipped");
    assert.deepEqual(why([group, skipped]), ["was skipped"]);
    assert.deepEqual(why([one("a room", "rooms", "skipped")]), ["was skipped"]);
  });

  it("is not true where what it says of LeanCloud's SDK is not shown", () => {
    const [theirs, ours] = ["throws", "works"].map((name) => testsIn("rooms", "a room")(name));
    const area: Area = {
      name: ["Rooms", ""],
      features: [{
        what: ["Enter", ""],
        official: { is: ["throws", ""], shown: theirs! },
        shown: [ours!],
      }],
    };
    const found = gaps([area], [one("a room", "rooms"), one("a room > works")]);
    assert.deepEqual(found, [{ feature: "Enter", shown: theirs, why: "is not there" }]);
  });
});
