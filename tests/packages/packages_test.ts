import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { pathToFileURL } from "node:url";
import root from "../../deno.json" with { type: "json" };
import server from "../../server/deno.json" with { type: "json" };
import { filesBelow, realtimePackage, serverPackage } from "../../npm_build.ts";
import { bundles } from "../../npm_bundles.ts";
import { Project } from "../kit/npm_project.ts";

const packages = [realtimePackage, serverPackage];

/** The name of each export. */
const exported = packages.flatMap(({ entryPoints, package: { name } }) =>
  entryPoints.map((entry) => name + entry.name.slice(1))
);

/** Those of the client, which runs on Node 20 too. */
const client = exported.filter((name) => name.startsWith(root.name));

/** The exports that are there for their types. */
const typesAlone = ["@curlew/server/store", "@curlew/server/bus"];

/** Shows that code can't be made from text, and sends a message through the codecs all the same. */
const cborProgram = `
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
try { new Function("1"); } catch (error) { console.log(error.name); }
const directMessage = { cid: "c", msg: "Hello, 朋友", binaryMsg: new Uint8Array([1, 2]) };
for (const codec of [cbor, cborText]) {
  const command = codec.decode(codec.encode({ cmd: "direct", peerId: "tom", directMessage }));
  console.log(command.peerId + ": " + command.directMessage.msg);
}
`;

/** What each package may depend on, and nothing else. */
const dependencies: Readonly<Record<string, readonly string[]>> = {
  [root.name]: [],
  [server.name]: [
    root.name,
    "@hono/node-server",
    "@noble/hashes",
    "hono",
    "re2js",
    "valibot",
    "ws",
  ],
};

/** What each package holds beside modules with their declarations. */
const others: Readonly<Record<string, readonly string[]>> = {
  [root.name]: [
    "LICENSE",
    "README.md",
    "package.json",
    ...Object.values(bundles).flatMap((path) => [path, `${path}.map`]),
  ],
  [server.name]: [
    "LICENSE",
    "README.md",
    "package.json",
    ...["curlew.svg", "index.html", "main.js", "style.css"].map((file) => `page/${file}`),
  ],
};

describe("the npm packages", () => {
  let project: Project;
  before(async () => {
    project = await Project.consumer();
  });
  after(() => project?.remove());

  const manifest = async (name: string) =>
    JSON.parse(await Deno.readTextFile(project.installed(`${name}/package.json`)));

  it("depend on what they need and on nothing else", async () => {
    for (const [name, expected] of Object.entries(dependencies)) {
      const { dependencies: found } = await manifest(name);
      assert.deepEqual(Object.keys(found).sort(), [...expected].sort(), name);
      for (const range of Object.values<string>(found)) assert.match(range, /^\^?\d+\.\d+\.\d+$/);
    }
    const { dependencies: { [root.name]: client } } = await manifest(server.name);
    assert.equal(client, root.version);
  });

  it("hold modules with their declarations, licences, a README, and what pages load", async () => {
    for (const { package: { name } } of packages) {
      const paths = await filesBelow(pathToFileURL(project.installed(name) + "/"));
      const forPages = (path: string) => /^(?:page|dist)\//.test(path);
      const modules = paths.filter((path) => path.endsWith(".js") && !forPages(path));
      for (const path of modules) assert.ok(paths.includes(path.replace(/js$/, "d.ts")), path);
      const rest = paths.filter((path) => !/\.(?:js|d\.ts)$/.test(path) || forPages(path));
      assert.deepEqual(rest, [...others[name] ?? []].sort(), name);
    }
  });

  it("name the script that pages load", async () => {
    const { unpkg, jsdelivr } = await manifest(root.name);
    assert.deepEqual([unpkg, jsdelivr], Array(2).fill(`./${bundles.script}`));
  });

  it("satisfy publint", async () => {
    await Promise.all(packages.map(async ({ package: { name, version } }) => {
      const tarball = project.tarball(name, version);
      const { code, stdout } = await project.start(project.bin("publint"), ["--strict", tarball])
        .ended;
      assert.equal(code, 0, stdout);
    }));
  });

  it("have types that each way to resolve modules finds, as modules of JavaScript", async () => {
    await Promise.all(packages.map(async ({ package: { name, version } }) => {
      const tarball = project.tarball(name, version);
      const flags = ["--profile", "esm-only", "--no-emoji"];
      const { code, stdout } = await project.start(project.bin("attw"), [tarball, ...flags]).ended;
      assert.equal(code, 0, stdout);
    }));
  });

  it("type-check in a strict TypeScript project, each of their exports", async () => {
    const lines = exported.map((name, i) => `export * as part${i} from "${name}";`);
    const required = exported.map((name, i) => `export import part${i} = require("${name}");`);
    await project.write("bundled.ts", lines.join("\n"));
    await project.write("imported.mts", lines.join("\n"));
    await project.write("required.cts", required.join("\n"));
    const projects = [
      ["--module", "esnext", "--moduleResolution", "bundler", "bundled.ts"],
      ["--module", "nodenext", "imported.mts", "required.cts"],
    ];
    const strict = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom"];
    await Promise.all(projects.map(async (args) => {
      const checked = await project.start(project.bin("tsc"), [...strict, ...args]).ended;
      assert.equal(checked.stdout, "", args.join(" "));
    }));
  });

  for (const [major, names] of Object.entries({ 20: client, 22: exported })) {
    it(`give CommonJS by require what modules import, on Node ${major}`, async () => {
      const lines = (how: string) =>
        names.map((name) => `"${name}": Object.keys(${how}("${name}")).sort()`).join(", ");
      const show = (code: string) => `console.log(JSON.stringify({ ${code} }));`;
      await project.write("required.cjs", show(lines("require")));
      await project.write("imported.mjs", show(lines("await import")));
      const node = await project.node(Number(major));
      const [required, imported] = await Promise.all(["required.cjs", "imported.mjs"].map(
        async (file) => JSON.parse((await project.start(node, [file]).ended).stdout),
      ));
      for (const name of names) {
        assert.equal(required[name].length > 0, !typesAlone.includes(name), name);
      }
      assert.deepEqual(required, imported);
    });
  }

  for (const major of [20, 22]) {
    it(`write and read CBOR on Node ${major} where no code may be made from text`, async () => {
      await project.write("cbor.mjs", cborProgram);
      const flags = ["--disallow-code-generation-from-strings", "cbor.mjs"];
      const { stdout, stderr } = await project.start(await project.node(major), flags).ended;
      assert.equal(stdout + stderr, "EvalError\ntom: Hello, 朋友\ntom: Hello, 朋友\n");
    });
  }
});
