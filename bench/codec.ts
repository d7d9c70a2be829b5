/**
 * Measures the protobuf codec against others, on Deno and, where there is one, on Node.
 *
 *     deno run -A bench/codec.ts
 *
 * @module
 */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, stop } from "esbuild";
import { measure, type Times } from "./codec_rounds.ts";
import { median, print, type Row } from "./row.ts";

/** What goals each anchor sets: a floor, and a target for each text or runtime. */
const goals = {
  "protobufjs 5.0.3": {
    known: "which LeanCloud's SDK ships",
    floor: 6,
    target: (text: string) => text === "ASCII" ? 10 : 8,
  },
  "protobufjs 8.8.1": {
    known: "classes compiled from Curlew's tables, as fast as its static modules",
    floor: 1.2,
    target: (_: string, runtime: string) => runtime.startsWith("Node") ? 1.6 : 1.4,
  },
} as const;

/** The figures of the codec: how many times as fast it is as each of the others. */
export async function codecRows(): Promise<Row[]> {
  const rows = rowsOf(`Deno ${Deno.version.deno}`, measure());
  const node = await measureOnNode();
  if (node) rows.push(...rowsOf(`Node ${node.version}`, node.times));
  return rows;
}

function rowsOf(runtime: string, all: readonly Times[]): Row[] {
  return Object.entries(goals).flatMap(([anchor, { known, floor, target }]) =>
    all.map(({ text, bytes, times }) => {
      const ratio = (name: string) =>
        median(times[name]!.map((time, round) => time / times.curlew![round]!));
      const ns = (name: string) => `${median(times[name]!).toFixed(0)} ns`;
      const other = "@bufbuild/protobuf 2.17.0";
      return {
        what: `codec, ${text} text, ${runtime}, of ${anchor}`,
        ratio: ratio(anchor),
        floor,
        target: target(text, runtime),
        detail:
          `encode and decode ${bytes} bytes: ${ns("curlew")}, there ${ns(anchor)} (${known}); ` +
          `${ns(other)} with ${other}`,
      };
    })
  );
}

/** Runs the same rounds on Node, from a bundle; nothing where there is no Node. */
async function measureOnNode(): Promise<{ version: string; times: Times[] } | undefined> {
  let version: string;
  try {
    version = execFileSync("node", ["--version"], { encoding: "utf8" }).trim().slice(1);
  } catch {
    return undefined;
  }
  const folder = mkdtempSync(join(tmpdir(), "curlew-bench-"));
  try {
    const outfile = join(folder, "codec.mjs");
    await build({
      stdin: {
        contents: `import { measure } from "./codec_rounds.ts";
console.log(JSON.stringify(measure()));`,
        resolveDir: fileURLToPath(new URL(".", import.meta.url)),
      },
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      outfile,
      alias: Object.fromEntries(
        ["@curlew/realtime/codecs/protobuf", "@curlew/realtime/protocol", "protobufjs-5"]
          .map((name) => [name, fileURLToPath(import.meta.resolve(name))]),
      ),
      logLevel: "error",
      // Packages of CommonJS want a `require`, which an ESM bundle lacks.
      banner: {
        js: 'import { createRequire } from "node:module"; const require = createRequire("/");',
      },
    });
    return {
      version,
      times: JSON.parse(execFileSync("node", ["--no-deprecation", outfile], { encoding: "utf8" })),
    };
  } finally {
    await stop();
    rmSync(folder, { recursive: true });
  }
}

if (import.meta.main) Deno.exitCode = print(await codecRows()) > 0 ? 1 : 0;
