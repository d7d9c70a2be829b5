import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { EventEmitter } from "@curlew/realtime";

type Events = { said: [word: string, times: number]; done: [] };

describe("an event emitter", () => {
  const make = () => {
    const emitter = new EventEmitter<Events>();
    const calls: string[] = [];
    const hear = (name: string) => (word: string, times: number) => {
      calls.push(`${name}: ${word} ${times}`);
    };
    return { emitter, calls, hear };
  };

  it("calls the listeners of a name in their order, and says whether there was one", () => {
    const { emitter, calls, hear } = make();
    assert.equal(emitter.emit("said", "hello", 1), false);
    assert.equal(emitter.on("said", hear("a")).addListener("said", hear("b")), emitter);
    assert.equal(emitter.emit("said", "hello", 2), true);
    assert.equal(emitter.emit("done"), false);
    assert.deepEqual(calls, ["a: hello 2", "b: hello 2"]);
  });

  it("calls with the context given, or else with itself", () => {
    const { emitter } = make();
    const seen: unknown[] = [];
    const listener = function (this: unknown) {
      seen.push(this);
    };
    emitter.on("done", listener).on("done", listener, "there").once("done", listener, "once");
    emitter.emit("done");
    assert.deepEqual(seen, [emitter, "there", "once"]);
  });

  it("calls a listener of `once` a single time, also where it emits the same again", () => {
    const { emitter, calls, hear } = make();
    emitter.once("said", hear("a")).once("said", () => void emitter.emit("said", "again", 2));
    emitter.on("said", hear("b"));
    emitter.emit("said", "hello", 1);
    assert.deepEqual(calls, ["a: hello 1", "b: again 2", "b: hello 1"]);
    assert.equal(emitter.listenerCount("said"), 1);
  });

  it("calls those that were there when it began, whoever comes or goes meanwhile", () => {
    const { emitter, calls, hear } = make();
    const b = hear("b");
    emitter.on("said", () => emitter.off("said", b).on("said", hear("late")));
    emitter.on("said", b);
    emitter.emit("said", "hello", 1);
    assert.deepEqual(calls, ["b: hello 1"]);
    assert.equal(emitter.listenerCount("said"), 2);
  });

  it("forgets a listener, all of a name, or all", () => {
    const { emitter, hear } = make();
    const [a, b, c] = [hear("a"), hear("b"), () => {}];
    emitter.on("said", a).on("said", a).on("said", b).once("done", c);
    assert.deepEqual(emitter.eventNames(), ["said", "done"]);
    assert.deepEqual(emitter.off("said", a).listeners("said"), [b]);
    assert.deepEqual(emitter.removeListener("said").eventNames(), ["done"]);
    emitter.on("said", b).removeAllListeners("done");
    assert.deepEqual(emitter.eventNames(), ["said"]);
    assert.deepEqual(emitter.removeAllListeners().eventNames(), []);
    assert.equal(emitter.off("done", c).listenerCount("done"), 0);
  });

  it("forgets only those of that context, or of `once`, where it is told so", () => {
    const { emitter } = make();
    const listener = () => {};
    const one = {}, two = {};
    emitter.on("done", listener, one).on("done", listener, two).once("done", listener, two);
    assert.equal(emitter.off("done", listener, one, true).listenerCount("done"), 3);
    assert.equal(emitter.off("done", listener, two, true).listenerCount("done"), 2);
    assert.equal(emitter.off("done", listener, two).listenerCount("done"), 1);
    assert.equal(emitter.off("done", listener).listenerCount("done"), 0);
  });

  it("passes on what a listener throws, and takes nothing but functions", () => {
    const { emitter, calls, hear } = make();
    emitter.on("said", hear("a")).on("said", () => {
      throw new Error("No");
    });
    assert.throws(() => emitter.emit("said", "hello", 1), new Error("No"));
    assert.deepEqual(calls, ["a: hello 1"]);
    assert.throws(
      () => emitter.on("done", undefined as never),
      new TypeError("Argument listener must be a function"),
    );
  });
});
