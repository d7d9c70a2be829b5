import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { consoleLog, systemClock } from "@curlew/realtime/environment";
import { findEnvironment } from "../../../src/environment/find.ts";
import { FakeClock } from "../../kit/clock.ts";
import { Switch } from "../../kit/switch.ts";

/** Runs with these globals in place of the platform's; `undefined` takes one away. */
async function withGlobals(
  globals: Record<string, unknown>,
  run: () => void | Promise<void>,
): Promise<void> {
  const saved = Object.keys(globals).map((name) =>
    [name, Object.getOwnPropertyDescriptor(globalThis, name)] as const
  );
  for (const [name, value] of Object.entries(globals)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
  try {
    await run();
  } finally {
    for (const [name, descriptor] of saved) {
      if (descriptor) Object.defineProperty(globalThis, name, descriptor);
      else Reflect.deleteProperty(globalThis, name);
    }
  }
}

describe("the environment that is found", () => {
  it("is the platform's", () => {
    const environment = findEnvironment();
    assert.equal(environment.clock, systemClock);
    assert.equal(environment.log, consoleLog);
    assert.equal(environment.WebSocket, globalThis.WebSocket);
    assert.equal(environment.network.current(), true);
    assert.equal(environment.visibility.current(), true);
    environment.network.watch(() => {})();
    environment.visibility.watch(() => {})();
    const numbers = Array.from({ length: 100 }, environment.random);
    assert.ok(numbers.every((number) => number >= 0 && number < 1));
  });

  it("gives secrets of any length, no two alike", () => {
    const { secret } = findEnvironment();
    for (const length of [0, 1, 16, 1_000]) assert.equal(secret(length).length, length);
    assert.notDeepEqual(secret(16), secret(16));
  });

  it("is replaced part by part", () => {
    const clock = new FakeClock();
    const network = new Switch();
    const environment = findEnvironment({ clock, network, fetch: undefined });
    assert.equal(environment.clock, clock);
    assert.equal(environment.network, network);
    assert.equal(environment.fetch, undefined);
    assert.equal(environment.log, consoleLog);
  });

  it("lacks what the platform lacks, and says so when it is needed", () =>
    withGlobals({
      crypto: undefined,
      fetch: undefined,
      WebSocket: undefined,
      navigator: undefined,
      document: undefined,
      addEventListener: undefined,
    }, () => {
      const { secret, fetch, WebSocket, network, visibility } = findEnvironment();
      assert.throws(() => secret(1), /crypto\.getRandomValues: pass `secret`/);
      assert.deepEqual([fetch, WebSocket], [undefined, undefined]);
      assert.deepEqual([network.current(), visibility.current()], [true, true]);
      network.watch(() => {})();
      visibility.watch(() => {})();
    }));

  it("calls fetch on its own object, and the one that stands there when it is called", () => {
    const asked: unknown[] = [];
    const answer = { ok: true };
    const { fetch } = findEnvironment();
    return withGlobals({
      fetch(this: unknown, ...args: unknown[]) {
        asked.push(this, ...args);
        return Promise.resolve(answer);
      },
    }, async () => {
      assert.equal(await fetch?.("http://x/", { method: "POST" }), answer);
      assert.deepEqual(asked, [globalThis, "http://x/", { method: "POST" }]);
    });
  });
});

describe("a browser's network and page", () => {
  it("are watched until they are let go", async () => {
    const window = new EventTarget();
    const page = Object.assign(new EventTarget(), { visibilityState: "visible" });
    const navigator = { onLine: true };
    await withGlobals({
      document: page,
      navigator,
      addEventListener: window.addEventListener.bind(window),
      removeEventListener: window.removeEventListener.bind(window),
    }, () => {
      const { network, visibility } = findEnvironment();
      const told: [string, boolean][] = [];
      const stop = [
        network.watch((now) => told.push(["network", now])),
        visibility.watch((now) => told.push(["visibility", now])),
      ];
      const happen = () => {
        navigator.onLine = false;
        window.dispatchEvent(new Event("offline"));
        page.visibilityState = "hidden";
        page.dispatchEvent(new Event("visibilitychange"));
        assert.deepEqual([network.current(), visibility.current()], [false, false]);
        navigator.onLine = true;
        window.dispatchEvent(new Event("online"));
        page.visibilityState = "visible";
        page.dispatchEvent(new Event("visibilitychange"));
      };
      happen();
      const expected = [
        ["network", false],
        ["visibility", false],
        ["network", true],
        ["visibility", true],
      ];
      assert.deepEqual(told, expected);
      for (const letGo of stop) letGo();
      happen();
      assert.deepEqual(told, expected);
    });
  });

  it("are watched in a worker too, which has a network and no page", async () => {
    const worker = new EventTarget();
    await withGlobals({
      document: undefined,
      navigator: { onLine: true },
      addEventListener: worker.addEventListener.bind(worker),
      removeEventListener: worker.removeEventListener.bind(worker),
    }, () => {
      let told = 0;
      const stop = findEnvironment().network.watch(() => told++);
      worker.dispatchEvent(new Event("online"));
      stop();
      worker.dispatchEvent(new Event("online"));
      assert.equal(told, 1);
    });
  });

  it("are not listened to where the platform has no such events", async () => {
    let listened = 0;
    await withGlobals({ navigator: {}, addEventListener: () => listened++ }, () => {
      findEnvironment().network.watch(() => {});
      assert.equal(listened, 0);
    });
  });
});
