/**
 * Measures the codecs against others, on Deno and, where there is one, on Node.
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

/** What a codec is measured against, and what of it, for each text or runtime, is to be reached. */
interface Goal {
  readonly codec: string;
  readonly known: string;
  readonly floor?: number;
  readonly target?: (text: string, runtime: string) => number;
}

const goals: Readonly<Record<string, Goal>> = {
  "protobufjs 5.0.3": {
    codec: "protobuf",
    known: "which LeanCloud's SDK ships",
    floor: 6,
    target: (text) => text === "ASCII" ? 10 : 8,
  },
  "protobufjs 8.8.1": {
    codec: "protobuf",
    known: "classes compiled from Curlew's tables, as fast as its static modules",
    floor: 1.2,
    target: (_, runtime) => runtime.startsWith("Node") ? 1.6 : 1.4,
  },
  "cbor-x 1.6.9": {
    codec: "cbor",
    known: "without code made at run time, unchecked, keys written out",
  },
  JSON: { codec: "json", known: "unchecked" },
};

/** The figures of the codecs: how many times as fast each is as the others of its kind. */
export async function codecRows(): Promise<Row[]> {
  const rows = rowsOf(`Deno ${Deno.version.deno}`, measure());
  const node = await measureOnNode();
  if (node) rows.push(...rowsOf(`Node ${node.version}`, node.times));
  return rows;
}

function rowsOf(runtime: string, all: readonly Times[]): Row[] {
  return Object.entries(goals).flatMap(([anchor, { codec, known, floor, target }]) =>
    all.map(({ text, bytes, times }) => {
      const curlew = times[`curlew ${codec}`]!;
      const ns = (figures: readonly number[]) => `${median(figures).toFixed(0)} ns`;
      const other = "@bufbuild/protobuf 2.17.0";
      return {
        what: `${codec} codec, ${text} text, ${runtime}, of ${anchor}`,
        ratio: median(times[anchor]!.map((time, round) => time / curlew[round]!)),
        ...floor !== undefined && { floor },
        ...target && { target: target(text, runtime) },
        detail: `encode and decode ${bytes[codec]} bytes: ${ns(curlew)}, ` +
          `there ${ns(times[anchor]!)} (${known})` +
          (codec === "protobuf" ? `; ${ns(times[other]!)} with ${other}` : ""),
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
        [
          ...["protobuf", "cbor", "json"].map((codec) => `@curlew/realtime/codecs/${codec}`),
          "@curlew/realtime/protocol",
          "protobufjs-5",
        ].map((name) => [name, fileURLToPath(import.meta.resolve(name))]),
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
