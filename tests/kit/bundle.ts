/**
 * Programs as an app ships them: bundled by esbuild for browsers, and compressed.
 *
 * @module
 */
import { gzipSync } from "node:zlib";
import { build } from "esbuild";

/** A program as one file. Who made some calls esbuild's `stop` at the end. */
export interface Bundle {
  /** Its text, minified. */
  readonly text: string;
  /** How many bytes it is when compressed, as a server sends it. */
  readonly size: number;
  /** The paths of the modules of which anything is in it. */
  readonly modules: readonly string[];
}

/** How many bytes a text is when compressed. */
export const compressed = (text: string): number => gzipSync(text, { level: 9 }).length;

/** Bundles a program that lies in a folder, without the modules whose specifiers match `but`. */
export async function bundleIn(folder: string, program: string, but?: RegExp): Promise<Bundle> {
  const { metafile, outputFiles: [file] } = await build({
    stdin: { contents: program, resolveDir: folder },
    absWorkingDir: folder,
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    metafile: true,
    logLevel: "error",
    plugins: but === undefined ? [] : [{
      name: "leave out",
      setup: ({ onResolve }) =>
        onResolve({ filter: but }, ({ path }) => ({ path, external: true })),
    }],
  });
  const text = file?.text ?? "";
  const inputs = Object.values(metafile.outputs).flatMap((output) => Object.entries(output.inputs));
  const modules = inputs.filter(([, { bytesInOutput }]) => bytesInOutput > 0).map(([path]) => path);
  return { text, size: compressed(text), modules };
}
