import assert from "node:assert/strict";
import { after, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { stop } from "esbuild";
import { bundleIn } from "./kit/bundle.ts";
import { repository } from "./kit/modules.ts";

// From the sources, to be told at once while one writes them. What counts is measured on the
// installed package: tests/packages/sizes_test.ts.
describe("the size of what an app ships, from the sources", () => {
  after(() => stop());

  const bundle = (program: string, but?: RegExp) =>
    bundleIn(fileURLToPath(repository), program, but);

  it("is at most 22,000 bytes for a chat over WebSocket and protobuf, compressed", async () => {
    const app =
      'import { Realtime, TextMessage } from "./mod.ts"; console.log(Realtime, TextMessage);';
    const { size } = await bundle(app);
    assert.ok(size <= 22_000, `${size} bytes`);
  });

  it("has nothing of schemas in it unless a message class is declared by them", async () => {
    const schemas = async (name: string) => {
      const program = `import { ${name} } from "./mod.ts"; console.log(${name});`;
      return (await bundle(program)).modules.filter((path) => /schema|checked/.test(path));
    };
    assert.deepEqual(await schemas("Realtime"), []);
    assert.equal((await schemas("checkedMessage")).length, 2);
  });

  it("is at most 4,000 bytes for the codec and its tables", async () => {
    const codec =
      'import { imProtobuf } from "./src/codecs/im_protobuf.ts"; console.log(imProtobuf);';
    // Errors, UTF-8 and base64 are in every client, whatever its codec.
    const { size } = await bundle(codec, /\/(?:errors|utf8|base64_codec)\.ts$/);
    assert.ok(size <= 4_000, `${size} bytes`);
  });
});
