import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import { Realtime, type RealtimeOptions } from "@curlew/realtime";
import { listeningLog } from "../kit/log.ts";

const good: RealtimeOptions = { appId: "app", appKey: "key", server: "127.0.0.1:1" };

describe("the options of Realtime", () => {
  const wrong: readonly [string, Record<string, unknown>][] = [
    ["appId", { appId: undefined }],
    ["appId", { appId: 7 }],
    ["appKey", { appKey: null }],
    ["appKey", { appKey: "" }],
    ["server", { server: 7 }],
    ["server", { server: "" }],
    ["server", { server: { RTMRouter: "x" } }],
    ["RTMServers", { RTMServers: [7] }],
    ["noBinary", { noBinary: "yes" }],
    ["ssl", { ssl: 1 }],
    ["pushOfflineMessages", { pushOfflineMessages: "no" }],
    ["plugins", { plugins: {} }],
    ["transports", { transports: "websocket" }],
    ["codecs", { codecs: [1] }],
    ["heartbeat", { heartbeat: 1 }],
    ["heartbeat.idle", { heartbeat: { idle: "1" } }],
    ["backoff.max", { backoff: { max: "1" } }],
    ["requestTimeout", { requestTimeout: "1" }],
    ["requestTimeout", { requestTimeout: Infinity }],
    ["requestTimeout", { requestTimeout: -1 }],
    ["backoff.first", { backoff: { first: NaN } }],
  ];
  for (const [name, options] of wrong) {
    it(`names ${name} when it is ${inspect(options)}`, () => {
      assert.throws(
        () => new Realtime({ ...good, ...options } as RealtimeOptions),
        (error) =>
          error instanceof TypeError &&
          new RegExp(`Option ${name.replace(".", "\\.")}\\b`).test(error.message),
      );
    });
  }

  it("must be an object", () => {
    assert.throws(() => new Realtime(undefined as never), TypeError);
    assert.throws(() => new Realtime("app" as never), TypeError);
  });

  it("must say where the server is", () => {
    assert.throws(() => new Realtime({ appId: "app", appKey: "key" }), {
      name: "TypeError",
      message: /server or RTMServers/,
    });
  });

  it("may have some that nobody knows, which the log says", () => {
    const log = listeningLog();
    new Realtime({ ...good, region: "us", colour: "red" } as RealtimeOptions, { log });
    assert.deepEqual(log.lines.map(({ level, fields }) => [level, fields]), [
      ["warn", { option: "region" }],
      ["warn", { option: "colour" }],
    ]);
  });

  it("may be undefined where they are optional", () => {
    new Realtime({ ...good, noBinary: undefined, plugins: undefined, heartbeat: { idle: 1 } });
  });
});
