/**
 * Programs as apps have them, written for LeanCloud's declarations: each is checked by these, which
 * shows that it is such a program, and by Curlew's, with nothing changed but the import.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { type CompilerOptions, curlew, official, Programs } from "./compiler.ts";
import { leftOut } from "./left_out.ts";

/** The members of classes that are left out, by their names alone. */
const members = leftOut.flatMap(({ names }) => names.map((each) => each.split(".").at(-1)!));

const folder = new URL("programs/", import.meta.url);
const name = "leancloud-realtime";

/** Those that are correct by the declarations of 4.3.1 too; the others use what came later. */
const older = ["chat_page.ts", "moderation.ts", "offline_messages.ts", "store.ts"];

/** Names of arguments, which no program writes. */
const argumentNames = ["conversaion", "descriptor", "options", "prop", "source", "target"];

/** What is named in declarations: members of classes, fields of options, names of events. */
const named = /^ +(?:static |readonly )*(?:\[Event\.)?([A-Za-z]\w*)(?:\??\s*[(<:]|\]:| = ')/gm;

/** Each way in which they are compiled, and what that shows. */
const ways: readonly {
  readonly they: string;
  readonly by: URL;
  readonly options?: CompilerOptions;
  readonly which?: readonly string[];
}[] = [
  { they: "are correct by the declarations of 4.3.1", by: official["4.3.1"], which: older },
  { they: "are correct by the declarations of 5.0.0-rc.8", by: official["5.0.0-rc.8"] },
  { they: "are correct by Curlew's declarations", by: curlew },
  {
    they:
      "are so with the strictest options, and with the decorators that came before the standard's",
    by: curlew,
    options: {
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
      noImplicitOverride: true,
      experimentalDecorators: true,
    },
  },
];

describe("programs written for LeanCloud's declarations", () => {
  let programs: Programs;
  let complaints: readonly string[];
  before(async () => {
    programs = await Programs.copyOf(folder);
    // All at once, which takes half the time.
    complaints = await Promise.all(
      ways.map(({ by, options, which }) => programs.complaints(name, by, options, which)),
    );
  });
  after(() => programs?.remove());

  for (const [i, { they }] of ways.entries()) it(they, () => assert.equal(complaints[i], ""));

  it("use whatever is declared, but for what Curlew leaves out", async () => {
    const texts = programs.names.map((each) => Deno.readTextFileSync(new URL(each, folder)));
    const words = new Set(texts.join("\n").match(/\w+/g));
    const declared = new Set<string>();
    for (const declarations of Object.values(official)) {
      const text = (await Deno.readTextFile(declarations)).replace(/\/\/.*$/gm, "");
      for (const [, member = ""] of text.matchAll(named)) declared.add(member);
    }
    assert.ok(declared.size > 150, `${declared.size} names`);
    const known = new Set([...words, ...argumentNames, ...members]);
    const unused = [...declared].filter((each) => !known.has(each));
    assert.deepEqual(unused, []);
  });
});
