import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { tally } from "./run.ts";

const failure = `<failure message="x">x</failure>`;
const one = (name: string, body = "") =>
  `<testcase name="${
    name.replaceAll(">", "&gt;")
  }" classname="f" time="0.1" line="1" col="1">\n${body}</testcase>`;

describe("the number of tests", () => {
  it("counts each `it` once and no `describe`", () => {
    const report = [
      one("top"),
      one("outer"),
      one("outer > one"),
      one("outer > inner"),
      one("outer > inner > two"),
      one("outer > inner > two"),
    ].join("\n");
    assert.deepEqual(tally(report, "ok | 2 passed (4 steps) | 0 failed (9ms)"), {
      passed: 4,
      failed: 0,
      skipped: 0,
    });
  });

  it("counts a failed test once, whatever groups it is in", () => {
    const report = one("outer", failure) + one("outer > inner", failure) +
      one("outer > inner > a", failure) + one("outer > b");
    assert.deepEqual(tally(report, "FAILED | 0 passed (1 step) | 1 failed (2 steps) (9ms)"), {
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it("tells skipped tests from passed ones", () => {
    const report = one("outer") + one("outer > a", "<skipped/>") + one("outer > b");
    assert.deepEqual(tally(report, "ok | 1 passed (1 step) | 0 failed | 0 ignored (1 step)"), {
      passed: 1,
      failed: 0,
      skipped: 1,
    });
  });

  it("counts a group whose hook failed", () => {
    const report = one("outer", failure) + one("outer > a");
    assert.deepEqual(tally(report, "FAILED | 0 passed (1 step) | 1 failed (9ms)"), {
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });

  it("counts a file that could not be loaded", () => {
    assert.equal(tally(one("a"), "FAILED | 1 passed | 2 failed (9ms)").failed, 2);
  });
});
