import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import root from "../../deno.json" with { type: "json" };
import { bundles } from "../../npm_bundles.ts";
import { launchBrowser } from "../kit/browser.ts";
import { programFor } from "../kit/documents.ts";
import { Project } from "../kit/npm_project.ts";
import { ServerProcess } from "../kit/server_process.ts";

/** What a site serves: its files by name, and a policy for its pages. */
interface Site {
  readonly files: Readonly<Record<string, string>>;
  readonly policy?: string;
}

/** Serves a site on a free port, as any host of files does. */
async function serve({ files, policy }: Site): Promise<Server> {
  const server = createServer((request, response) => {
    const name = request.url!.slice(1);
    const text = files[name];
    response.statusCode = text === undefined ? 204 : 200; // a browser asks for an icon
    response.setHeader("Content-Type", name.endsWith(".html") ? "text/html" : "text/javascript");
    if (policy !== undefined) response.setHeader("Content-Security-Policy", policy);
    response.end(text);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}

// Asked here, since a test that skips itself while it runs counts as passed.
const browser = await launchBrowser();

describe("the script for pages without a bundler", () => {
  let project: Project;
  let curlew: ServerProcess;
  let page: string; // README's
  let script: string;

  const bundle = (path: string) => Deno.readTextFile(project.installed(`${root.name}/${path}`));

  before(async () => {
    project = await Project.consumer();
    curlew = await ServerProcess.start(["--port", "0", "--db", ":memory:"]);
    page = await programFor("script.html", curlew.url);
    script = await bundle(bundles.script);
  });
  after(async () => {
    await curlew?.stop();
    await project?.remove();
    await browser?.close();
  });

  /** The first line that a page of a site logs; what it does not catch counts as one. */
  async function said(site: Site): Promise<string> {
    const server = await serve(site);
    const tab = await browser!.newPage();
    try {
      const { port } = server.address() as AddressInfo;
      const [line] = await Promise.all([
        Promise.race([
          tab.waitForEvent("console", {
            predicate: (message) => message.type() === "log",
            timeout: 20_000,
          }).then((message) => message.text()),
          tab.waitForEvent("pageerror", { timeout: 20_000 }).then((error) => error.message),
        ]),
        tab.goto(`http://127.0.0.1:${port}/script.html`),
      ]);
      return line;
    } finally {
      await tab.close();
      await new Promise((done) => server.close(done));
    }
  }

  it("runs README's page", { skip: !browser }, async () => {
    const files = { "script.html": page, "curlew.min.js": script };
    assert.equal(await said({ files }), "tom: Hello, Jerry");
  });

  /** README's page under a policy that forbids eval; its program is a file then. */
  const strict = (connect: string, program = (code: string) => code): Site => {
    const [inline = "", code = ""] = /<script type="module">([\s\S]*)<\/script>/.exec(page) ?? [];
    return {
      files: {
        "script.html": page.replace(inline, '<script type="module" src="program.js"></script>'),
        "program.js": program(code),
        "curlew.min.js": script,
      },
      policy: `default-src 'none'; script-src 'self'; connect-src ${connect}`,
    };
  };
  const andTransport = (code: string) =>
    code.replace("${message.from}", "${realtime.transport}, ${message.from}");

  it("runs under a policy that forbids eval, over WebSocket", { skip: !browser }, async () => {
    const addresses = `${curlew.url.replace("http", "ws")} ${curlew.url}`;
    assert.equal(await said(strict(addresses, andTransport)), "websocket, tom: Hello, Jerry");
  });

  it("takes to long-poll where WebSocket is forbidden", { skip: !browser }, async () => {
    assert.equal(await said(strict(curlew.url, andTransport)), "long-poll, tom: Hello, Jerry");
  });

  it("is there as a module too", { skip: !browser }, async () => {
    const name = "curlew.esm.min.js";
    const files = {
      "script.html": page.replace(/^<script src.*\n/m, "")
        .replace(
          "const { Realtime, TextMessage } = Curlew",
          `import { Realtime, TextMessage } from "./${name}"`,
        ),
      [name]: await bundle(bundles.module),
    };
    assert.equal(await said({ files }), "tom: Hello, Jerry");
  });

  it("says whose code is in it, and that is nobody else's", async () => {
    for (const path of Object.values(bundles)) {
      const [first, ...others] = (await bundle(path)).match(/^\/\*!.*\*\/$/gm) ?? [];
      assert.equal(first, `/*! Curlew ${root.version}, MIT licence */`);
      assert.deepEqual(others, []);
    }
  });

  it("brings source maps that name no path of the machine that built it", async () => {
    for (const path of Object.values(bundles)) {
      const name = path.split("/").at(-1);
      assert.match(await bundle(path), new RegExp(`\n//# sourceMappingURL=${name}\\.map\n$`));
      const { version, sources, sourcesContent } = JSON.parse(await bundle(`${path}.map`));
      assert.equal(version, 3);
      assert.equal(sourcesContent.length, sources.length);
      for (const source of sources) {
        assert.match(source, /^\.\.\/(?:src|transports|node_modules)\//);
      }
    }
  });

  it("shows in a stack trace where in the sources it failed", async () => {
    const url = pathToFileURL(project.installed(`${root.name}/${bundles.module}`));
    await project.write(
      "fails.mjs",
      `import { Realtime } from "${url}"; new Realtime({ appId: "app", appKey: 1 });`,
    );
    const node = await project.node(22);
    const { stderr } = await project.start(node, ["--enable-source-maps", "fails.mjs"]).ended;
    const [, at = ""] = /src\/options\.ts:(\d+):/.exec(stderr) ?? [];
    const { sources, sourcesContent } = JSON.parse(await bundle(`${bundles.module}.map`));
    const source: string = sourcesContent[sources.indexOf("../src/options.ts")];
    assert.match(source.split("\n")[Number(at) - 1] ?? "", /throw new TypeError/);
  });
});
