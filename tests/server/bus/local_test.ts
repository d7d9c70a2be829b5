import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { localBus } from "@curlew/server/bus/local";
import { listeningLog } from "../../kit/log.ts";

describe("the bus of a single process", () => {
  it("hands an event to all who subscribed to its topic, at once and in order", () => {
    const bus = localBus<number>(listeningLog());
    const heard: [string, number][] = [];
    bus.subscribe("a", (event) => heard.push(["first", event]));
    bus.subscribe("a", (event) => heard.push(["second", event]));
    bus.subscribe("b", (event) => heard.push(["other", event]));
    bus.publish("a", 1);
    bus.publish("a", 2);
    bus.publish("nobody", 3);
    assert.deepEqual(heard, [["first", 1], ["second", 1], ["first", 2], ["second", 2]]);
  });

  it("hands on nothing once that is no longer wanted", async () => {
    const bus = localBus<number>(listeningLog());
    const heard: number[] = [];
    const end = bus.subscribe("a", (event) => heard.push(event));
    bus.subscribe("a", (event) => heard.push(event * 10));
    bus.publish("a", 1);
    end();
    end();
    bus.publish("a", 2);
    await bus.close();
    bus.publish("a", 3);
    assert.deepEqual(heard, [1, 10, 20]);
  });

  it("logs a subscriber that fails, and lets neither the publisher nor the others suffer", () => {
    const log = listeningLog();
    const bus = localBus<number>(log);
    const heard: number[] = [];
    bus.subscribe("a", () => {
      throw new Error("no");
    });
    bus.subscribe("a", (event) => heard.push(event));
    bus.publish("a", 1);
    assert.deepEqual(heard, [1]);
    assert.equal(log.lines.length, 1);
  });
});
