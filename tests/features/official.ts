/**
 * What LeanCloud's SDK has: what it declares, and what is there when it runs.
 *
 * @module
 */
import { existsSync } from "node:fs";
import * as sdk from "leancloud-realtime-5";
import { repository } from "../kit/modules.ts";
import { officialFolder } from "../kit/official.ts";

/** Whether a name is that of a file of the package. */
export const isFile = (name: string): boolean => name.includes("/");

/** Whether words are in a text, each of them as a whole. */
const inText = (text: string, words: readonly string[]): boolean =>
  words.every((word) => new RegExp(`\\b${word}\\b`).test(text));

/** What a class, an interface or an enumeration declares, with what it inherits. */
function declared(declarations: string, owner: string): string {
  const head = `^(?:export |declare )*(?:class|interface|enum) ${owner}\\b`;
  const found = new RegExp(`${head}([^{]*)\\{([\\s\\S]*?)^\\}`, "m").exec(declarations);
  const [, inherits = "", body = ""] = found ?? [];
  const base = /extends (\w+)/.exec(inherits)?.[1];
  return base ? body + declared(declarations, base) : body;
}

/** Whether a class, or what one makes of it, has something when it runs. */
function runs(owner: string, members: readonly string[]): boolean {
  const value: unknown = (sdk as Readonly<Record<string, unknown>>)[owner];
  if (members.length === 0) return value !== undefined;
  const places = typeof value === "function" ? [value, value.prototype] : [value];
  return places.some((place) => Object(place) === place && members.every((name) => name in place));
}

/**
 * Reads what LeanCloud's SDK has, to be asked by name: `Realtime`, `Conversation#update`,
 * `Conversation#send({ priority })` for something that it takes, or a file such as `dist/im.js`.
 */
export async function readOfficial(): Promise<(name: string) => boolean> {
  const declarations = await Deno.readTextFile(
    new URL(`${officialFolder}realtime.d.ts`, repository),
  );
  return (name) => {
    if (isFile(name)) return existsSync(new URL(officialFolder + name, repository));
    const [owner = "", ...members] = name.match(/\w+/g) ?? [];
    const text = members.length === 0 ? declarations : declared(declarations, owner);
    return inText(text, members.length === 0 ? [owner] : members) || runs(owner, members);
  };
}
