/**
 * The bundles in the npm packages, for pages that have no bundler of their own.
 *
 * @module
 */
import { fileURLToPath, pathToFileURL } from "node:url";
import { build, type BuildOptions, type Metafile } from "esbuild";
import root from "./deno.json" with { type: "json" };

/** The bundles of the client, relative to its package. */
export const bundles = {
  /** A script that makes `Curlew` a global. */
  script: "dist/curlew.min.js",
  /** The same as a module. `.js`, since many a server knows no `.mjs`. */
  module: "dist/curlew.esm.min.js",
} as const;

const here = new URL("./", import.meta.url);
const banner = `/*! Curlew ${root.version}, MIT licence */`;

const forms: readonly (BuildOptions & { readonly outfile: string })[] = [
  { outfile: bundles.script, format: "iife", globalName: "Curlew" },
  { outfile: bundles.module, format: "esm" },
];

/** A source map whose paths are those of the repository, wherever it was made. */
function portable(map: string, folder: URL): string {
  const parsed = JSON.parse(map) as { readonly sources: readonly string[] };
  const sources = parsed.sources.map((source) =>
    `..${new URL(source, folder).href.slice(here.href.length - 1)}`
  );
  return JSON.stringify({ ...parsed, sources });
}

/** Bundles a module for pages, in both forms with source maps. */
export async function bundleForPages(entry: string, out: URL): Promise<void> {
  await Promise.all(forms.map(async ({ outfile, ...form }) => {
    const { metafile, outputFiles = [] } = await build({
      ...form,
      absWorkingDir: fileURLToPath(here),
      entryPoints: [entry],
      outfile: fileURLToPath(new URL(outfile, out)),
      bundle: true,
      minify: true,
      charset: "utf8",
      platform: "browser",
      target: "es2022",
      sourcemap: "linked",
      banner: { js: banner },
      metafile: true,
      write: false,
      logLevel: "warning",
    });
    noCodeOfOthers(metafile!);
    for (const { path, text } of outputFiles) {
      const file = pathToFileURL(path);
      const whole = path.endsWith(".map") ? portable(text, file) : text;
      await Deno.mkdir(new URL("./", file), { recursive: true });
      await Deno.writeTextFile(file, whole);
    }
  }));
}

/** Fails where code of others went into a bundle: whoever passes that on passes on its licence too. */
export function noCodeOfOthers({ inputs }: Metafile): void {
  const foreign = Object.keys(inputs).filter((path) => path.includes("node_modules/"));
  if (foreign.length) throw new Error(`A bundle has code of others in it: ${foreign.join(", ")}`);
}
