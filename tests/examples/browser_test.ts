import assert from "node:assert/strict";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { Realtime, TextMessage } from "@curlew/realtime";
import { launchBrowser } from "../kit/browser.ts";
import { bundlePage, ServerProcess, withFolder } from "../kit/server_process.ts";

const browser = await launchBrowser();

/** Two people in two windows of one browser, and the server between them. */
interface Scene {
  readonly context: BrowserContext;
  readonly alice: Page;
  readonly bob: Page;
  /** Where the server listens. */
  readonly url: string;
  /** Ends the server, waits for `meanwhile`, and starts another one on its port and database. */
  readonly restart: (meanwhile?: () => Promise<void>) => Promise<void>;
}

const errors: string[] = [];

async function signIn(context: BrowserContext, url: string, name: string): Promise<Page> {
  const page = await context.newPage();
  page.on("pageerror", (error) => errors.push(`${name}: ${error.message}`));
  page.on("console", (message) => {
    if (message.text().includes("Content Security Policy")) errors.push(message.text());
  });
  await page.goto(url);
  await page.getByLabel("Your name").fill(name);
  await page.getByRole("button", { name: "Start" }).click();
  await page.locator("#chat").waitFor();
  return page;
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByRole("textbox", { name: "Message", exact: true }).fill(text);
  await page.keyboard.press("Enter");
}

const said = (page: Page): Promise<string[]> => page.locator(".bubble").allTextContents();

async function hears(page: Page, text: string): Promise<void> {
  await page.locator(".bubble", { hasText: text }).waitFor();
}

/** Alice talks to Bob, who opens the conversation that appears in his window. */
async function meet(alice: Page, bob: Page): Promise<void> {
  await alice.getByLabel("Name of who to talk to").fill("bob");
  await alice.getByRole("button", { name: "Talk" }).click();
  await alice.getByRole("heading", { name: "bob" }).waitFor();
  await bob.getByRole("button", { name: /alice/ }).click();
  await bob.getByRole("heading", { name: "alice" }).waitFor();
}

const withScene = (
  work: (scene: Scene) => Promise<void>,
  viewport = { width: 1100, height: 700 },
) =>
  withFolder(async (folder) => {
    assert.ok(browser);
    const db = ["--db", join(folder, "curlew.db")];
    let server = await ServerProcess.start(["--port", "0", ...db]);
    const { port } = server;
    const context = await browser.newContext({ viewport });
    context.setDefaultTimeout(10_000);
    try {
      const alice = await signIn(context, server.url, "alice");
      const bob = await signIn(context, server.url, "bob");
      const restart = async (meanwhile?: () => Promise<void>) => {
        await server.stop();
        await meanwhile?.();
        server = await ServerProcess.start(["--port", String(port), ...db]);
      };
      await work({ context, alice, bob, url: server.url, restart });
      assert.deepEqual(errors.splice(0), []);
    } finally {
      await context.close();
      await server.stop();
    }
  });

