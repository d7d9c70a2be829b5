import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build, type Plugin, stop } from "esbuild";
import type * as curlew from "@curlew/realtime";
import type * as environments from "@curlew/realtime/environment";
import { createServer } from "@curlew/server";
import { nodeEnvironment, type Served, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { programFor } from "../../kit/documents.ts";
import { heard } from "../../kit/heard.ts";
import { listeningLog } from "../../kit/log.ts";
import { repository } from "../../kit/modules.ts";
import { AppState, hermes, NetInfo } from "../../kit/react_native.ts";
import { until } from "../../kit/wire_client.ts";

type Client = typeof curlew & Pick<typeof environments, "reactNative">;

const alias = {
  "@curlew/realtime": fileURLToPath(new URL("mod.ts", repository)),
  "@curlew/realtime/environment": fileURLToPath(new URL("src/environment/mod.ts", repository)),
};

/** The packages of React Native's world, which the test plays. */
const packages: Plugin = {
  name: "the phone's packages",
  setup: ({ onLoad, onResolve }) => {
    const names = /^(?:react-native|@react-native-community\/netinfo|expo-crypto)$/;
    onResolve({ filter: names }, ({ path }) => ({ path, namespace: "phone" }));
    onLoad({ filter: names, namespace: "phone" }, () => ({
      contents: `
        export const { AppState, getRandomBytes } = globalThis.phone;
        export default globalThis.phone.NetInfo;
      `,
    }));
  },
};

/** A program and the client as one script, as Metro makes one. */
async function bundle(contents: string): Promise<string> {
  const { outputFiles: [file] } = await build({
    stdin: { contents },
    alias,
    plugins: [packages],
    bundle: true,
    format: "iife",
    globalName: "client",
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return file!.text;
}

const program =
  'export * from "@curlew/realtime"; export { reactNative } from "@curlew/realtime/environment";';

after(() => stop());

/** Bytes of that realm that nobody can guess, as a package for it makes them. */
function secretsFor(context: vm.Context): (length: number) => Uint8Array {
  const Bytes = vm.runInContext("Uint8Array", context) as Uint8ArrayConstructor;
  return (length) => Bytes.from(nodeEnvironment.secret(length));
}

describe("a React Native app, without what Hermes lacks, and a server", () => {
  const log = listeningLog();
  const environment = { ...nodeEnvironment, log };
  const server = createServer({
    apps: [{ id: "app", key: "key", masterKey: "master", login: "open" }],
    store: createMemoryStore(environment),
    version: "0",
  }, environment);
  const app = new AppState();
  const net = new NetInfo(true);
  let links = 0;
  let served: Served;
  let context: vm.Context;
  let client: Client;
  let realtime: curlew.Realtime;
  let tom: curlew.IMClient;
  let jerry: curlew.IMClient;

  before(async () => {
    served = await serveNode({
      ...server,
      accept: (link, peer) => {
        const { frame, closed } = server.accept(link, peer);
        links++;
        return { frame, closed: (why) => (links--, closed(why)) };
      },
    }, { log, farewell: 0 });
    context = hermes();
    client = vm.runInContext(`${await bundle(program)}; client`, context);
  });
  after(() => served.close());

  it("finds little around it", () => {
    const names = ["TextEncoder", "TextDecoder", "URL", "URLSearchParams", "structuredClone"];
    for (
      const name of [...names, "crypto", "AbortSignal", "FinalizationRegistry", "SharedArrayBuffer"]
    ) assert.equal(vm.runInContext(`typeof ${name}`, context), "undefined", name);
    assert.equal(vm.runInContext("[].toSorted ?? Promise.withResolvers", context), undefined);
  });

  it("is told to bring a source of secrets", () => {
    const options = { appId: "app", appKey: "key", server: "http://127.0.0.1" };
    assert.throws(
      () => new client.Realtime(options, client.reactNative({ AppState: app })),
      /pass `secret`/,
    );
  });

  it("logs in", async () => {
    const { Realtime, reactNative } = client;
    realtime = new Realtime({
      appId: "app",
      appKey: "key",
      RTMServers: `ws://127.0.0.1:${served.port}/`,
      server: `http://127.0.0.1:${served.port}`,
    }, {
      ...reactNative({ AppState: app, NetInfo: net }),
      secret: secretsFor(context),
      log,
    });
    tom = await realtime.createIMClient("tom");
    jerry = await realtime.createIMClient("jerry");
    assert.equal(links, 1);
  });

  /** Tom says something, and it is what Jerry hears. */
  const says = async (text: string) => {
    const message = heard<[curlew.TextMessage]>(jerry, "message");
    const conversation = await tom.createConversation({ members: ["jerry"], unique: true });
    await conversation.send(new client.TextMessage(text));
    assert.equal((await message)[0].text, text);
  };

  it("says and hears what it likes", async () => {
    await says("hi");
    await says("鹬 🐦 ".repeat(100));
  });

  it("lets go of the link in the background", async () => {
    app.become("background");
    await until(() => links === 0, "end of the link");
    await assert.rejects(tom.ping(["jerry"]), { name: "CONNECTION_LOST" });
  });

  it("is back in the foreground", async () => {
    const back = heard(jerry, "reconnect");
    app.become("active");
    await back;
    assert.equal(links, 1);
    await says("back");
  });

  it("waits while there is no network", async () => {
    net.become(false);
    await until(() => links === 0, "end of the link");
    const back = heard(jerry, "reconnect");
    net.become(true);
    await back;
    await says("on another network");
  });

  it("leaves nothing behind", async () => {
    await realtime.close();
    await until(() => links === 0, "end of the link");
    assert.deepEqual([app.listeners, net.listeners], [0, 0]);
    assert.deepEqual(log.lines.filter(({ level }) => level === "error"), []);
  });
});

describe("README's program for React Native", () => {
  it("runs there, and is not connected in the background", async () => {
    const log = listeningLog();
    const environment = { ...nodeEnvironment, log };
    const server = createServer({
      apps: [{ id: "curlew-dev", key: "dev-key", masterKey: "master", login: "open" }],
      store: createMemoryStore(environment),
      version: "0",
    }, environment);
    const served = await serveNode(server, { log, farewell: 0 });
    const context = hermes();
    const phone = new AppState();
    context.phone = {
      AppState: phone,
      NetInfo: new NetInfo(true),
      getRandomBytes: secretsFor(context),
    };
    const said = new Promise((done) => context.console = { log: done });
    const contents = await programFor("phone.js", `http://127.0.0.1:${served.port}`);
    vm.runInContext(await bundle(contents), context);
    assert.equal(await said, "tom: Hello, Jerry");
    phone.become("background");
    await served.close();
  });
});
