import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Command } from "@curlew/realtime/protocol";
import { RealtimeError } from "@curlew/realtime/protocol";
import { errorOf, Requests } from "../../../src/connection/requests.ts";
import { FakeClock } from "../../kit/clock.ts";

describe("requests", () => {
  it("number from 1, and begin again after the largest int32", async () => {
    const sent: (number | undefined)[] = [];
    const send = (command: Command) => void sent.push(command.i);
    for (
      const [requests, expected] of [
        [new Requests(new FakeClock()), [1, 2]],
        [new Requests(new FakeClock(), 0x7ffffffe), [0x7fffffff, 1]],
      ] as const
    ) {
      const waiting = [1, 2].map(() => requests.send({ cmd: "conv" }, send, 1_000));
      assert.deepEqual(sent.splice(0), expected);
      for (const i of expected) assert.equal(requests.settle({ cmd: "conv", i }), true);
      await Promise.all(waiting);
    }
  });

  it("are settled once", async () => {
    const clock = new FakeClock();
    const requests = new Requests(clock);
    const request = requests.send({ cmd: "conv" }, () => {}, 1_000);
    assert.equal(requests.settle({ cmd: "conv" }), false);
    assert.equal(requests.settle({ cmd: "conv", i: 2 }), false);
    assert.equal(requests.settle({ cmd: "conv", i: 1 }), true);
    assert.equal(requests.settle({ cmd: "conv", i: 1 }), false);
    requests.settleAll(new RealtimeError("CONNECTION_LOST", "Lost"));
    assert.deepEqual(await request, { cmd: "conv", i: 1 });
    assert.equal(clock.waiting, 0);
  });

  it("do not change the command that they send", () => {
    const command = Object.freeze({ cmd: "conv" as const });
    let sent: Command | undefined;
    const requests = new Requests(new FakeClock());
    requests.send(command, (whole) => void (sent = whole), 1_000).catch(() => {});
    assert.deepEqual(sent, { cmd: "conv", i: 1 });
  });

  it("let go of their signals", async () => {
    const listeners = new Set<() => void>();
    const signal = {
      aborted: false,
      addEventListener: (_: "abort", listener: () => void) => void listeners.add(listener),
      removeEventListener: (_: "abort", listener: () => void) => void listeners.delete(listener),
    };
    const requests = new Requests(new FakeClock());
    const request = requests.send({ cmd: "conv" }, () => {}, 1_000, signal);
    assert.equal(listeners.size, 1);
    requests.settle({ cmd: "conv", i: 1 });
    await request;
    assert.equal(listeners.size, 0);
  });

  it("may be answered while they are sent", async () => {
    const clock = new FakeClock();
    const requests = new Requests(clock);
    const reply = await requests.send({ cmd: "conv" }, ({ i }) => {
      requests.settle({ cmd: "conv", op: "added", i });
    }, 1_000);
    assert.equal(reply.op, "added");
    assert.equal(clock.waiting, 0);
  });
});

describe("the error of a reply", () => {
  const named = (code: number, reason: string, detail?: string) =>
    errorOf({ cmd: "error", errorMessage: { code, reason, detail } })!;

  it("is there only where the reply has one", () => {
    assert.equal(errorOf({ cmd: "conv" }), undefined);
  });

  it("is named by the reason where that is a symbolic name", () => {
    assert.equal(named(4303, "CONVERSATION_NOT_FOUND").name, "CONVERSATION_NOT_FOUND");
    assert.equal(named(4303, "Some words").name, "SERVER_ERROR");
    assert.equal(named(4303, "Some words").code, 4303);
    assert.equal(named(1, "SOMETHING_NEW").name, "SOMETHING_NEW");
  });

  it("says what the server says", () => {
    assert.equal(named(1, "Some words").message, "Some words");
    assert.equal(named(4303, "CONVERSATION_NOT_FOUND", "No x").message, "No x");
    assert.equal(named(4303, "").message, "SERVER_ERROR");
    assert.equal(named(4303, "").code, 4303);
  });
});
