/**
 * The page that a server for development shows.
 *
 * @module
 */
import { readdir, readFile } from "node:fs/promises";
import type { Page } from "./mod.ts";

const types: Readonly<Record<string, string>> = {
  html: "text/html; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  css: "text/css; charset=utf-8",
  svg: "image/svg+xml",
};

/** Where the page lies: beside this module in the package, where `task start` bundles it in a checkout. */
const folders = ["./page/", "../examples/browser/dist/"];

/**
 * Reads the page's files and adds `/app.json`, which tells it what to log in with; `undefined`
 * where no page lies.
 */
export async function readPage(
  app: { readonly appId: string; readonly appKey: string },
): Promise<Page | undefined> {
  for (const folder of folders) {
    const base = new URL(folder, import.meta.url);
    const names = await readdir(base).catch((): string[] => []);
    if (!names.includes("index.html")) continue;
    const files = names.flatMap((name) => {
      const type = types[name.split(".").at(-1) ?? ""];
      return type === undefined ? [] : [{ name, type }];
    });
    const page: Record<string, Page[string]> = {
      "/app.json": {
        type: "application/json",
        body: new TextEncoder().encode(JSON.stringify(app)),
      },
    };
    for (const { name, type } of files) {
      const path = name === "index.html" ? "/" : `/${name}`;
      page[path] = { type, body: new Uint8Array(await readFile(new URL(name, base))) };
    }
    return page;
  }
  return undefined;
}
