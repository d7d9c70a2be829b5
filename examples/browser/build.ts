/**
 * Bundles the page into a folder. Run as a program it does so into `dist`, unless what lies there
 * is newer than all it is made of.
 *
 * @module
 */
import { copyFile, mkdir, readdir, stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import type { Metafile } from "esbuild";

const here = new URL("./", import.meta.url);
const root = new URL("../../", here);
const copied = ["index.html", "style.css", "curlew.svg"];

/** Writes the page's files into the folder; returns what went into its script. */
export async function buildPage(folder: URL): Promise<Metafile> {
  const { build, stop } = await import("esbuild");
  await mkdir(folder, { recursive: true });
  for (const name of copied) {
    await copyFile(new URL(name, here), new URL(name, folder));
  }
  const { metafile } = await build({
    absWorkingDir: fileURLToPath(root),
    entryPoints: [fileURLToPath(new URL("main.ts", here))],
    outfile: fileURLToPath(new URL("main.js", folder)),
    bundle: true,
    minify: true,
    format: "esm",
    target: "es2022",
    metafile: true,
    logLevel: "warning",
  });
  await stop();
  return metafile;
}

/** When the newest file below a folder was written, in ms since the epoch. */
async function newest(folder: URL): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true });
  const times = entries.map(async (entry) => {
    if (entry.isDirectory()) {
      return entry.name === "dist" ? 0 : await newest(new URL(`${entry.name}/`, folder));
    }
    return (await stat(new URL(entry.name, folder))).mtimeMs;
  });
  return Math.max(0, ...await Promise.all(times));
}

if (import.meta.main) {
  const folder = new URL("dist/", here);
  const sources = ["src/", "transports/"].map((name) => newest(new URL(name, root)));
  const entry = stat(new URL("mod.ts", root)).then((file) => file.mtimeMs);
  const changed = Math.max(
    ...await Promise.all([entry, newest(here), ...sources]),
  );
  const made = await stat(new URL("main.js", folder)).then(
    (file) => file.mtimeMs,
    () => 0,
  );
  if (made < changed) await buildPage(folder);
}
