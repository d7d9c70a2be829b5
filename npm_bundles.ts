/**
 * What the npm packages hold of other people's code: bundles for pages that have no bundler, and
 * modules with a package inlined that nobody should have to install; and the licences of both.
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

/** The file in a package with the licences of what is bundled in it. */
export const licences = "THIRD_PARTY_LICENSES";

const here = new URL("./", import.meta.url);
const banner = `/*! Curlew ${root.version}, MIT licence */`;

const common: BuildOptions = {
  absWorkingDir: fileURLToPath(here),
  bundle: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "inline",
  metafile: true,
  logLevel: "warning",
};

const forms: readonly (BuildOptions & { readonly outfile: string })[] = [
  { outfile: bundles.script, format: "iife", globalName: "Curlew" },
  { outfile: bundles.module, format: "esm" },
];

/** A source map whose paths are those of the repository and of packages, wherever it was made. */
function portable(map: string, folder: URL): string {
  const parsed = JSON.parse(map) as { readonly sources: readonly string[] };
  const sources = parsed.sources.map((source) => {
    const { href } = new URL(source, folder);
    const [, inPackage] = /.*(\/node_modules\/.*)/.exec(href) ?? [];
    return `..${inPackage ?? href.slice(here.href.length - 1)}`;
  });
  return JSON.stringify({ ...parsed, sources });
}

/** Bundles a module for pages, in both forms with source maps; returns what went into them. */
export async function bundleForPages(entry: string, out: URL): Promise<readonly Metafile[]> {
  return await Promise.all(forms.map(async ({ outfile, ...form }) => {
    const { metafile, outputFiles = [] } = await build({
      ...common,
      ...form,
      entryPoints: [entry],
      outfile: fileURLToPath(new URL(outfile, out)),
      platform: "browser",
      minify: true,
      sourcemap: "linked",
      banner: { js: banner },
      write: false,
    });
    // Whoever copies the script alone passes on whose it is; at its end, where it moves no line.
    const notices = (await readLicences([metafile!])).map(({ name, kind, text }) => {
      const [whose = ""] = /^Copyright .*$/m.exec(text) ?? [];
      return `/*! ${name}, ${kind} licence. ${whose} */\n`;
    });
    for (const { path, text } of outputFiles) {
      const file = pathToFileURL(path);
      const whole = path.endsWith(".map")
        ? portable(text, file)
        : text.replace(/(?=\/\/# sourceMappingURL=)/, notices.join(""));
      await Deno.mkdir(new URL("./", file), { recursive: true });
      await Deno.writeTextFile(file, whole);
    }
    return metafile!;
  }));
}

/** What is put into the modules that import it: each specifier with its file in `node_modules`. */
export type Inlined = Readonly<Record<string, string>>;

/** Puts into an emitted module what of its imports is `inlined`; the others stay as they are. */
async function inlineInto(module: URL, inlined: Inlined): Promise<Metafile> {
  const { metafile } = await build({
    ...common,
    entryPoints: [fileURLToPath(module)],
    outfile: fileURLToPath(module),
    allowOverwrite: true,
    format: "esm",
    platform: "neutral",
    // No code is made from text: whoever would do so gets a ReferenceError instead.
    define: { Function: "BlockedFunction" },
    plugins: [{
      name: "the others stay imports",
      setup: ({ onResolve }) =>
        onResolve({ filter: /./ }, async ({ importer, path }) => {
          if (fileURLToPath(module) !== importer) return undefined;
          const file = inlined[path];
          if (file === undefined) return { path, external: true };
          // As esbuild names what the file imports, so that its package is one and not two.
          return { path: await Deno.realPath(new URL(`node_modules/${file}`, here)) };
        }),
    }],
  });
  return metafile!;
}

/** The package of a specifier. */
export const packageOf = (specifier: string): string =>
  /^(?:@[^/]+\/)?[^/]+/.exec(specifier)?.[0] ?? "";

/** Inlines into the modules among the files of a folder; their declarations may name nothing of it. */
export async function inline(
  inlined: Inlined,
  out: URL,
  files: readonly string[],
): Promise<Metafile[]> {
  const metafiles: Metafile[] = [];
  for (const path of files) {
    const file = new URL(path, out);
    const text = await Deno.readTextFile(file);
    const imports = [...text.matchAll(/(?:\bfrom|\bimport) *\(?["']([^"'.][^"']*)["']/g)];
    const names = imports.map(([, specifier = ""]) => specifier);
    if (!names.some((specifier) => specifier in inlined)) continue;
    if (!path.endsWith(".js")) throw new Error(`${path} names a package that is not installed`);
    metafiles.push(await inlineInto(file, inlined));
  }
  return metafiles;
}

/** The folders of the packages in `node_modules` that went into bundles. */
function packagesIn(metafiles: readonly Metafile[]): readonly string[] {
  const inputs = metafiles.flatMap((metafile) => Object.keys(metafile.inputs));
  const folders = inputs.flatMap((path) =>
    /^.*\/?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? []
  );
  return [...new Set(folders)].sort();
}

interface Licence {
  /** Name and version of the package. */
  readonly name: string;
  /** Which licence it is, such as MIT. */
  readonly kind: string;
  readonly text: string;
}

/** The licence of each package that went into bundles. */
async function readLicences(metafiles: readonly Metafile[]): Promise<readonly Licence[]> {
  return await Promise.all(
    packagesIn(metafiles).map(async (folder) => {
      const at = new URL(`${folder}/`, here);
      const manifest = await Deno.readTextFile(new URL("package.json", at));
      const { name, version, license: kind } = JSON.parse(manifest);
      for await (const file of Deno.readDir(at)) {
        if (!/^licen[cs]e\b/i.test(file.name)) continue;
        const text = await Deno.readTextFile(new URL(file.name, at));
        return { name: `${name} ${version}`, kind, text: text.trim() };
      }
      throw new Error(`${name} has no licence to pass on`);
    }),
  );
}

/** Passes on the licences of what of others went into bundles, beside them in a folder. */
export async function passOnLicences(metafiles: readonly Metafile[], out: URL): Promise<void> {
  const all = await readLicences(metafiles);
  if (all.length === 0) return;
  const text = all.map(({ name, text }) => `${name}\n\n${text}\n`);
  await Deno.writeTextFile(new URL(licences, out), text.join(`\n${"-".repeat(80)}\n\n`));
}
