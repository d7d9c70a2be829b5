/**
 * README's table of features. `deno task features` writes it, in both languages.
 *
 * @module
 */
import { readDocument } from "../kit/documents.ts";
import { repository } from "../kit/modules.ts";
import { officialVersion } from "../kit/official.ts";
import { separator } from "../report.ts";
import { areas } from "./areas.ts";
import { type Feature, no, type Official, type Shown, type Words, yes } from "./feature.ts";

/** The documents that have the table, by what a pair of words has for each. */
export const documents = ["README.md", "README.zh.md"] as const;

/** Which of a pair of words a document takes. */
export type Language = 0 | 1;

const untried: Words = ["not tried", "未试"];

const head: readonly Words[] = [
  ["Feature", "功能"],
  [`LeanCloud ${officialVersion}`, `LeanCloud ${officialVersion}`],
  ["Curlew", "Curlew"],
  ["Shown by", "对应的测试"],
];

// The formatter would fill each cell up to the width of the longest.
const start =
  "<!-- `deno task features` writes this table. -->\n\n<!-- deno-fmt-ignore-start -->\n";
const end = "\n<!-- deno-fmt-ignore-end -->";
const place = new RegExp(`(?<=${start})[\\s\\S]*?(?=${end})`);

const cell = (text: string): string => text.replaceAll("|", "\\|");

function official(of: Official, language: Language): string {
  if ("has" in of) return yes[language];
  if ("lacks" in of) return no[language];
  if ("untried" in of) return untried[language];
  return "is" in of
    ? link(of.is[language], of.shown.file, [of.shown])
    : `[${of.said[language]}](${of.at})`;
}

/** A link to a file, with the names of tests for whoever points at it. */
function link(text: string, file: string, tests: readonly Shown[]): string {
  const names = new Set(tests.map(({ name }) => name.split(separator).at(-1)!));
  return `[${text}](${file} "${[...names].join("; ").replaceAll('"', "'")}")`;
}

/** The tests of a row, as a link to each file that says which part of the house it tests. */
function links(shown: readonly Shown[]): string {
  return [...Map.groupBy(shown, ({ file }) => file)].map(([file, tests]) => {
    const [, part = ""] = /^tests\/(?:src\/)?(.*)_test\.ts$/.exec(file) ?? [];
    return link(part, file, tests);
  }).join(", ");
}

const row = (cells: readonly string[]): string => `| ${cells.map(cell).join(" | ")} |`;

const featureRow = (feature: Feature, language: Language): string =>
  row([
    feature.what[language],
    official(feature.official, language),
    (feature.curlew ?? yes)[language],
    links(feature.shown),
  ]);

/** The table in one language. */
export function table(language: Language): string {
  return [
    row(head.map((words) => words[language])),
    row(["---", ":-:", ":-:", "---"]),
    ...areas.flatMap(({ name, features }) => [
      row([`**${name[language]}**`, "", "", ""]),
      ...features.map((feature) => featureRow(feature, language)),
    ]),
  ].join("\n");
}

/** The table that a document has now; throws where it has no place for one. */
export function shownIn(text: string): string {
  const found = place.exec(text);
  if (!found) throw new Error(`There is no place for the table: ${start}`);
  return found[0];
}

if (import.meta.main) {
  for (const [language, document] of documents.entries()) {
    const text = await readDocument(document);
    shownIn(text);
    const next = text.replace(place, () => table(language as Language));
    await Deno.writeTextFile(new URL(document, repository), next);
  }
}
