/**
 * What an app ships, measured on the installed package as esbuild bundles it, and what each part
 * adds that it may import. `deno task sizes` writes the figures into README's tables.
 *
 * @module
 */
import { stop } from "esbuild";
import root from "../../deno.json" with { type: "json" };
import { bundles } from "../../npm_bundles.ts";
import { type Bundle, bundleIn, compressed } from "../kit/bundle.ts";
import { readDocument } from "../kit/documents.ts";
import { repository } from "../kit/modules.ts";
import { Project } from "../kit/npm_project.ts";

/** Something that an app may import, and ships only then. */
export interface Part {
  /** The subpath that exports it. */
  readonly from: string;
  /** Text that is in a bundle if and only if it is. */
  readonly mark: RegExp;
}

/** The parts, by the names that are exported. */
export const parts: Readonly<Record<string, Part>> = {
  longPoll: { from: "/transports/long-poll", mark: /"long-poll"/ },
  race: { from: "/transports/race", mark: /No transport reached/ },
  miniProgram: { from: "/transports/mini-program", mark: /connectSocket/ },
  memory: { from: "/transports/memory", mark: /"memory"/ },
  richMessages: { from: "/plugins/rich-messages", mark: /_lcloc/ },
  groupReceipts: { from: "/plugins/group-receipts", mark: /lastreadtimestampsupdate/ },
  reactNative: { from: "/environment", mark: /"background"/ },
  json: { from: "/codecs/json", mark: /curlew\.json\./ },
  cbor: { from: "/codecs/cbor", mark: /curlew\.cbor\./ },
};

/** The exports that every app ships or none does. */
export const common: readonly string[] = [
  "/protocol",
  "/codecs/protobuf",
  "/codecs/base64",
  "/transports/websocket",
  "/transports/text-only",
];

/** What tests alone import. */
export const forTests: readonly string[] = ["/testing"];

/** The rows of README's tables that are no part: the app without one, with all, and the script. */
export const app = "TextMessage", everything = "*", script = bundles.script;

const importOf = (names: string, from: string): string =>
  `import { ${names} } from "${root.name}${from}"; console.log(${names});\n`;

/** A drop-in chat app, which imports some parts too. */
export function programWith(names: readonly string[]): string {
  const imports = names.map((name) => importOf(name, parts[name]!.from));
  return importOf("Realtime, TextMessage", "") + imports.join("");
}

/** A program that imports all that an app can. */
const all = ["", ...common, "/environment", ...Object.values(parts).map(({ from }) => from)]
  .map((from, i) => `import * as part${i} from "${root.name}${from}"; console.log(part${i});\n`)
  .join("");

/** What was measured: each row of README's tables with its bytes, and the bundles behind them. */
export interface Sizes {
  readonly rows: Readonly<Record<string, number>>;
  readonly app: Bundle;
  readonly everything: Bundle;
  readonly parts: Readonly<Record<string, Bundle>>;
}

/** Measures all of it on the package that is installed for a project. */
export async function measure(project: Project): Promise<Sizes> {
  const bundle = (program: string) => bundleIn(project.folder, program);
  const bare = await bundle(programWith([]));
  const full = await bundle(all);
  const withPart: Record<string, Bundle> = {};
  for (const name of Object.keys(parts)) withPart[name] = await bundle(programWith([name]));
  const added = Object.entries(withPart).map(([name, { size }]) => [name, size - bare.size]);
  const text = await Deno.readTextFile(project.installed(`${root.name}/${script}`));
  return {
    rows: {
      [app]: bare.size,
      ...Object.fromEntries(added),
      [everything]: full.size,
      [script]: compressed(text),
    },
    app: bare,
    everything: full,
    parts: withPart,
  };
}

/** The figures as a table for people. */
export function tableOf({ rows }: Sizes): string {
  return Object.entries(rows).map(([name, size]) =>
    `${name.padEnd(20)} ${size.toLocaleString("en").padStart(7)}`
  ).join("\n");
}

const documents = ["README.md", "README.zh.md"];
const row = /^(\| [^|]*`([^`|]+)` *\| +)([\d,]+)(?= +\|$)/gm;

/** The figures that the documents show, by the last code in the first cell of each row. */
export async function shown(): Promise<
  readonly (readonly [document: string, rows: Sizes["rows"]])[]
> {
  return await Promise.all(documents.map(async (document) => {
    const found = (await readDocument(document)).matchAll(row);
    const rows = [...found].map(([, , name = "", size = ""]) =>
      [name, Number(size.replaceAll(",", ""))] as const
    );
    return [document, Object.fromEntries(rows)] as const;
  }));
}

/** Writes the figures into the documents. */
async function write({ rows }: Sizes): Promise<void> {
  for (const document of documents) {
    const text = (await readDocument(document)).replace(row, (whole, start, name, old) => {
      const size = rows[name]?.toLocaleString("en");
      return size === undefined ? whole : start + size.padStart(old.length);
    });
    await Deno.writeTextFile(new URL(document, repository), text);
  }
  const args = ["fmt", "--quiet", ...documents];
  await new Deno.Command(Deno.execPath(), { args, cwd: repository }).output();
}

if (import.meta.main) {
  const project = await Project.consumer();
  try {
    const sizes = await measure(project);
    console.log(tableOf(sizes));
    await write(sizes);
  } finally {
    await stop();
    await project.remove();
  }
}
