import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { bare, findCircle, type Module, reached, readModules } from "./modules.ts";

const module = (path: string, ...targets: string[]): Module => ({
  path,
  imports: targets.map((target) => ({ specifier: `./${target}`, target })),
});

describe("the kit's view of the modules", () => {
  it("finds a circle of any length", () => {
    const modules = [module("a", "b"), module("b", "c", "d"), module("c"), module("d", "a")];
    assert.deepEqual(findCircle(modules), ["a", "b", "d", "a"]);
    assert.deepEqual(findCircle([module("a", "a")]), ["a", "a"]);
  });

  it("finds none where several ways lead to one module", () => {
    assert.equal(findCircle([module("a", "b", "c"), module("b", "c"), module("c")]), undefined);
  });

  it("follows imports to what is reached", () => {
    const modules = [module("a", "b"), module("b", "node:fs"), module("c")];
    assert.deepEqual([...reached("a", modules)], ["a", "b", "node:fs"]);
  });

  it("sees imports of types alone, and what a name in an import map stands for", async () => {
    const modules = await readModules(["server/runtimes/socket_link.ts"]);
    const { imports = [] } = modules.find(({ path }) => path.endsWith("socket_link.ts")) ?? {};
    const targets = imports.map(({ target }) => target);
    assert.ok(targets.includes("src/protocol/mod.ts")); // import type … from "@curlew/realtime/protocol"
  });

  it("leaves comments and strings out of code", () => {
    const code = "a(\"/* eval( */\"); // eval(\nb(`\\`eval(`, '\\'eval('); /* eval(\n */ c();";
    assert.equal(bare(code), "a(\"\"); \nb(``, '');  c();");
  });
});