describe("the page", { skip: browser ? false : "no browser starts here" }, () => {
  before(bundlePage);
  after(() => (browser as Browser).close());

  it("lets two windows talk at once", () =>
    withScene(async ({ alice, bob }) => {
      await meet(alice, bob);
      await say(alice, "Hello Bob");
      await hears(bob, "Hello Bob");
      await say(bob, "Hello Alice");
      await hears(alice, "Hello Alice");
      assert.deepEqual(await said(alice), ["Hello Bob", "Hello Alice"]);
      assert.deepEqual(await said(bob), ["Hello Bob", "Hello Alice"]);
      assert.equal(await alice.locator(".own .bubble").textContent(), "Hello Bob");
      assert.equal(await bob.locator(".own .bubble").textContent(), "Hello Alice");
    }));

  it("keeps name, conversation and history over a reload", () =>
    withScene(async ({ alice, bob }) => {
      await meet(alice, bob);
      await say(alice, "Before the reload");
      await hears(bob, "Before the reload");
      for (const page of [alice, bob]) {
        await page.reload();
        await hears(page, "Before the reload");
      }
      await say(bob, "After it");
      await hears(alice, "After it");
    }));

  it("shows that it lost the server, and is back by itself with all that was said", () =>
    withScene(async ({ alice, bob, restart }) => {
      await meet(alice, bob);
      await say(alice, "Before the restart");
      await hears(bob, "Before the restart");
      await restart(async () => {
        await alice.locator(".banner").waitFor();
        await say(alice, "Written meanwhile");
      });
      for (const page of [alice, bob]) {
        await page.locator('.state[data-connected="true"]').waitFor();
      }
      await hears(bob, "Written meanwhile");
      await say(bob, "After the restart");
      await hears(alice, "After the restart");
      const all = ["Before the restart", "Written meanwhile", "After the restart"];
      for (const page of [alice, bob]) assert.deepEqual(await said(page), all);
    }));

  it("shows whether the other is there", () =>
    withScene(async ({ alice, bob }) => {
      await meet(alice, bob);
      await alice.locator(".presence", { hasText: /^Connected$/ }).waitFor();
      await bob.close();
      await alice.locator(".presence", { hasText: "Not connected" }).waitFor();
    }));

  it("counts what is unread until it is read", () =>
    withScene(async ({ alice, bob }) => {
      await meet(alice, bob);
      await say(alice, "One");
      await hears(bob, "One");
      await alice.bringToFront();
      await bob.evaluate(() => void (location.hash = "name=bob"));
      await bob.locator(".nothing").waitFor();
      await say(alice, "Two");
      await say(alice, "Three");
      await bob.locator(".unread", { hasText: "2" }).waitFor();
      await bob.bringToFront();
      await bob.getByRole("button", { name: /alice/ }).click();
      await bob.locator(".unread:not(:empty)").waitFor({ state: "detached" });
    }));

  it("shows a person's own messages in each of their windows", () =>
    withScene(async ({ context, alice, bob, url }) => {
      await meet(alice, bob);
      const second = await signIn(context, url, "alice");
      await second.getByRole("button", { name: /bob/ }).click();
      await say(alice, "From the first window");
      await hears(second, "From the first window");
      assert.equal(await second.locator(".own .bubble").count(), 1);
    }));

  it("reads a long history page by page", () =>
    withScene(async ({ alice, url }) => {
      await using realtime = new Realtime({
        appId: "curlew-dev",
        appKey: "dev-key",
        server: url,
      });
      const carol = await realtime.createIMClient("carol");
      const conversation = await carol.createConversation({ members: ["alice"] });
      const texts = Array.from({ length: 70 }, (_, i) => `Message ${i}.`);
      for (const text of texts) await conversation.send(new TextMessage(text));
      await alice.reload();
      await alice.getByRole("button", { name: /carol/ }).click();
      await hears(alice, "Message 69.");
      assert.deepEqual(await said(alice), texts.slice(-30));
      const earlier = alice.getByRole("button", { name: "Earlier messages" });
      await earlier.click();
      await alice.locator(".bubble", { hasText: "Message 10." }).waitFor();
      await earlier.click();
      await alice.locator(".bubble", { hasText: "Message 0." }).waitFor();
      assert.deepEqual(await said(alice), texts);
      assert.ok(!await earlier.isVisible());
    }));

  it("shows what people say as text, whatever it looks like", () =>
    withScene(async ({ alice, bob }) => {
      await meet(alice, bob);
      const markup = '<img src=x onerror="document.title=1"><b>bold</b>';
      await say(alice, markup);
      await bob.locator(".bubble").waitFor();
      assert.deepEqual(await said(bob), [markup]);
      assert.equal(await bob.locator(".bubble *").count(), 0);
    }));

  it("fits a phone, one pane at a time", () =>
    withScene(async ({ alice, bob }) => {
      await meet(alice, bob);
      await say(alice, "From a small screen");
      await hears(bob, "From a small screen");
      const width = await alice.evaluate(() => document.documentElement.scrollWidth);
      assert.equal(width, 360);
      assert.ok(!await alice.getByLabel("Name of who to talk to").isVisible());
      await alice.getByRole("button", { name: "Back to the conversations" }).click();
      await alice.getByLabel("Name of who to talk to").waitFor();
    }, { width: 360, height: 640 }));

  it("can be used with the keyboard alone", () =>
    withScene(async ({ alice, bob }) => {
      await alice.keyboard.type("bob");
      await alice.keyboard.press("Enter");
      await alice.getByRole("heading", { name: "bob" }).waitFor();
      await alice.keyboard.type("Typed");
      await alice.keyboard.press("Enter");
      await bob.getByRole("button", { name: /alice/ }).focus();
      await bob.keyboard.press("Enter");
      await hears(bob, "Typed");
    }));
});
