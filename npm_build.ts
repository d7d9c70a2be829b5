/**
 * Makes the npm packages: `deno task npm` leaves each in `npm/`, as a folder and as a tarball.
 *
 * `deno pack` turns TypeScript into JavaScript and declarations. What it lacks is done around it:
 * the sources are staged alone, so that nothing else gets in, every module of the graph is packed
 * with its declarations, and package.json says what is stated here.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import root from "./deno.json" with { type: "json" };
import server from "./server/deno.json" with { type: "json" };
import { buildPage } from "./examples/browser/build.ts";
import { stop } from "esbuild";
import { bundleForPages, bundles, noCodeOfOthers } from "./npm_bundles.ts";

/** What a package is made of: the entry points and the metadata, in one object. */
export interface BuildOptions {
  /** The workspace member, relative to this file. */
  readonly folder: string;
  /** The folder in `npm/` where the package goes. */
  readonly outDir: string;
  /** Each subpath with its module, relative to the folder. */
  readonly entryPoints: readonly { readonly name: string; readonly path: string }[];
  /** Modules that are run and not imported, by the name of the command. */
  readonly bin: Readonly<Record<string, string>>;
  /** The module that is bundled for pages without a bundler, relative to the folder. */
  readonly bundled?: string;
  /** The workspace members it depends on; each is named at its exact version. */
  readonly siblings: Readonly<Record<string, string>>;
  /** What package.json says beside what follows from the above. */
  readonly package: {
    readonly name: string;
    readonly version: string;
    readonly description: string;
    readonly license: string;
    readonly keywords: readonly string[];
    readonly engines: Readonly<Record<string, string>>;
    readonly sideEffects: boolean | readonly string[];
    /** The script that these hosts give to pages. */
    readonly unpkg?: string;
    readonly jsdelivr?: string;
  };
}

/** The client. */
export const realtimePackage: BuildOptions = {
  folder: "./",
  outDir: "realtime/",
  entryPoints: [
    { name: ".", path: "./mod.ts" },
    { name: "./protocol", path: "./src/protocol/mod.ts" },
    { name: "./environment", path: "./src/environment/mod.ts" },
    { name: "./testing", path: "./src/testing/mod.ts" },
    { name: "./codecs/protobuf", path: "./src/codecs/protobuf.ts" },
    { name: "./codecs/base64", path: "./src/codecs/base64.ts" },
    { name: "./codecs/json", path: "./src/codecs/json.ts" },
    { name: "./codecs/cbor", path: "./src/codecs/cbor.ts" },
    { name: "./transports/websocket", path: "./transports/websocket.ts" },
    { name: "./transports/long-poll", path: "./transports/long_poll.ts" },
    { name: "./transports/race", path: "./transports/race.ts" },
    { name: "./transports/text-only", path: "./transports/text_only.ts" },
    { name: "./transports/mini-program", path: "./transports/mini_program.ts" },
    { name: "./transports/memory", path: "./transports/memory.ts" },
    { name: "./plugins/rich-messages", path: "./src/plugins/rich_messages/mod.ts" },
    { name: "./plugins/group-receipts", path: "./src/plugins/group_receipts/mod.ts" },
  ],
  bin: {},
  bundled: "./src/browser.ts",
  siblings: {},
  package: {
    name: root.name,
    version: root.version,
    description:
      "Realtime messaging with the API of LeanCloud's Realtime, for a server of your own",
    license: root.license,
    keywords: ["realtime", "messaging", "chat", "im", "websocket", "leancloud"],
    engines: { node: ">=20" },
    sideEffects: false,
    unpkg: `./${bundles.script}`,
    jsdelivr: `./${bundles.script}`,
  },
};

/** The server. */
export const serverPackage: BuildOptions = {
  folder: "./server/",
  outDir: "server/",
  entryPoints: [
    { name: ".", path: "./mod.ts" },
    { name: "./store", path: "./store/store.ts" },
    { name: "./store/memory", path: "./store/memory.ts" },
    { name: "./store/sqlite", path: "./store/sqlite.ts" },
    { name: "./bus", path: "./bus/bus.ts" },
    { name: "./bus/local", path: "./bus/local.ts" },
    { name: "./runtimes/node", path: "./runtimes/node.ts" },
  ],
  bin: { curlew: "./curlew.ts" },
  siblings: { [root.name]: root.version },
  package: {
    name: server.name,
    version: server.version,
    description: "A realtime messaging server that Curlew's and LeanCloud's clients can talk to",
    license: server.license,
    keywords: ["realtime", "messaging", "chat", "im", "websocket", "server", "leancloud"],
    engines: { node: ">=22.13" },
    sideEffects: ["./curlew.js"],
  },
};

