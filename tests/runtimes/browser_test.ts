import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stop as stopEsbuild } from "esbuild";
import type { BrowserContext } from "playwright-core";
import { type IMClient, Realtime, TextMessage } from "@curlew/realtime";
import { launchBrowser } from "../kit/browser.ts";
import { Project } from "../kit/npm_project.ts";
import { silentProxy } from "../kit/silent_proxy.ts";
import type { Outcome } from "./cases.ts";
import { type PageHost, pageHost } from "./page_host.ts";
import { bundle, keepsAll, serverAt, startPackagedServer, writeSuite } from "./programs.ts";
import type { runAll } from "./ways.ts";
import { waysWith } from "./ways.ts";

// Asked here, since a test that skips itself while it runs counts as passed.
const browser = await launchBrowser();

/** A page that logs in and tells what it lives to see. */
const watcher = `import { Realtime } from "@curlew/realtime";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { after, race } from "@curlew/realtime/transports/race";
import { webSocket } from "@curlew/realtime/transports/websocket";
const { id, over, ...options } = await (await fetch("setup.json")).json();
const transports = [{
  "WebSocket": webSocket(),
  "long-poll": longPoll(),
  "race": race([webSocket(), after(60_000, longPoll())]),
}[over]];
let told = Promise.resolve();
globalThis.events = [];
const tell = (event) => {
  events.push(event);
  told = told.then(() => fetch("told", { method: "POST", body: event })).catch(() => {});
};
const realtime = globalThis.realtime = new Realtime({ ...options, transports });
const client = globalThis.client = await realtime.createIMClient(id);
for (const event of ["disconnect", "offline", "online", "reconnect"]) {
  client.on(event, () => tell(event));
}
client.on("message", ({ text }) => tell(text));
document.addEventListener("visibilitychange", () => tell(document.visibilityState));
tell("ready");`;

describe("a page in Chromium", { skip: browser === undefined }, () => {
  let project: Project;
  let url: string;
  let host: PageHost;
  let realtime: Realtime;
  let tom: IMClient;

  before(async () => {
    project = await Project.consumer();
    ({ url } = await startPackagedServer(project));
    const suite = await writeSuite(project, "esm");
    await project.write("suite_page.mjs", `export { runAll } from "./${suite}";`);
    await project.write("watcher.mjs", watcher);
    const scripts = await Promise.all(
      ["suite_page.mjs", "watcher.mjs"].map((name) => bundle(project, name)),
    );
    host = pageHost(Object.fromEntries(
      await Promise.all(scripts.map(async (name) => [name, await project.read(name)] as const)),
    ));
    const { appId, appKey } = serverAt(url);
    realtime = new Realtime({ appId, appKey, server: url });
    tom = await realtime.createIMClient("tom");
  });
  after(async () => {
    await realtime?.close();
    await host?.close();
    await browser?.close();
    await project?.remove();
    await stopEsbuild();
  });

  const inContext = async (work: (context: BrowserContext) => Promise<void>) => {
    const context = await browser!.newContext();
    context.setDefaultTimeout(10_000);
    try {
      await work(context);
    } finally {
      await context.close();
    }
  };

  describe("over the end-to-end suite", () => {
    let outcomes: Record<string, Outcome[]>;
    before(() =>
      inContext(async (context) => {
        const page = await context.newPage();
        await page.goto(`${host.url}/bundled-suite_page.mjs.html`);
        outcomes = await page.evaluate(async (server) => {
          const suite = "/bundled-suite_page.mjs";
          const module: { runAll: typeof runAll } = await import(suite);
          return await module.runAll(server);
        }, serverAt(url));
      })
    );
    for (const way of waysWith()) it(`passes ${way}`, () => keepsAll(outcomes[way]));
  });

  it("falls back to long-poll, without waiting, where its policy forbids WebSocket", () =>
    inContext(async (context) => {
      const { appId, appKey } = serverAt(url);
      for (const [query, transport] of [["", "websocket"], ["?http", "long-poll"]]) {
        host.setup = { appId, appKey, server: url, over: "race", id: `butch by ${transport}` };
        const page = await context.newPage();
        await page.goto(`${host.url}/bundled-watcher.mjs.html${query}`);
        await host.tells(["ready"]);
        assert.equal(await page.evaluate("realtime.transport"), transport);
      }
    }));

  for (const over of ["WebSocket", "long-poll"]) {
    it(`says over ${over} that it is offline, and comes back by itself with the network`, () =>
      inContext(async (context) => {
        const { appId, appKey } = serverAt(url);
        const id = `jerry over ${over}`;
        host.setup = { appId, appKey, server: url, over, id };
        const page = await context.newPage();
        await page.goto(`${host.url}/bundled-watcher.mjs.html`);
        const sees = (expected: readonly string[]) =>
          page.waitForFunction(
            (text) =>
              JSON.stringify((globalThis as unknown as { events: unknown }).events) === text,
            JSON.stringify(expected),
          ).catch(async (error) => {
            assert.deepEqual(await page.evaluate("events"), expected);
            throw error;
          });
        await sees(["ready"]);
        const conversation = await tom.createConversation({ members: [id] });

        await context.setOffline(true);
        await sees(["ready", "disconnect", "offline"]);
        await conversation.send(new TextMessage("Missed"));
        const refused = await page.evaluate("client.ping(['tom']).catch((error) => error.name)");
        assert.equal(refused, "CONNECTION_LOST");

        await context.setOffline(false);
        await sees(["ready", "disconnect", "offline", "online", "reconnect"]);
        await conversation.send(new TextMessage("Welcome back"));
        await sees(["ready", "disconnect", "offline", "online", "reconnect", "Welcome back"]);
        const history = await page.evaluate(
          `client.getConversation("${conversation.id}")
          .then((there) => there.queryMessages()).then((all) => all.map(({ text }) => text))`,
        );
        assert.deepEqual(history, ["Missed", "Welcome back"]);
      }));

    it(`notices when it is shown again that its link over ${over} died while it was hidden`, async () => {
      // Playwright makes each page that it knows believe that it is in front. So these two tabs of one
      // window are opened behind its back, and the one tells here what happens to it.
      const tabs = await browser!.newBrowserCDPSession();
      const open = (page: string) =>
        tabs.send("Target.createTarget", { url: `${host.url}/${page}` });
      const network = await silentProxy(url);
      const { appId, appKey } = serverAt(url);
      const id = `spike over ${over}`;
      const heartbeat = { timeout: 500 };
      host.setup = { appId, appKey, server: network.url, over, id, heartbeat };
      try {
        const { targetId } = await open("bundled-watcher.mjs.html");
        await host.tells(["ready"]);
        const conversation = await tom.createConversation({ members: [id] });
        const other = await open("other.html");
        await host.tells(["ready", "hidden"]);
        await conversation.send(new TextMessage("Hidden"));
        await host.tells(["ready", "hidden", "Hidden"]);

        network.silence();
        await tabs.send("Target.activateTarget", { targetId });
        await host.tells(["ready", "hidden", "Hidden", "visible", "disconnect", "reconnect"]);
        await conversation.send(new TextMessage("Shown"));
        await host.tells([
          "ready",
          "hidden",
          "Hidden",
          "visible",
          "disconnect",
          "reconnect",
          "Shown",
        ]);
        for (const tab of [targetId, other.targetId]) {
          await tabs.send("Target.closeTarget", { targetId: tab });
        }
      } finally {
        await network.close();
      }
    });
  }
});
