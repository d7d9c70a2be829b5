import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { blocksOf, readDocument } from "../kit/documents.ts";
import { repository } from "../kit/modules.ts";
import { curlew, Programs } from "../types/compiler.ts";

const languages = ["docs/migration.md", "docs/migration.zh.md"];

describe("docs/migration.md", () => {
  let programs: Programs;
  before(async () => {
    const blocks = blocksOf(await readDocument(languages[0]!));
    programs = await Programs.of(Object.fromEntries(
      blocks.map(({ code }) => [/^\/\/ (\w+\.ts)\n/.exec(code)![1], code]),
    ));
  });
  after(() => programs?.remove());

  it("shows code whose types are right", async () => {
    assert.equal(programs.names.length, 2);
    assert.equal(await programs.complaints("@curlew/realtime", curlew), "");
  });

  it("shows the same code in both languages", async () => {
    const [english = "", chinese = ""] = await Promise.all(languages.map(readDocument));
    assert.deepEqual(blocksOf(chinese), blocksOf(english));
  });

  it("links to files that there are", async () => {
    for (const name of languages) {
      const links = [...(await readDocument(name)).matchAll(/\]\(([^)#:]+)\)/g)];
      assert.equal(links.length, 3);
      for (const [, link = ""] of links) {
        const at = new URL(link, new URL(name, repository));
        await assert.doesNotReject(Deno.stat(at), `${name} links to ${at}`);
      }
    }
  });
});
