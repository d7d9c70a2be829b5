import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { repository } from "../../kit/modules.ts";

describe("the codecs", () => {
  it("make no code at run time, which Workers and strict pages forbid", async () => {
    const program = new URL("no_code_generation.ts", import.meta.url).href;
    const flag = "--v8-flags=--disallow-code-generation-from-strings";
    const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", "--no-check", flag, program],
      cwd: repository,
    }).output();
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    assert.ok(success, text(stderr));
    assert.deepEqual(text(stdout).trim().split("\n"), [
      "protobuf",
      "protobuf-text",
      "cbor",
      "cbor-text",
      "json",
    ]);
  });
});