const here = new URL("./", import.meta.url);
const javascript = (path: string): string => path.replace(/\.ts$/, ".js");
const declarations = (path: string): string => path.replace(/\.ts$/, ".d.ts");

async function run(program: string, args: readonly string[], cwd: URL): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(program, {
    args: [...args],
    cwd,
    env: { NO_COLOR: "1" },
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  if (!success) {
    throw new Error(`${program} ${args[0]} failed\n${decode(stdout)}${decode(stderr)}`);
  }
  return decode(stdout);
}

/** The modules of a member that its entry points need, relative to its folder. */
async function modulesOf(
  { folder, entryPoints, bin }: BuildOptions,
  stageRoot: URL,
): Promise<readonly string[]> {
  const base = new URL(folder, here).href;
  const entries = [...entryPoints.map(({ path }) => path), ...Object.values(bin)];
  const all = new URL("entries.ts", new URL(folder, stageRoot));
  await Deno.writeTextFile(
    all,
    entries.map((path) => `import "${new URL(path, base)}";`).join("\n"),
  );
  const info = await run(Deno.execPath(), ["info", "--json", "--frozen", all.href], here);
  await Deno.remove(all);
  const { modules } = JSON.parse(info) as { modules: readonly { readonly specifier: string }[] };
  // The server's graph holds the client's modules too: those come from its own package.
  return modules.filter(({ specifier }) => specifier.startsWith(base))
    .map(({ specifier }) => `./${specifier.slice(base.length)}`).sort();
}

/** Copies the modules, and states each as an export: what is not exported gets no declarations. */
async function stage(options: BuildOptions, config: object, stageRoot: URL): Promise<void> {
  const from = new URL(options.folder, here);
  const to = new URL(options.folder, stageRoot);
  await Deno.mkdir(to, { recursive: true });
  const exports: Record<string, string> = {};
  for (const { name, path } of options.entryPoints) exports[name] = path;
  for (const path of await modulesOf(options, stageRoot)) {
    exports[path.replace(/\.ts$/, "")] ??= path;
    await Deno.mkdir(new URL("./", new URL(path, to)), { recursive: true });
    await Deno.copyFile(new URL(path, from), new URL(path, to));
  }
  await Deno.writeTextFile(
    new URL("deno.json", to),
    JSON.stringify({ ...config, exports, publish: { exclude: ["deno.lock", "package.json"] } }),
  );
}

/** The paths of all files below a folder, relative to it. */
export async function filesBelow(folder: URL, prefix = ""): Promise<string[]> {
  const files: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = prefix + name;
    if (isDirectory) files.push(...await filesBelow(new URL(`${name}/`, folder), `${path}/`));
    else files.push(path);
  }
  return files.sort();
}

const others = ["package.json", "LICENSE", "README.md"];
const scripts = Object.values<string>(bundles);

/** Fails where there is anything but modules and what every package has. */
function checkFiles(files: readonly string[]): void {
  const allowed = [...others, ...scripts.map((path) => `${path}.map`)];
  const stray = files.filter((path) => !/\.(js|d\.ts)$/.test(path) && !allowed.includes(path));
  if (stray.length) throw new Error(`Stray files in the package: ${stray.join(", ")}`);
}

/** Fails where a module has no declarations, and says why: packing leaves them out and goes on. */
async function checkTypes(files: readonly string[], staged: URL): Promise<void> {
  const untyped = files.filter((path) =>
    path.endsWith(".js") && !scripts.includes(path) &&
    !files.includes(path.replace(/\.js$/, ".d.ts"))
  );
  if (!untyped.length) return;
  await run(Deno.execPath(), ["publish", "--dry-run", "--allow-dirty"], staged);
  throw new Error(`No declarations for ${untyped.join(", ")}`);
}

