import assert from "node:assert/strict";
import { createHmac, randomUUID } from "node:crypto";
import { describe, it } from "node:test";
import * as four from "leancloud-realtime-4";
import * as five from "leancloud-realtime-5";
import { Realtime } from "@curlew/realtime";
import { createServer } from "@curlew/server";
import { nodeEnvironment, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { heard } from "../kit/heard.ts";
import { listeningLog } from "../kit/log.ts";

const masterKey = "master";

/** What signs logins to an app. */
const signer = (appId: string) => (client: string) => {
  const [timestamp, nonce] = [Date.now(), randomUUID()];
  const text = `${appId}:${client}::${timestamp}:${nonce}`;
  const signature = createHmac("sha1", masterKey).update(text).digest("hex");
  return Promise.resolve({ signature, timestamp, nonce });
};

const sdks = [
  { name: "leancloud-realtime 5.0.0-rc.8", sdk: five, appId: "kick-five" },
  { name: "leancloud-realtime 4.3.1", sdk: four, appId: "kick-four" },
] as const;

describe("a forced logout", () => {
  for (const { name, sdk, appId } of sdks) {
    it(`is heard by ${name} and by Curlew's client, on both of a user's devices`, async () => {
      const environment = { ...nodeEnvironment, log: listeningLog() };
      const store = createMemoryStore(environment);
      const app = { id: appId, key: "key", masterKey, login: "signed" } as const;
      const server = createServer({ apps: [app], store, version: "1.2.3" }, environment);
      const served = await serveNode(server, { port: 0, log: environment.log });
      const url = `http://127.0.0.1:${served.port}`;
      const where = sdk === five ? { server: url } : { RTMServers: url.replace("http", "ws") };
      const official = new sdk.Realtime({ appId, appKey: "key", ...where }) as five.Realtime;
      const curlew = new Realtime({ appId, appKey: "key", server: url });
      const signatureFactory = signer(appId);

      const theirs = await official.createIMClient("tom", { signatureFactory });
      const jerry = await official.createIMClient("jerry", { signatureFactory });
      const ours = await curlew.createIMClient("tom", { signatureFactory });
      const closed = [theirs, ours].map((client) =>
        heard<[{ code: number; reason: string }]>(client, "close")
      );
      await server.kick(appId, "tom", "spam");
      for (const [{ code, reason }] of await Promise.all(closed)) {
        assert.deepEqual([code, reason], [4115, "spam"]);
      }
      assert.deepEqual(await jerry.ping(["tom", "jerry"]), ["jerry"]);

      const again = await curlew.createIMClient("tom", { signatureFactory });
      assert.deepEqual(await jerry.ping(["tom"]), ["tom"]);
      await again.close();
      await jerry.close();
      await curlew.close();
      await served.close();
      await store.close();
    });
  }
});
