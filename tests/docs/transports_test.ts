import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import type { Frame, Transport } from "@curlew/realtime";
import { transportContract } from "@curlew/realtime/testing";
import { blocksOf, readDocument } from "../kit/documents.ts";
import { repository } from "../kit/modules.ts";
import { memoryRig, webSocketRig } from "../transports/rigs.ts";

const languages = ["docs/transports.md", "docs/transports.zh.md"];

/** What the document imports from beside its programs, and where that is here. */
const examples = ["recorder.ts", "playback.ts"];

interface Counted {
  readonly counted: (
    transport: Transport<Frame>,
    count: { sent: number; received: number },
  ) => Transport<Frame>;
}

describe("docs/transports.md", () => {
  const folder = new URL(`dist/docs-${crypto.randomUUID()}/`, repository);
  const programs: string[] = [];

  before(async () => {
    await Deno.mkdir(folder, { recursive: true }); // in the checkout, where the packages are known
    for (const { language, code } of blocksOf(await readDocument(languages[0]!))) {
      const [, name] = /^\/\/ (\w+\.ts)\n/.exec(code) ?? [];
      assert.ok(language === "ts" && name, `A block says its name: ${code.slice(0, 40)}`);
      await Deno.writeTextFile(new URL(name, folder), code);
      programs.push(name);
    }
    for (const name of examples) {
      const from = new URL(`examples/transports/${name}`, repository);
      await Deno.writeTextFile(new URL(name, folder), `export * from "${from}";\n`);
    }
  });
  after(() => Deno.remove(folder, { recursive: true }));

  /** Runs Deno in the folder to its end, and says what it said. */
  const deno = async (...args: string[]): Promise<string> => {
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args,
      cwd: folder,
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(60_000),
    }).output();
    const [said, complained] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assert.ok(success, `${said}${complained}`);
    return `${said}`;
  };
  const cases = transportContract(memoryRig((transport) => transport)).map(({ name }) => name);

  it("shows the same code in both languages", async () => {
    const [english = "", chinese = ""] = await Promise.all(languages.map(readDocument));
    assert.deepEqual(blocksOf(chinese), blocksOf(english));
  });

  it("links to files that there are", async () => {
    for (const name of languages) {
      const text = await readDocument(name);
      const links = [...text.matchAll(/\]\((?!https?:)([^)#]+)\)|^\[[^\]]+\]: (\S+)$/gm)];
      assert.ok(links.length > 3);
      for (const [, inline, reference] of links) {
        const at = new URL(inline ?? reference!, new URL(name, repository));
        await assert.doesNotReject(Deno.stat(at), `${name} links to ${at}`);
      }
    }
  });

  it("shows code whose types are right", async () => {
    await deno("check", "--frozen", "--quiet", ...programs);
  });

  it("shows a transport that passes the contract, in each runner and in none", async () => {
    const test = ["test", "-A", "--frozen", "--no-check"];
    const inNode = await deno(...test, "port_test.ts");
    const inDeno = await deno(...test, "port_deno_test.ts");
    const inNone = await deno("run", "--frozen", "--no-check", "run.ts");
    for (const name of cases) {
      assert.ok(inNode.includes(`  ${name} ... ok`), inNode);
      assert.ok(inDeno.includes(`\n${name} ... ok`), inDeno);
    }
    assert.equal(inNone, cases.map((name) => `ok: ${name}\n`).join(""));
  });

  it("shows how to choose, which the constructor takes", async () => {
    for (const name of ["choose.ts", "plugin.ts", "record.ts"]) {
      const made = await import(new URL(name, folder).href);
      for (const realtime of Object.values(made)) {
        await (realtime as { close: () => Promise<void> }).close();
      }
    }
  });

  it("shows how to wrap a transport that still passes the contract", async () => {
    const { counted }: Counted = await import(new URL("counted.ts", folder).href);
    const count = { sent: 0, received: 0 };
    const wrap = (transport: Transport) => counted(transport, count);
    for (const rig of [memoryRig(wrap), webSocketRig(wrap)]) {
      for (const { run } of transportContract(rig)) await run();
    }
    assert.ok(count.sent > 300 && count.received > 300);
  });
});