/** Has declarations bring the types of what disposes, which a compiler for ES2022 does not have. */
async function bringDisposal(files: readonly string[], out: URL): Promise<void> {
  for (const path of files.filter((path) => path.endsWith(".d.ts"))) {
    const file = new URL(path, out);
    const text = await Deno.readTextFile(file);
    if (!/\bSymbol\.(?:asyncD|d)ispose\b/.test(text)) continue;
    await Deno.writeTextFile(file, `/// <reference lib="esnext.disposable" />\n${text}`);
  }
}

/** Packs a staged member into a folder. */
async function build(options: BuildOptions, stageRoot: URL, out: URL): Promise<void> {
  const { folder, entryPoints, bin, bundled, siblings } = options;
  const staged = new URL(folder, stageRoot);
  const archive = new URL("packed.tgz", out);
  const pack = ["pack", "--allow-dirty", "--no-source-maps", "-o", fileURLToPath(archive)];
  await Deno.mkdir(out, { recursive: true });
  await run(Deno.execPath(), pack, staged);
  await run("tar", ["xzf", archive.pathname, "--strip-components=1"], out);
  await Deno.remove(archive);

  const manifest = new URL("package.json", out);
  const packed = JSON.parse(await Deno.readTextFile(manifest));
  const exports = Object.fromEntries(
    entryPoints.map(({ name, path }) => [
      name,
      { types: declarations(path), default: javascript(path) },
    ]),
  );
  const commands = Object.fromEntries(
    Object.entries(bin).map(([name, path]) => [name, javascript(path)]),
  );
  const main = exports["."];
  const dependencies = Object.entries({ ...packed.dependencies, ...siblings }).sort();
  await Deno.writeTextFile(
    manifest,
    JSON.stringify(
      {
        ...options.package,
        type: "module",
        ...(Object.keys(bin).length === 0 ? {} : { bin: commands }),
        main: main?.default,
        types: main?.types,
        exports,
        dependencies: Object.fromEntries(dependencies),
      },
      null,
      2,
    ) + "\n",
  );
  for (const path of Object.values(commands)) {
    const program = new URL(path, out);
    await Deno.writeTextFile(
      program,
      `#!/usr/bin/env node\n${(await Deno.readTextFile(program)).replace(/^#!.*\n/, "")}`,
    );
    await Deno.chmod(program, 0o755);
  }
  for (const name of ["LICENSE", "README.md"]) {
    await Deno.copyFile(new URL(name, here), new URL(name, out));
  }
  if (bundled !== undefined) await bundleForPages(bundled, out);
  const files = await filesBelow(out);
  checkFiles(files);
  await checkTypes(files, staged);
  await bringDisposal(files, out);
}

/** Builds both packages in a folder, each as a folder and as a tarball; returns the tarballs' names. */
export async function buildPackages(npm: URL): Promise<readonly string[]> {
  const stageRoot = new URL(`file://${await Deno.makeTempDir()}/`);
  try {
    const { compilerOptions, nodeModulesDir } = root;
    const common = { compilerOptions, nodeModulesDir, workspace: [serverPackage.folder] };
    for (const name of ["deno.lock", "package.json"]) {
      await Deno.copyFile(new URL(name, here), new URL(name, stageRoot));
    }
    await Promise.all([
      stage(
        realtimePackage,
        { ...realtimePackage.package, imports: root.imports, ...common },
        stageRoot,
      ),
      stage(serverPackage, { ...serverPackage.package, imports: server.imports }, stageRoot),
    ]);
    await Promise.all(
      [realtimePackage, serverPackage].map((options) =>
        build(options, stageRoot, new URL(options.outDir, npm))
      ),
    );
  } finally {
    await stop();
    await Deno.remove(stageRoot, { recursive: true });
  }
  const serverOut = new URL(serverPackage.outDir, npm);
  noCodeOfOthers(await buildPage(new URL("page/", serverOut)));
  const folders = [realtimePackage, serverPackage].map(({ outDir }) => `./${outDir}`);
  return (await run("npm", ["pack", "--silent", ...folders], npm)).trim().split("\n");
}

if (import.meta.main) {
  const npm = new URL("npm/", here);
  await Deno.remove(npm, { recursive: true }).catch(() => {});
  console.log((await buildPackages(npm)).join("\n"));
}
