import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { type Dial, type Transport, TransportError } from "@curlew/realtime/protocol";
import { Cancellation } from "../../../src/connection/cancel.ts";
import { dial, type DialOptions } from "../../../src/connection/dial.ts";
import { findEnvironment } from "../../../src/environment/find.ts";
import { FakeClock } from "../../kit/clock.ts";
import { listeningLog } from "../../kit/log.ts";
import { failure } from "./world.ts";

/** A transport that does at each address what a test says, and keeps what it was asked. */
function scripted(name: string, act: (dial: Dial) => Promise<void> | void) {
  const asked: Dial[] = [];
  const transport: Transport = {
    name,
    carries: "any",
    open: async (dial, accept) => {
      asked.push(dial);
      await act(dial);
      accept({ protocol: dial.protocols[0]!, pending: 0, send: () => {}, close: () => {} });
    },
  };
  return { transport, asked };
}

const refuse = ({ url }: Dial) => {
  throw new TransportError("refused", `${url} refused`);
};

const hang = ({ cancelled, url }: Dial) =>
  new Promise<void>((_, reject) =>
    cancelled.addEventListener(
      "abort",
      () => reject(new TransportError("timeout", `${url} was given up`)),
    )
  );

function attempt(options: Partial<DialOptions>, chances: readonly number[] = []) {
  const clock = new FakeClock();
  let at = 0;
  const random = () => chances[at++ % chances.length] ?? 0;
  const opened: string[] = [];
  const cancel = new Cancellation();
  const result = dial(
    {
      urls: ["one"],
      transports: [],
      codecs: [protobuf],
      version: 3,
      timeout: 20_000,
      cancel,
      ...options,
    },
    findEnvironment({ clock, random, log: listeningLog() }),
    ({ transport }) => {
      opened.push(transport);
      return { frame: () => {}, closed: () => {} };
    },
  );
  result.catch(() => {});
  return { clock, opened, cancel, result };
}

describe("an attempt", () => {
  it("tries the addresses in random order, each once, until one answers", async () => {
    const { transport, asked } = scripted(
      "t",
      (how) => how.url === "two" ? undefined : refuse(how),
    );
    const urls = ["one", "two", "three"];
    const { result, opened } = attempt({ urls, transports: [transport] }, [0.9, 0.5, 0.1]);
    await result;
    assert.deepEqual(asked.map(({ url }) => url), ["three", "two"]);
    assert.deepEqual(opened, ["t"]);
    asked.length = 0;
    await attempt({ urls, transports: [transport] }, [0.1, 0.5, 0.9]).result;
    assert.deepEqual(asked.map(({ url }) => url), ["one", "two"]);
    assert.deepEqual(urls, ["one", "two", "three"]);
  });

  it("tries every transport at an address before the next one", async () => {
    const one = scripted("one", refuse);
    const other = scripted("other", (how) => how.url === "b" ? undefined : refuse(how));
    const { result, opened } = attempt({
      urls: ["a", "b"],
      transports: [one.transport, other.transport],
    }, [0, 1]);
    await result;
    assert.deepEqual([one.asked.length, other.asked.length], [2, 2]);
    assert.deepEqual(opened, ["other"]);
  });

  it("fails with the last failure when none answers", async () => {
    const { transport } = scripted("t", refuse);
    const { result, opened, clock } = attempt({ urls: ["a", "b"], transports: [transport] }, [
      0,
      1,
    ]);
    assert.equal((await failure(result)).message, "b refused");
    assert.deepEqual(opened, []);
    assert.equal(clock.waiting, 0);
  });

  it("gives an address that hangs 20 s, and goes on with the next", async () => {
    const { transport, asked } = scripted("t", (how) => how.url === "a" ? hang(how) : undefined);
    const { result, opened, clock } = attempt({ urls: ["a", "b"], transports: [transport] }, [
      0,
      1,
    ]);
    await clock.advance(19_999);
    assert.equal(asked.length, 1);
    await clock.advance(1);
    await result;
    assert.deepEqual(opened, ["t"]);
    assert.equal(clock.waiting, 0);
  });

  it("ends when it is cancelled, and tries nothing more", async () => {
    const { transport, asked } = scripted("t", hang);
    const { result, cancel, clock } = attempt({ urls: ["a", "b"], transports: [transport] }, [
      0,
      1,
    ]);
    await clock.advance(5);
    cancel.abort();
    assert.equal((await failure(result)).message, "a was given up");
    assert.equal(asked.length, 1);
    assert.equal(clock.waiting, 0);
  });

  it("cancels what it tries now, and nothing that is over", async () => {
    const { transport, asked } = scripted("t", (how) => how.url === "a" ? refuse(how) : hang(how));
    const { result, cancel, clock } = attempt({ urls: ["a", "b"], transports: [transport] }, [
      0,
      1,
    ]);
    await clock.advance(5);
    cancel.abort();
    await failure(result);
    assert.deepEqual(asked.map(({ cancelled }) => cancelled.aborted), [false, true]);
  });

  it("fails at once with what is no matter of the network", async () => {
    const wrong = new TypeError("There is no WebSocket here");
    const { transport, asked } = scripted("t", () => {
      throw wrong;
    });
    const { result } = attempt({ urls: ["a", "b"], transports: [transport] });
    assert.equal(await failure(result), wrong);
    assert.equal(asked.length, 1);
  });

  it("offers the subprotocols of the codecs, and probes with an echo in the one chosen", async () => {
    const { transport, asked } = scripted("t", () => {});
    await attempt({ transports: [transport], codecs: [protobufText, protobuf], version: 1 }).result;
    const [{ protocols, probe }] = asked as [Dial];
    assert.deepEqual(protocols, ["lc.proto2base64.1", "lc.protobuf2.1"]);
    assert.deepEqual(protobuf.decode(probe("lc.protobuf2.1")), { cmd: "echo", i: 0 });
    assert.deepEqual(protobufText.decode(probe("lc.proto2base64.1")), { cmd: "echo", i: 0 });
  });
});

describe("a cancellation", () => {
  it("tells each listener once, and not those who left or came too late", () => {
    const told: string[] = [];
    const cancellation = new Cancellation();
    const left = () => told.push("left");
    cancellation.addEventListener("abort", () => told.push("one"));
    cancellation.addEventListener("abort", left);
    cancellation.removeEventListener("abort", left);
    assert.equal(cancellation.aborted, false);
    cancellation.abort();
    cancellation.abort();
    cancellation.addEventListener("abort", () => told.push("late"));
    assert.deepEqual(told, ["one"]);
    assert.equal(cancellation.aborted, true);
  });
});
