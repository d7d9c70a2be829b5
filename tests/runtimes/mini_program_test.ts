import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import vm from "node:vm";
import { build, type BuildOptions, stop as stopEsbuild } from "esbuild";
import root from "../../deno.json" with { type: "json" };
import { settle } from "../kit/clock.ts";
import { programFor } from "../kit/documents.ts";
import { type Dialect, FakePhone } from "../kit/fake_wx.ts";
import { repository } from "../kit/modules.ts";
import { ServerProcess, withFolder } from "../kit/server_process.ts";
import type { Outcome } from "./cases.ts";
import { keepsAll, serverAt, serverFlags } from "./programs.ts";

type Outcomes = Readonly<Record<string, readonly Outcome[]>>;

const ways = [
  "by default",
  "with noBinary",
  "over WebSocket with CBOR",
  "over long-poll",
  "over long-poll, in text alone",
  "over a race of both",
];

/** What JavaScript itself has no word of, and yet a context comes with. */
const extras = ["console", "WebAssembly", "queueMicrotask", "SharedArrayBuffer", "Atomics"];

/** A context with what JavaScript has, timers, and the phone's API. */
function contextOf({ api }: FakePhone): vm.Context {
  const context = vm.createContext(
    { wx: api, setTimeout, clearTimeout, setInterval, clearInterval },
    { codeGeneration: { strings: false, wasm: false } },
  );
  for (const extra of extras) vm.runInContext(`delete globalThis.${extra}`, context);
  return context;
}

/** The client's modules, by their names. */
const alias = Object.fromEntries(
  Object.entries(root.exports).map(([name, path]) => [
    `${root.name}${name.slice(1)}`,
    fileURLToPath(new URL(path, repository)),
  ]),
);

/** What a bundler makes of a program, and of the client. */
async function bundled(program: BuildOptions): Promise<string> {
  const { outputFiles } = await build({
    ...program,
    alias,
    bundle: true,
    format: "iife",
    globalName: "app",
    platform: "neutral",
    mainFields: ["module", "main"],
    target: "es2022",
    write: false,
    logLevel: "error",
  });
  return outputFiles![0]!.text;
}

after(() => stopEsbuild());

/** Runs the suite in a mini program, and says how its cases ended, and what the phone saw. */
const run = (dialect: Dialect): Promise<{ outcomes: Outcomes; phone: FakePhone }> =>
  withFolder(async (folder) => {
    await using server = await ServerProcess.start(await serverFlags(folder));
    const phone = new FakePhone(dialect);
    const context = contextOf(phone);
    const suite = fileURLToPath(new URL("mini_program_ways.ts", import.meta.url));
    vm.runInContext(await bundled({ entryPoints: [suite] }), context);
    const call = `app.runAll(${JSON.stringify(serverAt(server.url))})`;
    return { outcomes: await vm.runInContext(call, context), phone };
  });

describe("the end-to-end suite in a mini program", () => {
  it("has neither the web's nor Node's globals, and makes no code", () => {
    const context = contextOf(new FakePhone());
    const names = ["URL", "TextEncoder", "AbortController", "fetch", "WebSocket", "crypto"];
    for (const name of [...names, ...extras, "process", "Deno", "Buffer"]) {
      assert.equal(vm.runInContext(`typeof ${name}`, context), "undefined", name);
    }
    assert.throws(() => vm.runInContext("eval('1')", context), { name: "EvalError" });
  });

  for (const dialect of ["wx", "my"] as const) {
    describe(`with the API of ${dialect}`, () => {
      let outcomes: Outcomes;
      let phone: FakePhone;
      before(async () => {
        ({ outcomes, phone } = await run(dialect));
      });
      for (const way of ways) it(`passes ${way}`, () => keepsAll(outcomes[way]));
      it("leaves no socket and no request open", async () => {
        while (phone.requests > 0) await settle();
        assert.equal(phone.sockets, 0);
      });
    });
  }
});

describe("README's program for a mini program", () => {
  it("runs in one", () =>
    withFolder(async (folder) => {
      await using server = await ServerProcess.start(["--port=0", `--db=${folder}/curlew.db`]);
      const phone = new FakePhone();
      const context = contextOf(phone);
      const said = new Promise<string>((done) => context.console = { log: done });
      context.App = ({ onLaunch }: { onLaunch: () => void }) => onLaunch();
      const contents = await programFor("app.js", server.url);
      vm.runInContext(await bundled({ stdin: { contents } }), context);
      assert.equal(await said, "tom: Hello, Jerry");
      phone.tell("AppHide");
      while (phone.sockets > 0) await settle();
    }));
});
