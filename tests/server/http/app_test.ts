import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { describe, it } from "node:test";
import { createMemoryStore } from "@curlew/server/store/memory";
import type { Peer } from "@curlew/server";
import { FakeClock } from "../../kit/clock.ts";
import { seeded, seededBytes } from "../../kit/seeded.ts";
import { testServer, type TestServerOptions } from "../../kit/test_server.ts";
import { localPeer } from "../../kit/wire_client.ts";

/** A server that is asked over HTTP. */
function asked(options: TestServerOptions = {}) {
  const { server, log } = testServer(options);
  const ask = (path: string, init?: RequestInit, peer: Peer = localPeer) =>
    server.fetch(new Request(`http://${peer.host ?? "localhost"}${path}`, init), peer);
  return { ask, log };
}

describe("the route", () => {
  for (const path of ["/v1/route", "/2/route"]) {
    it(`follows the request's host where no address is public (${path})`, async () => {
      const response = await asked().ask(`${path}?appId=app&secure=1`);
      assert.equal(response.status, 200);
      assert.match(response.headers.get("content-type") ?? "", /^application\/json/);
      assert.equal(response.headers.get("cache-control"), "no-store");
      const { server, secondary, ttl } = await response.json();
      assert.deepEqual([server, secondary, ttl], [
        "ws://127.0.0.1:8450/",
        "ws://127.0.0.1:8450/",
        300,
      ]);
    });
  }

  it("says the public address, whatever the host", async () => {
    const { ask } = asked({ publicUrl: "https://chat.example.com/im" });
    const peer = { address: "203.0.113.7", host: "evil.example", secure: false };
    const { server, secondary, api_server } = await (await ask("/v1/route?appId=app", {}, peer))
      .json();
    assert.deepEqual([server, secondary, api_server], [
      "wss://chat.example.com/im",
      "wss://chat.example.com/im",
      "chat.example.com/im",
    ]);
  });

  it("refuses an app that is not there, but not with the 404 that Swift never asks after", async () => {
    const { ask } = asked();
    for (const query of ["", "?appId=elsewhere"]) {
      const response = await ask(`/v1/route${query}`);
      assert.equal(response.status, 400);
      assert.equal((await response.json()).code, 4100);
    }
  });
});

describe("other pages", () => {
  it("may ask, also with LeanCloud's headers", async () => {
    const { ask } = asked();
    const plain = await ask("/v1/route?appId=app", { headers: { Origin: "https://app.example" } });
    assert.equal(plain.headers.get("access-control-allow-origin"), "*");
    const preflight = await ask("/1.1/rtm/sign", {
      method: "OPTIONS",
      headers: {
        "Origin": "https://app.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "x-lc-id,x-lc-key,content-type",
      },
    });
    assert.ok(preflight.ok);
    const allowed = (preflight.headers.get("access-control-allow-headers") ?? "").toLowerCase();
    for (const name of ["x-lc-id", "x-lc-key", "x-lc-sign", "x-lc-im-session-token"]) {
      assert.ok(allowed.includes(name), name);
    }
  });

  it("are refused by the development app, as is a foreign name for this machine", async () => {
    const { ask } = asked({ localOnly: true });
    const path = "/v1/route?appId=app";
    for (
      const foreign of [
        { host: "evil.example" },
        { host: "localhost.evil.example:8450" },
        { host: "127.0.0.1.evil.example" },
        { origin: "https://evil.example" },
        { origin: "http://localhost.evil.example" },
        { origin: "null" },
      ]
    ) {
      const response = await ask(path, {}, { ...localPeer, ...foreign });
      assert.equal(response.status, 403, JSON.stringify(foreign));
      assert.equal(typeof (await response.json()).error, "string");
    }
    for (
      const local of [
        {},
        { host: "localhost:8450", origin: "http://localhost:8450" },
        { host: "[::1]:8450" },
        { origin: "http://127.0.0.1:3000" },
      ]
    ) assert.equal((await ask(path, {}, { ...localPeer, ...local })).status, 200);
  });
});

