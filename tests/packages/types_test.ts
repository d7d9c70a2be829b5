import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { Project } from "../kit/npm_project.ts";

describe("the declarations in the npm package", () => {
  let project: Project;
  before(async () => {
    project = await Project.consumer();
  });
  after(() => project?.remove());

  it("are as right for TypeScript as those in the sources: for programs, and in what they say", async () => {
    const names: string[] = [];
    for (const kind of ["programs", "statements"]) {
      const folder = new URL(`../types/${kind}/`, import.meta.url);
      for await (const { name } of Deno.readDir(folder)) {
        const text = await Deno.readTextFile(new URL(name, folder));
        const file = `${kind}_${name}`;
        const changed = text.replaceAll('"leancloud-realtime"', '"@curlew/realtime"');
        await project.write(file, changed.replaceAll('"./same.ts"', '"./statements_same.ts"'));
        names.push(file);
      }
    }
    assert.ok(names.length > 10);
    const flags = ["--noEmit", "--strict", "--noUncheckedIndexedAccess", "--target", "es2022"];
    const modules = ["--module", "esnext", "--moduleResolution", "bundler", "--lib", "es2022,dom"];
    const args = [...flags, ...modules, "--allowImportingTsExtensions", ...names];
    const { stdout } = await project.start(project.bin("tsc"), args).ended;
    assert.equal(stdout, "");
  });
});
