import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Backlog } from "../../../server/gateway/backlog.ts";
import { settle } from "../../kit/clock.ts";

/** Work that is done when the test says so. */
function work() {
  let done = () => {};
  let fail = (_: Error) => {};
  const promise = new Promise<void>((resolve, reject) => [done, fail] = [resolve, reject]);
  return { promise, done: () => done(), fail: (error: Error) => fail(error) };
}

describe("a backlog", () => {
  it("counts the bytes of what is not done, and says when all is", async () => {
    const backlog = new Backlog((error) => assert.fail(String(error)));
    await backlog.idle();
    const [one, two] = [work(), work()];
    backlog.add(one.promise, 10);
    backlog.add(two.promise, 5);
    let idle = false;
    backlog.idle().then(() => idle = true);
    one.done();
    await settle();
    assert.deepEqual([backlog.size, idle], [5, false]);
    two.done();
    await settle();
    assert.deepEqual([backlog.size, idle], [0, true]);
  });

  it("does in turn what is to be, also after something failed, and tells of that", async () => {
    const failures: unknown[] = [];
    const backlog = new Backlog((error) => failures.push(error));
    const [one, two] = [work(), work()];
    const begun: number[] = [];
    const begin = (n: number, promise: Promise<void>) =>
      backlog.add(
        backlog.inTurn(() => {
          begun.push(n);
          return promise;
        }),
        1,
      );
    begin(1, one.promise);
    begin(2, two.promise);
    await settle();
    assert.deepEqual([begun, backlog.takesTurns], [[1], true]);
    const error = new Error("A defect");
    one.fail(error);
    await settle();
    assert.deepEqual([begun, failures], [[1, 2], [error]]);
    two.done();
    await backlog.idle();
    await settle();
    assert.deepEqual([backlog.takesTurns, backlog.size], [false, 0]);
  });
});
