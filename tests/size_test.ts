import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, stop } from "esbuild";
import { repository } from "./kit/modules.ts";

/** Bundles a program as an app for the browser would be, without the modules that match `but`. */
async function bundle(program: string, but?: RegExp): Promise<string> {
  const { outputFiles: [file] } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(repository) },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "browser",
    target: "es2022",
    write: false,
    logLevel: "error",
    plugins: but === undefined ? [] : [{
      name: "leave out",
      setup: ({ onResolve }) =>
        onResolve({ filter: but }, ({ path }) => ({ path, external: true })),
    }],
  });
  return file?.text ?? "";
}

const compressed = (text: string): number => gzipSync(text, { level: 9 }).length;

const app = 'import { Realtime, TextMessage } from "./mod.ts"; console.log(Realtime, TextMessage);';
const codec = 'import { protobuf } from "./src/codecs/protobuf.ts"; console.log(protobuf);';
const all = 'import * as everything from "./mod.ts"; console.log(everything);';

describe("the size of what an app ships", () => {
  after(() => stop());

  it("is at most 22,000 bytes for a chat over WebSocket and protobuf, compressed", async () => {
    const size = compressed(await bundle(app));
    assert.ok(size <= 22_000, `${size} bytes`);
  });

  it("is at most 4,500 bytes for the codec and its tables", async () => {
    // Errors, UTF-8 and base64 are in every client, whatever its codec.
    const size = compressed(await bundle(codec, /\/(?:errors|utf8|base64_codec)\.ts$/));
    assert.ok(size <= 4_500, `${size} bytes`);
  });

  it("grows by what is imported alone", async () => {
    assert.ok((await bundle(app)).length < (await bundle(all)).length);
  });

  for (const [name, mark] of Object.entries({ cbor: /curlew\.cbor/, json: /curlew\.json/ })) {
    it(`has no ${name} in it unless it is imported`, async () => {
      assert.doesNotMatch(await bundle(all), mark);
      const asked = await bundle(
        `${app} import { ${name} } from "./src/codecs/${name}.ts"; console.log(${name});`,
      );
      assert.match(asked, mark);
      assert.doesNotMatch(asked, /\beval\(|\bnew Function\b/);
    });
  }

  it("holds no code that is made at run time", async () => {
    assert.doesNotMatch(await bundle(all), /\beval\(|\bnew Function\b/);
  });
});
