import assert from "node:assert/strict";
import { describe, it } from "node:test";
import server from "../../server/deno.json" with { type: "json" };
import { help } from "../../server/command_line.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { runCurlew } from "../kit/server_process.ts";

const test = (name: string, body: () => Promise<void>) => it(name, checkLeaks(body));

describe("the command curlew", () => {
  test("says what it can be asked for", async () => {
    for (const args of [[], ["--help"]]) {
      const { code, stdout } = await runCurlew(args);
      assert.equal(code, 0);
      assert.match(stdout, /^ {2}curlew start /m);
    }
  });

  test("prints the version of the package", async () => {
    for (const args of [["--version"], ["start", "--version"]]) {
      const { code, stdout } = await runCurlew(args);
      assert.deepEqual({ code, stdout }, { code: 0, stdout: `${server.version}\n` });
    }
  });

  test("starts the server, with its flags", async () => {
    assert.equal((await runCurlew(["start", "--help"])).stdout, `${help()}\n`);
    const { code, stderr } = await runCurlew(["start", "--port", "http"]);
    assert.equal(code, 1);
    assert.match(stderr, /^Curlew: --port must be a number .*\n$/);
  });

  test("says in one line that it does not know what it was asked for", async () => {
    for (const name of ["serve", "constructor"]) {
      assert.deepEqual(await runCurlew([name, "--port", "0"]), {
        code: 1,
        stdout: "",
        stderr: `Curlew: There is no command "${name}"; curlew --help lists them\n`,
      });
    }
  });
});
