/**
 * Each name that LeanCloud's SDK exports or declares is here, or the documentation says why not.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as four from "leancloud-realtime-4";
import * as five from "leancloud-realtime-5";
import * as curlew from "@curlew/realtime";
import { readDocument } from "../kit/documents.ts";
import { curlew as declarations, official, Programs } from "./compiler.ts";
import { leftOut } from "./left_out.ts";

const absent = leftOut.flatMap(({ names }) => names);

/** What the way in which modules are made adds to them. */
const notNames = ["__esModule", "default", "module.exports"];

/** What declares a name at the top of a file: all of these are exported. */
const top = /^(?:export )?(?:declare )?(?:class|interface|type|enum|function|var|const) (\w+)/gm;

describe("the names of LeanCloud's SDK", () => {
  let programs: Programs;
  let declared: readonly string[];
  before(async () => {
    const texts = await Promise.all(Object.values(official).map((url) => Deno.readTextFile(url)));
    const names = texts.flatMap((text) => Array.from(text.matchAll(top), ([, name = ""]) => name));
    declared = [...new Set(names)].filter((name) => !absent.includes(name)).sort();
    programs = await Programs.of({
      "names.ts": `export type { ${declared.join(", ")} } from "leancloud-realtime";\n`,
    });
  });
  after(() => programs?.remove());

  for (const [version, sdk] of [["4.3.1", four], ["5.0.0-rc.8", five]] as const) {
    it(`that ${version} exports are of the same kind here, but for those left out`, () => {
      const theirs: Readonly<Record<string, unknown>> = sdk;
      const ours: Readonly<Record<string, unknown>> = curlew;
      const names = Object.keys(sdk).filter((name) =>
        !notNames.includes(name) && !absent.includes(name)
      );
      assert.ok(names.length > 15);
      const others = names.filter((name) => typeof ours[name] !== typeof theirs[name]);
      assert.deepEqual(others, []);
    });
  }

  it("that are declared can be imported by Curlew's declarations, but for those left out", async () => {
    assert.ok(declared.length > 40, `${declared.length} names`);
    for (const url of [official["5.0.0-rc.8"], declarations]) {
      assert.equal(await programs.complaints("leancloud-realtime", url), "");
    }
  });

  it("that are left out are so indeed", () => {
    assert.deepEqual(absent.filter((name) => name in curlew), []);
    assert.ok(!("markAllAsRead" in curlew.IMClient.prototype));
    assert.ok(!("defineConversationProperty" in curlew.Realtime));
  });

  for (const [i, document] of ["docs/migration.md", "docs/migration.zh.md"].entries()) {
    it(`that are left out are listed in ${document}`, async () => {
      const lines = (await readDocument(document)).split("\n");
      const rows = lines.flatMap((line) => {
        const [, names, why] = /^\| (`[^|]*) +\| (.*?) +\|$/.exec(line) ?? [];
        return names === undefined ? [] : [`${names.trim()}: ${why}`];
      });
      const expected = leftOut.map(({ names, why }) =>
        `${names.map((name) => `\`${name}\``).join(", ")}: ${why[i]}`
      );
      assert.deepEqual(rows, expected);
    });
  }
});
