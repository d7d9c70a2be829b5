/**
 * What LeanCloud's SDK does not do, as README's table of features says of it.
 *
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { IMClient, MessagesIterator, Realtime } from "@curlew/realtime";
import * as official from "leancloud-realtime-5";
import { compressed } from "../kit/bundle.ts";
import { heard } from "../kit/heard.ts";
import { repository } from "../kit/modules.ts";
import { ServerProcess } from "../kit/server_process.ts";
import { officialFolder } from "../kit/official.ts";

const options = (appId: string, server = "http://127.0.0.1:1") => ({
  appId,
  appKey: "key",
  server,
});

const serverFor = (id: string) => ServerProcess.ofApps([{ id, key: "key", masterKey: "master" }]);

describe("LeanCloud's SDK", () => {
  it("throws for a second Realtime of an app", async () => {
    new official.Realtime(options("twice"));
    assert.throws(() => new official.Realtime(options("twice")), /already initialized/);
    await Promise.all([1, 2].map(() => new Realtime(options("twice")).close()));
  });

  it("refuses what is called while it is connecting again", async () => {
    const server = await serverFor("reconnecting");
    const realtime = new official.Realtime(options("reconnecting", server.url)) as
      & official.Realtime
      & { pause(): void };
    const tom = await realtime.createIMClient("tom");
    const talk = await tom.createConversation({ members: ["jerry"] });
    const lost = heard(realtime, "disconnect");
    await server.stop();
    await lost;
    await assert.rejects(talk.send(new official.TextMessage("hi")), /Connection unavailable/);
    realtime.pause(); // it does not end otherwise
  });

  it("has nothing that a loop or `await using` takes", async () => {
    await using server = await serverFor("loops");
    const tom = await new official.Realtime(options("loops", server.url)).createIMClient("tom");
    const talk = await tom.createConversation({ members: ["jerry"] });
    assert.ok(!(Symbol.asyncIterator in talk.createMessagesIterator({})));
    assert.ok(Symbol.asyncIterator in MessagesIterator.prototype);
    for (const each of [tom, official.Realtime.prototype]) {
      assert.ok(!(Symbol.asyncDispose in each));
    }
    for (const each of [IMClient.prototype, Realtime.prototype]) {
      assert.ok(Symbol.asyncDispose in each);
    }
    await tom.close();
  });

  it("ships more than 60 kB, compressed, to browsers of today", async () => {
    const script = new URL(`${officialFolder}dist/es-latest/im-browser.min.js`, repository);
    assert.ok(compressed(await Deno.readTextFile(script)) > 60_000);
  });
});
