import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import server from "../../server/deno.json" with { type: "json" };
import { launchBrowser } from "../kit/browser.ts";
import { commandWith, programFor } from "../kit/documents.ts";
import { Project, type Running } from "../kit/npm_project.ts";

// Asked here, since a test that skips itself while it runs counts as passed.
const browser = await launchBrowser();

describe("the installed packages", () => {
  let project: Project;
  let curlew: Running; // the server's own command, on Node 22
  let url: string;

  before(async () => {
    project = await Project.consumer();
    const node = await project.node(22);
    // Not by npx, which does not pass a signal on.
    curlew = project.start(project.bin("curlew"), ["start", "--port=0", "--db=:memory:"], node);
    [, url = ""] = await curlew.says(/listening on (\S+)\n/);
    await project.write("hello.mjs", await programFor("hello.mjs", url));
    await project.write("hello20.mjs", await programFor("hello20.mjs", url));
    await project.write("hello.html", await programFor("hello.html", url));
  });
  after(async () => {
    await project?.remove();
    await browser?.close();
  });

  it("have the command for npx", async () => {
    const node = await project.node(22);
    const { stdout } = await project.start("npx", ["--no", "--", "curlew", "--version"], node)
      .ended;
    assert.match(stdout, new RegExp(`\\b${server.version.replaceAll(".", "\\.")}\\n$`));
  });

  it("say which Node.js the server needs, and examine one on an older", async () => {
    const [starts, examines] = await Promise.all(["start", "doctor"].map(async (name) => {
      const program = project.installed("@curlew/server/curlew.js");
      return await project.start(await project.node(20), [program, name, "--help"]).ended;
    }));
    assert.equal(starts!.code, 1);
    assert.match(
      starts!.stderr,
      /^Curlew: It needs Node\.js 22\.13 or newer, and this is v20\..*\n$/,
    );
    assert.equal(examines!.code, 0);
    assert.match(examines!.stdout, /curlew doctor/);
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

  it("bring a command that examines the server", async () => {
    const { code, stdout } = await project.start(await project.node(22), [
      project.installed("@curlew/server/curlew.js"),
      ...["doctor", url, "--idle", "1"],
    ]).ended;
    assert.match(stdout, /^ok +idle long-poll +open after 1 s of silence$/m);
    assert.deepEqual([code, stdout.split("\n").at(-2)], [0, "All is well"]);
  });

  it("end a server soon on Node 22, though clients keep connections that were busy", async () => {
    await project.write(
      "ending.mjs",
      `import { get, Agent } from "node:http";
      import { serveNode } from "@curlew/server/runtimes/node";
      let answer;
      const fetch = () => new Promise((done) => answer = () => done(new Response("late")));
      const server = { protocols: [], accept() {}, close: async () => {}, fetch };
      const served = await serveNode(server, { farewell: 0, closeTimeout: 5000 });
      const agent = new Agent({ keepAlive: true });
      const answered = new Promise((done) =>
        get({ port: served.port, agent }, (response) => response.resume().on("end", done)));
      while (!answer) await new Promise((done) => setTimeout(done, 5));
      const before = performance.now();
      const closing = served.close();
      setTimeout(answer, 20);
      await answered;
      await closing;
      console.log(performance.now() - before < 2500 ? "soon" : "late");
      process.exit();`,
    );
    const { stdout, stderr } = await project.start(await project.node(22), ["ending.mjs"]).ended;
    assert.equal(stdout + stderr, "soon\n");
  });

  it("bring a command that ends cleanly", async () => {
    const { code } = await curlew.stop();
    assert.equal(code, 0);
  });
});
