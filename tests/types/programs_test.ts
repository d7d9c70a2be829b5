/**
 * Programs as apps have them, written for LeanCloud's declarations: each is checked by these, which
 * shows that it is such a program, and by Curlew's, with nothing changed but the import.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { repository } from "../kit/modules.ts";

const programs = new URL("programs/", import.meta.url);
const versions = ["4.3.1", "5.0.0-rc.8"];

/** What the declarations of 4.3.1 know too; the others use what came later. */
const old = ["chat_page.ts", "moderation.ts", "store.ts"];

/** How apps are compiled: what Deno asks for beyond `strict` they seldom ask for. */
const compilerOptions = { strict: true, noImplicitOverride: false, lib: ["dom", "esnext"] };

describe("programs written for LeanCloud's declarations", () => {
  let folder: string;
  let names: readonly string[];

  before(async () => {
    folder = await Deno.makeTempDir();
    await Deno.copyFile(new URL("deno.lock", repository), `${folder}/deno.lock`);
    names = Array.from(Deno.readDirSync(programs), ({ name }) => name).sort();
    for (const name of names) {
      await Deno.copyFile(new URL(name, programs), `${folder}/${name}`);
    }
  });
  after(() => Deno.remove(folder, { recursive: true }));

  /** What the compiler says of programs whose `leancloud-realtime` is that. */
  const complaints = async (
    leancloud: string,
    files: readonly string[],
    options: Readonly<Record<string, unknown>> = {},
  ): Promise<string> => {
    const config = await Deno.makeTempFile({ dir: folder, suffix: ".json" });
    const imports = { "leancloud-realtime": leancloud };
    const lock = "./deno.lock";
    await Deno.writeTextFile(
      config,
      JSON.stringify({ compilerOptions: { ...compilerOptions, ...options }, imports, lock }),
    );
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["check", "--quiet", "--config", config, ...files],
      cwd: folder,
      env: { NO_COLOR: "1" },
      signal: AbortSignal.timeout(120_000),
    }).output();
    return success
      ? ""
      : new TextDecoder().decode(stderr).replaceAll(folder, "tests/types/programs");
  };
  const curlew = fileURLToPath(new URL("mod.ts", repository));

  for (const version of versions) {
    it(`are correct by the declarations of ${version}`, async () => {
      const files = version.startsWith("4") ? old : names;
      assert.equal(await complaints(`npm:leancloud-realtime@${version}`, files), "");
    });
  }

  it("are correct by Curlew's", async () => {
    assert.equal(await complaints(curlew, names), "");
  });

  it("are correct by Curlew's with the decorators that TypeScript had before there were any", async () => {
    const options = { experimentalDecorators: true };
    assert.equal(await complaints(curlew, ["custom_messages.ts"], options), "");
  });

  it("are correct by Curlew's with the strictest options", async () => {
    const options = { exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true };
    assert.equal(await complaints(curlew, names, options), "");
  });
});
