import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import root from "../../deno.json" with { type: "json" };
import server from "../../server/deno.json" with { type: "json" };
import { filesBelow, realtimePackage, serverPackage } from "../../npm_build.ts";
import { bundles, licences } from "../../npm_bundles.ts";
import { launchBrowser } from "../kit/browser.ts";
import { commandWith, programFor } from "../kit/documents.ts";
import { Project, type Running } from "../kit/npm_project.ts";

const packages = [realtimePackage, serverPackage];

/** What each package may depend on, and nothing else. */
const dependencies: Readonly<Record<string, readonly string[]>> = {
  [root.name]: ["eventemitter3"],
  [server.name]: [root.name, "@hono/node-server", "@noble/hashes", "hono", "valibot", "ws"],
};

/** What each package holds beside modules with their declarations. */
const others: Readonly<Record<string, readonly string[]>> = {
  [root.name]: [
    "LICENSE",
    "README.md",
    "package.json",
    licences,
    ...Object.values(bundles).flatMap((path) => [path, `${path}.map`]),
  ],
  [server.name]: [
    "LICENSE",
    "README.md",
    "package.json",
    ...["curlew.svg", "index.html", "main.js", "style.css"].map((file) => `page/${file}`),
  ],
};

// Asked here, since a test that skips itself while it runs counts as passed.
const browser = await launchBrowser();

describe("the npm packages", () => {
  let project: Project;
  let curlew: Running; // the server's own command, on Node 22
  let url: string;

  before(async () => {
    project = await Project.consumer();
    curlew = project.start(await project.node(22), [
      project.installed("@curlew/server/curlew.js"),
      "start",
      "--port=0",
      "--db=:memory:",
    ]);
    [, url = ""] = await curlew.says(/listening on (\S+)\n/);
    await project.write("hello.mjs", await programFor("hello.mjs", url));
    await project.write("hello20.mjs", await programFor("hello20.mjs", url));
    await project.write("hello.html", await programFor("hello.html", url));
  });
  after(async () => {
    await project?.remove();
    await browser?.close();
  });

  const manifest = async (name: string) =>
    JSON.parse(await Deno.readTextFile(project.installed(`${name}/package.json`)));

  it("depend on what they need and on nothing else", async () => {
    for (const [name, expected] of Object.entries(dependencies)) {
      const { dependencies: found } = await manifest(name);
      assert.deepEqual(Object.keys(found).sort(), [...expected].sort(), name);
      for (const range of Object.values<string>(found)) assert.match(range, /^\^?\d+\.\d+\.\d+$/);
    }
    const { dependencies: { [root.name]: client } } = await manifest(server.name);
    assert.equal(client, root.version);
  });

  it("hold modules with their declarations, licences, a README, and what pages load", async () => {
    for (const { package: { name } } of packages) {
      const paths = await filesBelow(pathToFileURL(project.installed(name) + "/"));
      const forPages = (path: string) => /^(?:page|dist)\//.test(path);
      const modules = paths.filter((path) => path.endsWith(".js") && !forPages(path));
      for (const path of modules) assert.ok(paths.includes(path.replace(/js$/, "d.ts")), path);
      const rest = paths.filter((path) => !/\.(?:js|d\.ts)$/.test(path) || forPages(path));
      assert.deepEqual(rest, [...others[name] ?? []].sort(), name);
    }
  });

  it("name the script that pages load", async () => {
    const { unpkg, jsdelivr } = await manifest(root.name);
    assert.deepEqual([unpkg, jsdelivr], Array(2).fill(`./${bundles.script}`));
  });

  it("pass on the licences of what is in them", async () => {
    const text = await Deno.readTextFile(project.installed(`${root.name}/${licences}`));
    for (const name of ["eventemitter3", "cbor-x"]) {
      assert.match(text, new RegExp(`^${name} \\d+\\.\\d+\\.\\d+\\n\\n.*MIT`, "m"));
    }
    assert.equal(text.match(/Permission is hereby granted/g)?.length, 2);
  });

  it("bring no machine code: CBOR is in the package, without what cbor-x depends on", async () => {
    const found = JSON.parse(await project.npm("query", "#cbor-extract, #cbor-x"));
    assert.deepEqual(found, []);
  });

  it("satisfy publint", async () => {
    for (const { package: { name } } of packages) {
      const linted = await project.start(project.bin("publint"), [
        "--strict",
        project.installed(name),
      ]).ended;
      assert.equal(linted.code, 0, linted.stdout);
    }
  });

  it("type-check in a strict TypeScript project, each of their exports", async () => {
    const names = packages.flatMap(({ entryPoints, package: { name } }) =>
      entryPoints.map((entry) => name + entry.name.slice(1))
    );
    const lines = names.map((name, i) => `export * as part${i} from "${name}";`);
    await project.write("consumer.mts", lines.join("\n"));
    const flags =
      "--noEmit --strict --module nodenext --target es2022 --lib es2022,esnext.disposable,dom";
    const checked = await project.start(project.bin("tsc"), [...flags.split(" "), "consumer.mts"])
      .ended;
    assert.equal(checked.stdout, "");
  });

  it("run README's program on Node 22", async () => {
    const { stdout, stderr } = await project.start(await project.node(22), ["hello.mjs"]).ended;
    assert.equal(stdout + stderr, "tom: Hello, Jerry\n");
  });

  it("run README's program on Node 20, with a WebSocket handed in", async () => {
    const { stdout, stderr } = await project.start(await project.node(20), ["hello20.mjs"]).ended;
    assert.equal(stdout + stderr, "tom: Hello, Jerry\n");
  });

  it("say on Node 20 what is missing where no WebSocket is handed in", async () => {
    const { code, stderr } = await project.start(await project.node(20), ["hello.mjs"]).ended;
    assert.equal(code, 1);
    assert.match(stderr, /TypeError: .*WebSocket/);
  });

  it("run README's program in a browser", { skip: browser === undefined }, async () => {
    const [, , , ...args] = await commandWith("esbuild");
    // A port that is free; README names one.
    const esbuild = project.start(project.bin("esbuild"), [
      ...args.filter((arg) => !arg.startsWith("--serve=")),
      "--serve=127.0.0.1:0",
    ]);
    try {
      const [address = ""] = await esbuild.says(/http:\/\/127\.0\.0\.1:\d+/);
      const page = await browser!.newPage();
      const says = page.waitForEvent("console", {
        predicate: (message) => message.type() === "log",
        timeout: 20_000,
      });
      await page.goto(`${address}/hello.html`);
      assert.equal((await says).text(), "tom: Hello, Jerry");
    } finally {
      await esbuild.stop();
    }
  });

  it("bring the page that the server shows", async () => {
    const page = await fetch(url);
    assert.match(await page.text(), /<script[^>]* src="\/?main\.js"/);
    const script = await fetch(new URL("main.js", url));
    assert.match(script.headers.get("content-type") ?? "", /javascript/);
    await script.body?.cancel();
  });

  it("bring a command that ends cleanly", async () => {
    const { code } = await curlew.stop();
    assert.equal(code, 0);
  });
});
