import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stop } from "esbuild";
import root from "../../deno.json" with { type: "json" };
import { realtimePackage } from "../../npm_build.ts";
import { bundleIn } from "../kit/bundle.ts";
import { Project } from "../kit/npm_project.ts";
import {
  app,
  common,
  everything,
  forTests,
  measure,
  parts,
  shown,
  type Sizes,
  tableOf,
} from "./sizes.ts";

/** How far README's figures may be off: those of whole bundles, and those of parts. */
const WHOLE = 0.02, PART = 0.1;

describe("what an app ships", () => {
  let project: Project;
  let sizes: Sizes;

  before(async () => {
    project = await Project.consumer();
    sizes = await measure(project);
    console.log(tableOf(sizes));
  });
  after(async () => {
    await stop();
    await project?.remove();
  });

  it("is at most 22,000 bytes for a chat over WebSocket and protobuf, compressed", () => {
    assert.ok(sizes.rows[app]! <= 22_000);
  });

  it("is at most 45,000 bytes with everything that there is", () => {
    assert.ok(sizes.rows[everything]! <= 45_000);
  });

  it("has at most 4,000 bytes of codec and tables in it", async () => {
    const module = project.installed(`${root.name}/src/codecs/im_protobuf.js`);
    const codec = `import { imProtobuf } from "${module}"; console.log(imProtobuf);`;
    // Errors, UTF-8 and base64 are in every client, whatever its codec.
    const others = /\/(?:errors|utf8|base64_codec)\.js$/;
    const { size } = await bundleIn(project.folder, codec, others);
    assert.ok(size <= 4_000, `${size} bytes`);
  });

  for (const [name, { from, mark }] of Object.entries(parts)) {
    it(`has nothing of ${name} in it unless it is imported`, () => {
      const { path = "" } = realtimePackage.entryPoints.find((entry) => entry.name === `.${from}`)!;
      const module = path.replace(/^\.\/(.*)\.ts$/, `${root.name}/$1.js`);
      const holds = (which: string[]) => which.some((path) => path.endsWith(module));
      assert.doesNotMatch(sizes.app.text, mark);
      assert.ok(!holds([...sizes.app.modules]), module);
      assert.match(sizes.parts[name]!.text, mark);
      for (const [other, { text }] of Object.entries(sizes.parts)) {
        if (other !== name) assert.doesNotMatch(text, mark, other);
      }
    });
  }

  it("is told for every export of the package", () => {
    const told = ["", ...common, ...forTests, ...Object.values(parts).map(({ from }) => from)];
    const exported = realtimePackage.entryPoints.map(({ name }) => name.slice(1));
    assert.deepEqual([...new Set(told)].sort(), exported.toSorted());
  });

  it("holds no code that is made at run time", () => {
    for (const { text } of [sizes.app, sizes.everything]) {
      assert.doesNotMatch(text, /\beval\(|\bnew Function\b/);
    }
  });

  it("is as README tells, in both languages", async () => {
    for (const [document, rows] of await shown()) {
      assert.deepEqual(Object.keys(rows), Object.keys(sizes.rows), document);
      for (const [name, size] of Object.entries(sizes.rows)) {
        const off = Math.abs(rows[name]! - size) / size;
        const message = `${document} says ${rows[name]} of ${name}, not ${size}: deno task sizes`;
        assert.ok(off <= (name in parts ? PART : WHOLE), message);
      }
    }
  });
});