describe("a key", () => {
  const sign = (headers: Record<string, string>) =>
    asked().ask("/1.1/rtm/sign", { method: "POST", body: '{"session_token":"x"}', headers });
  const md5 = (text: string) => createHash("md5").update(text).digest("hex");

  it("that is wrong or missing is answered with 401", async () => {
    for (
      const headers of [
        {},
        { "X-LC-Id": "app" },
        { "X-LC-Id": "app", "X-LC-Key": "wrong" },
        { "X-LC-Id": "app", "X-LC-Key": "key,master" },
        { "X-LC-Id": "elsewhere", "X-LC-Key": "key" },
        { "X-LC-Id": "app", "X-LC-Sign": `${md5("1700000000000wrong")},1700000000000` },
        { "X-LC-Id": "app", "X-LC-Sign": "nonsense" },
      ] as Record<string, string>[]
    ) {
      const response = await sign(headers);
      assert.equal(response.status, 401, JSON.stringify(headers));
      const { code, error } = await response.json();
      assert.deepEqual([typeof code, typeof error], ["number", "string"]);
    }
  });

  it("that is right, plain or hashed, the app's or the master's, is believed", async () => {
    for (
      const key of [
        { "X-LC-Key": "key" },
        { "X-LC-Key": "master,master" },
        { "X-LC-Sign": `${md5("1700000000000key")},1700000000000` },
        { "X-LC-Sign": `${md5("1700000000000master")},1700000000000,master` },
      ] as Record<string, string>[]
    ) {
      // There are no users here to sign for, and it says so.
      const response = await sign({ "X-LC-Id": "app", ...key });
      assert.notEqual(response.status, 401);
      assert.match((await response.json()).error, /users/);
    }
  });
});

describe("the rest", () => {
  it("says whether it is well", async () => {
    const response = await asked().ask("/healthz");
    assert.deepEqual([response.status, await response.json()], [200, {
      status: "ok",
      version: "1.2.3",
    }]);
    const clock = new FakeClock();
    const store = {
      ...createMemoryStore({ clock, secret: seededBytes(seeded(1)) }),
      grownSince: () => Promise.reject(new Error("The disk is gone")),
    };
    const { ask, log } = asked({ clock, store });
    const failing = await ask("/healthz");
    assert.equal(failing.status, 503);
    assert.doesNotMatch(await failing.text(), /disk/);
    assert.equal(log.lines.at(-1)?.level, "error");
  });

  it("serves the page with its types, and lets it load nothing from elsewhere", async () => {
    const body = new TextEncoder().encode("<!doctype html>");
    const { ask } = asked({
      page: {
        "/": { type: "text/html; charset=utf-8", body },
        "/main.js": { type: "text/javascript; charset=utf-8", body },
      },
    });
    const page = await ask("/");
    assert.equal(page.headers.get("content-type"), "text/html; charset=utf-8");
    assert.equal(await page.text(), "<!doctype html>");
    const policy = page.headers.get("content-security-policy") ?? "";
    assert.match(policy, /default-src 'none'/);
    assert.match(policy, /script-src 'self'/);
    assert.match(policy, /frame-ancestors 'none'/);
    assert.doesNotMatch(policy, /unsafe|\*/);
    assert.equal(page.headers.get("x-content-type-options"), "nosniff");
    assert.match((await ask("/main.js")).headers.get("content-type") ?? "", /^text\/javascript/);
  });

  it("answers in JSON that there is nothing where there is nothing", async () => {
    for (const path of ["/", "/1.1/classes/_User", "/..%2f..%2fetc/passwd", "/main.js"]) {
      const response = await asked().ask(path);
      assert.equal(response.status, 404, path);
      const { code, error } = await response.json();
      assert.deepEqual([typeof code, typeof error], ["number", "string"]);
    }
  });
});
