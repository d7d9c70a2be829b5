import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Environment, Fetch } from "@curlew/realtime/environment";
import { directory } from "../../src/endpoints.ts";
import { findEnvironment } from "../../src/environment/find.ts";
import type { ConnectOptions } from "../../src/options.ts";
import { FakeClock } from "../kit/clock.ts";

const base = { appId: "an app", appKey: "key" };

/** What a server says that refuses. */
class Refusal {
  constructor(readonly status: number, readonly body: unknown) {}
}

/** An environment whose network answers what `answers` says, and the URLs that were asked for. */
function world(...answers: (unknown | Error | "silence")[]) {
  const asked: string[] = [];
  const clock = new FakeClock();
  const fetch: Fetch = (url) => {
    asked.push(url);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer === "silence") return new Promise(() => {});
    if (answer instanceof Error) return Promise.reject(answer);
    const { status, body } = answer instanceof Refusal ? answer : { status: 200, body: answer };
    return Promise.resolve({
      ok: status === 200,
      status,
      headers: { get: () => null },
      json: () => body === "no JSON" ? Promise.reject(new SyntaxError()) : Promise.resolve(body),
    });
  };
  const environment: Environment = findEnvironment({ clock, fetch });
  return {
    asked,
    clock,
    of: (options: Partial<ConnectOptions>) => directory({ ...base, ...options }, environment),
  };
}

const route = { server: "wss://a/", secondary: "wss://b/", ttl: 300 };

describe("where to dial", () => {
  it("is what RTMServers says, one or several, without asking anybody", async () => {
    const { asked, of } = world(route);
    assert.deepEqual(await of({ RTMServers: "ws://x" }).list(), ["ws://x"]);
    assert.deepEqual(await of({ RTMServers: ["ws://x", "ws://y"] }).list(), ["ws://x", "ws://y"]);
    assert.deepEqual(asked, []);
  });

  const servers: readonly [string, Partial<ConnectOptions>, string][] = [
    ["a host", { server: "im.example.com" }, "https://im.example.com"],
    [
      "a host without ssl",
      { server: "im.example.com:8450", ssl: false },
      "http://im.example.com:8450",
    ],
    ["a URL", { server: "http://127.0.0.1:8450/" }, "http://127.0.0.1:8450"],
    ["an object", { server: { RTMRouter: "https://r", api: "a" } }, "https://r"],
  ];
  for (const [what, options, router] of servers) {
    it(`is asked of the router where server is ${what}`, async () => {
      const { asked, of } = world(route);
      assert.deepEqual(await of(options).list(), ["wss://a/", "wss://b/"]);
      assert.deepEqual(asked, [
        `${router}/v1/route?appId=an%20app&secure=${options.ssl ?? true}`,
      ]);
    });
  }

  it("is one address when both are the same", async () => {
    const { of } = world({ server: "ws://a", secondary: "ws://a", ttl: 1 });
    assert.deepEqual(await of({ server: "h" }).list(), ["ws://a"]);
  });

  it("is kept for ttl seconds and asked once by many at a time", async () => {
    const { asked, clock, of } = world(route);
    const { list } = of({ server: "h" });
    await Promise.all([list(), list()]);
    await clock.advance(299_000);
    await list();
    assert.equal(asked.length, 1);
    await clock.advance(2_000);
    await list();
    assert.equal(asked.length, 2);
  });

  it("is asked again after forget", async () => {
    const { asked, of } = world(route, { ...route, server: "wss://c/" });
    const { list, forget } = of({ server: "h" });
    await list();
    forget();
    assert.deepEqual(await list(), ["wss://c/", "wss://b/"]);
    assert.equal(asked.length, 2);
  });

  it("is the old answer while no new one is to be had", async () => {
    const { of } = world(route, new Error("no network"));
    const { list, forget } = of({ server: "h" });
    await list();
    forget();
    assert.deepEqual(await list(), ["wss://a/", "wss://b/"]);
  });

  const said = { code: 4100, error: "There is no such app" };
  for (const body of [undefined, null, "no JSON", said, { ...said, code: "none" }]) {
    it(`rejects when the router refuses with ${JSON.stringify(body)}`, async () => {
      const { of } = world(new Refusal(404, body));
      await assert.rejects(of({ server: "h" }).list(), {
        name: "TRANSPORT_ERROR",
        reason: "refused",
        status: 404,
        code: body === said ? 4100 : undefined,
        message: body && typeof body === "object" ? /There is no such app$/ : /404$/,
      });
    });
  }

  it("says what failed, also where the platform tells that in the cause of its error alone", async () => {
    const cause = new Error("certificate has expired");
    const { of } = world(new TypeError("fetch failed", { cause }));
    await assert.rejects(of({ server: "h" }).list(), {
      reason: "unreachable",
      message: /https:\/\/h\/v1\/route.*certificate has expired/,
    });
  });

  it("rejects when the router can't be reached, and asks again the next time", async () => {
    const { of } = world(new Error("no network"), route);
    const { list } = of({ server: "h" });
    await assert.rejects(list(), { reason: "unreachable", message: /https:\/\/h\/v1\/route/ });
    assert.equal((await list()).length, 2);
  });

  it("rejects when the router names no server", async () => {
    for (const answer of [{ ttl: 3 }, null, "no JSON"]) {
      const { of } = world(answer);
      await assert.rejects(of({ server: "h" }).list(), { reason: "not-curlew" });
    }
    const page = world("no JSON").of({ server: "h" });
    await assert.rejects(page.list(), { message: /v1\/route.* answered with no JSON$/ });
  });

  it("rejects when the router says nothing for 10 s", async () => {
    const { clock, of } = world("silence");
    const answer = assert.rejects(of({ server: "h" }).list(), { reason: "timeout" });
    await clock.advance(10_000);
    await answer;
    assert.equal(clock.waiting, 0);
  });

  it("says what is missing where the platform has no fetch", async () => {
    const environment = { ...findEnvironment(), fetch: undefined };
    await assert.rejects(directory({ ...base, server: "h" }, environment).list(), TypeError);
  });
});

describe("where REST requests go", () => {
  it("is server, or its api", async () => {
    const { of } = world(route);
    assert.equal(await of({ server: "h/" }).api(), "https://h");
    assert.equal(await of({ server: { RTMRouter: "r", api: "http://a:1" } }).api(), "http://a:1");
    await assert.rejects(of({ RTMServers: "ws://x" }).api(), TypeError);
  });
});
