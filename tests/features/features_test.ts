import assert from "node:assert/strict";
import { before, describe, it } from "node:test";
import { readDocument } from "../kit/documents.ts";
import { areas } from "./areas.ts";
import type { Feature } from "./feature.ts";
import { isFile, readOfficial } from "./official.ts";
import { documents, type Language, shownIn, table } from "./table.ts";

const features = areas.flatMap((area) => area.features);
const nameOf = ({ what }: Feature): string => what[0];

describe("README's table of features", () => {
  for (const [language, document] of documents.entries()) {
    it(`is in ${document} as \`deno task features\` writes it`, async () => {
      assert.equal(shownIn(await readDocument(document)), table(language as Language));
    });
  }

  it("has each feature once", () => {
    for (const language of [0, 1] as const) {
      const names = features.map(({ what }) => what[language]);
      assert.deepEqual(names, [...new Set(names)]);
    }
  });

  describe("says of LeanCloud's SDK", () => {
    let has: (name: string) => boolean;
    before(async () => {
      has = await readOfficial();
    });

    it("what it declares, or has when it runs", () => {
      for (const feature of features) {
        if (!("has" in feature.official)) continue;
        for (const name of feature.official.has) {
          assert.ok(has(name), `${nameOf(feature)}: ${name}`);
        }
      }
    });

    it("that it lacks what it knows no name of", () => {
      for (const feature of features) {
        if (!("lacks" in feature.official)) continue;
        for (const name of feature.official.lacks) {
          assert.ok(!has(name), `${nameOf(feature)}: ${name}`);
        }
      }
    });

    it("what it does in a test too, against Curlew's server, or else what Curlew has less", () => {
      const alone = features.filter(({ official, curlew, shown }) =>
        "has" in official && !official.has.some(isFile) && curlew === undefined &&
        !shown.some(({ file }) => file.startsWith("tests/interop/"))
      );
      assert.deepEqual(alone.map(nameOf), []);
    });
  });
});
