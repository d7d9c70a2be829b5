import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import config from "../deno.json" with { type: "json" };
import tests from "./deno.json" with { type: "json" };
import { protobufText } from "@curlew/realtime/codecs/base64";
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import {
  type EnumName,
  enums,
  type MessageName,
  messages,
  rulesOf,
  valuesOf,
} from "@curlew/realtime/protocol";
import { help } from "../server/command_line.ts";
import { blocksOf, commandWith, programFor, readDocument } from "./kit/documents.ts";
import { repository } from "./kit/modules.ts";
import { ServerProcess } from "./kit/server_process.ts";

const languages = ["README.md", "README.zh.md"];

describe("README", () => {
  it("shows the same code in both languages", async () => {
    const [english = "", chinese = ""] = await Promise.all(languages.map(readDocument));
    assert.deepEqual(blocksOf(chinese), blocksOf(english));
  });

  it("gives the two commands first", async () => {
    for (const name of languages) {
      const [first] = blocksOf(await readDocument(name));
      const commands = ["start", "test"].map((task) => `npx -y deno@2.9.6 task ${task}\n`);
      assert.equal(first?.code, commands.join(""));
    }
  });

  it("names tasks that there are", async () => {
    for (const name of [...languages, "CONTRIBUTING.md"]) {
      const named = [...(await readDocument(name)).matchAll(/\bdeno(?:@[\d.]+)? task (\w+)/g)];
      for (const [, task = ""] of named) assert.ok(task in config.tasks, `${name}: ${task}`);
    }
  });

  it("lists the flags that --help lists", async () => {
    const flagsIn = (text: string, pattern: RegExp) =>
      [...text.matchAll(pattern)].map(([, flag]) => flag).sort();
    const real = flagsIn(help(), /^ {2}(--\w.*?)(?: {2}|$)/gm);
    for (const name of languages) {
      assert.deepEqual(flagsIn(await readDocument(name), /^\| `(--(?!allow)\w.*?)` +\|/gm), real);
    }
  });

  it("lists the permissions that the server is given", async () => {
    const [, serve = ""] = config.tasks.start.split(" && ");
    const given = [...serve.matchAll(/--allow-\S+/g)].map(([flag]) => flag).sort();
    for (const name of languages) {
      const rows = (await readDocument(name)).match(/^\| `--allow.*/gm) ?? [];
      const listed = rows.flatMap((row) =>
        [...row.matchAll(/`(--allow[^`]*)`/g)].map(([, flag]) => flag)
      );
      assert.deepEqual(listed.sort(), given);
    }
  });

  it("links to files that there are", async () => {
    for (const name of [...languages, "CONTRIBUTING.md", "CHANGELOG.md", "PROTOCOL.md"]) {
      const links = (await readDocument(name)).matchAll(/\]\((?!https?:)([^)#\s]+)/g);
      for (const [, path = ""] of links) {
        await assert.doesNotReject(
          Deno.stat(new URL(path, repository)),
          `${name} links to ${path}`,
        );
      }
    }
  });
});

describe("PROTOCOL.md", () => {
  it("names commands, fields and subprotocols that there are", async () => {
    const prose = (await readDocument("PROTOCOL.md")).replaceAll(/^```[\s\S]*?^```$/gm, "");
    const names = [...prose.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
    const known = new Set<string>([
      ...Object.keys(messages),
      ...Object.keys(messages).flatMap((name) => Object.keys(rulesOf(name as MessageName))),
      ...Object.keys(enums).flatMap((name) => Object.keys(valuesOf(name as EnumName))),
      ...([1, 3] as const).flatMap((version) =>
        [protobuf, protobufText, cbor, cborText, json].map((codec) => codec.subprotocol(version))
      ),
    ]);
    const unknown = names.filter((name) => /^[a-z_]+(?:\/[a-z_]+)?$|^(?:lc|curlew)\./i.test(name))
      .flatMap((name) => name.split("/")).filter((name) => !known.has(name));
    const apart = [
      ...["server", "secondary", "ttl"], // the answer of the router
      ...["_lctype", "_lctext", "_lcattrs"], // what is inside of a text
      ...["sys", "joinedAt", "muted"], // what a query says of a service conversation
      ...["POST", "Origin", "application", "json"], // HTTP's, for long-poll
      ...["protocols", "secret", "poll", "keep", "batch", "wait", "first"], // bodies of long-poll
    ];
    assert.deepEqual([...new Set(unknown)].sort(), apart.sort());
  });
});

describe("README's programs", () => {
  let server: ServerProcess;
  before(async () => {
    server = await ServerProcess.start(["--port", "0", "--db", ":memory:"]);
  });
  after(() => server?.stop());

  const programs = [
    ["hello.mjs", "tom: Hello, Jerry\n"],
    ["loop.mjs", "jerry: What is a curlew?\n"],
    ["votes.mjs", "yes Why not?\n"],
    ["picture.mjs", "https://files.example.com/cat.jpg 640 480\n"],
    ["readers.mjs", "Read by jerry\n"],
  ] as const;
  for (const [name, prints] of programs) {
    it(`run in Deno with the permission that README gives them: ${name}`, async () => {
      const [, , , run = "", ...rest] = await commandWith("run --allow-net");
      const args = rest.map((arg) =>
        arg.replace("8450", `${server.port}`).replace("hello.mjs", name)
      );
      const folder = new URL(`dist/readme-${crypto.randomUUID()}/`, repository);
      await Deno.mkdir(folder, { recursive: true }); // in the checkout, where the name is known
      try {
        const program = (await programFor(name, server.url))
          .replace('"valibot"', `"${tests.imports.valibot}"`);
        await Deno.writeTextFile(new URL(name, folder), program);
        const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
          args: [run, "--frozen", ...args],
          cwd: folder,
          env: { NO_COLOR: "1" },
          signal: AbortSignal.timeout(20_000),
        }).output();
        const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
        assert.equal(decode(stdout) + decode(stderr), prints);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  }
});
