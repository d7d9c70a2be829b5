/**
 * What the repository's documents show.
 *
 * @module
 */
import { repository } from "./modules.ts";

/** Reads a document. */
export const readDocument = (name: string): Promise<string> =>
  Deno.readTextFile(new URL(name, repository));

/** A block of code in a document. */
export interface Block {
  readonly language: string;
  readonly code: string;
}

/** The blocks of code in a document, in their order. */
export function blocksOf(text: string): readonly Block[] {
  return [...text.matchAll(/^```(\w*)\n([\s\S]*?)^```$/gm)]
    .map(([, language = "", code = ""]) => ({ language, code }));
}

/** A program that README.md shows, by the name in its first line, for a server at this address. */
export async function programFor(name: string, server: string): Promise<string> {
  const blocks = blocksOf(await readDocument("README.md"));
  const block = blocks.find(({ code }) => code.split("\n", 1)[0]?.includes(name));
  if (!block) throw new Error(`README.md shows no ${name}`);
  return block.code.replaceAll("http://127.0.0.1:8450", server);
}

/** The command in README.md that contains these words, split into its arguments. */
export async function commandWith(words: string): Promise<readonly string[]> {
  const lines = blocksOf(await readDocument("README.md"))
    .filter(({ language }) => language === "sh").flatMap(({ code }) => code.split("\n"));
  const line = lines.find((one) => one.includes(words));
  if (!line) throw new Error(`README.md shows no command with "${words}"`);
  return line.split(" ");
}
