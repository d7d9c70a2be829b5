import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import { Realtime, TextMessage } from "@curlew/realtime";
import { serverPackage } from "../../npm_build.ts";
import { help } from "../../server/command_line.ts";
import { Authority } from "../kit/certificates.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { repository } from "../kit/modules.ts";
import { checkSite, findProgram, freePort } from "../kit/nginx.ts";
import { ServerProcess, withFolder } from "../kit/server_process.ts";

const run = promisify(execFile);
const read = (name: string): Promise<string> =>
  readFile(new URL(`deploy/${name}`, repository), "utf8");

/** A test of a file of `deploy/` by the program that it is for, where there is that program. */
async function by(
  name: string,
  debian: string,
): Promise<(promise: string, body: (program: string) => Promise<void>) => void> {
  const program = await findProgram(name);
  if (!program) console.log(`Skipped: there is no ${name} here (Debian has it as ${debian})`);
  return (promise, body) => it(promise, { skip: !program }, checkLeaks(() => body(program ?? "")));
}

const withNginx = await by("nginx", "nginx-light");
const withSystemd = await by("systemd-analyze", "systemd");
const withCaddy = await by("caddy", "caddy");

describe("deploy/nginx.conf", () => {
  withNginx("is a site that nginx takes", (nginx) =>
    withFolder(async (folder) => {
      const said = await checkSite(nginx, {
        folder,
        certificate: await (await Authority.make(folder)).issue({ hosts: ["localhost"] }),
        serverPort: 8450,
        ports: { http: await freePort(), https: await freePort() },
      });
      assert.match(said, /test is successful/);
      assert.doesNotMatch(said, /\[(?:warn|error|emerg)\]/);
    }));
});

describe("deploy/curlew.service", () => {
  /** Checks the unit, with a program that there is in the place of the one that is to be installed. */
  const withUnit = (work: (unit: string) => Promise<void>) =>
    withFolder(async (folder) => {
      const unit = join(folder, "curlew.service");
      const text = await read("curlew.service");
      await writeFile(unit, text.replace(/^ExecStart=\S+/m, `ExecStart=${process.execPath}`));
      await work(unit);
    });

  withSystemd("is a unit that systemd takes", (analyze) =>
    withUnit(async (unit) => {
      const { stdout, stderr } = await run(analyze, ["verify", unit]);
      assert.equal(stdout + stderr, "");
    }));

  withSystemd(
    "leaves little for somebody who takes the process over",
    (analyze) =>
      withUnit(async (unit) => {
        const args = ["security", "--offline=yes", "--threshold=20", "--no-pager", unit];
        const { stdout } = await run(analyze, args);
        assert.match(stdout, /Overall exposure level for curlew\.service: 1\.\d OK/);
      }),
  );
});

describe("deploy/Caddyfile", () => {
  withCaddy("is one that Caddy takes", async (caddy) => {
    const path = decodeURIComponent(new URL("deploy/Caddyfile", repository).pathname);
    await run(caddy, ["validate", "--adapter", "caddyfile", "--config", path]);
  });

  withCaddy(
    "lets clients through, and tells the server where they came",
    (caddy) =>
      withFolder(async (folder) => {
        await using server = await ServerProcess.start(
          ["--port=0", "--db=:memory:", "--app=app:key", "--trust-proxy=127.0.0.1"],
        );
        const port = await freePort();
        const config = join(folder, "Caddyfile");
        const site = (await read("Caddyfile"))
          .replace(/^chat\.example\.com/m, `http://localhost:${port}`)
          .replace("127.0.0.1:8450", `127.0.0.1:${server.port}`);
        await writeFile(config, `{\n\tadmin off\n}\n\n${site}`);
        const child = spawn(caddy, ["run", "--adapter", "caddyfile", "--config", config], {
          env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_DATA_HOME: folder },
          stdio: "ignore",
        });
        const ended = once(child, "close");
        try {
          const url = `http://localhost:${port}`;
          const asked = () =>
            fetch(`${url}/v1/route?appId=app`).then((answer) => answer.json(), () => undefined);
          let route = await asked();
          while (route === undefined) {
            await setTimeout(20);
            route = await asked();
          }
          assert.equal(route.server, `ws://localhost:${port}/`);
          await using realtime = new Realtime({ appId: "app", appKey: "key", server: url });
          const tom = await realtime.createIMClient("tom");
          const conversation = await tom.createConversation({ members: ["jerry"], unique: true });
          await conversation.send(new TextMessage("Hello"));
        } finally {
          if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
          await ended;
        }
      }),
  );
});

describe("deploy/Containerfile", () => {
  /** The instructions after the last `FROM`, each with what it says. */
  async function instructions(): Promise<Map<string, string>> {
    const text = (await read("Containerfile")).replaceAll(/^#.*\n/gm, "").replaceAll(/\\\n/g, "");
    const lines = text.slice(text.lastIndexOf("FROM ")).split("\n").filter(Boolean);
    return new Map(lines.map((line) => {
      const [, name = "", rest = ""] = /^(\w+) +(.*)$/.exec(line) ?? [];
      return [name, rest];
    }));
  }

  it("runs the package's command, and not as root", async () => {
    const made = await instructions();
    const [program = ""] = JSON.parse(made.get("ENTRYPOINT") ?? "[]");
    assert.ok(program.split("/").at(-1) in serverPackage.bin, program);
    assert.deepEqual(JSON.parse(made.get("CMD") ?? ""), ["start"]);
    assert.equal(made.get("USER"), "node");
  });

  it("keeps the database in the volume", async () => {
    const made = await instructions();
    assert.match(made.get("ENV") ?? "", new RegExp(`CURLEW_DB=${made.get("VOLUME")}/`));
  });

  it("has a health check that tells whether the server answers", async () => {
    const made = await instructions();
    const [, command = "[]"] = /CMD (\[.*\])$/.exec(made.get("HEALTHCHECK") ?? "") ?? [];
    const [program = "", ...args]: string[] = JSON.parse(command);
    assert.equal(program, "node");
    const healthy = (port: number) =>
      run(program, args, { env: { ...process.env, CURLEW_PORT: String(port) } })
        .then(() => true, () => false);
    await using server = await ServerProcess.start(["--port=0", "--db=:memory:"]);
    assert.equal(await healthy(server.port), true);
    assert.equal(await healthy(await freePort()), false);
  });
});

describe("the variables in deploy/", () => {
  it("are ones that the server reads", async () => {
    const known = new Set([...help().matchAll(/\[(CURLEW_\w+)\]/g)].map(([, name]) => name));
    for (const name of ["curlew.service", "Containerfile", "README.md", "README.zh.md"]) {
      const named = [...(await read(name)).matchAll(/\bCURLEW_\w+/g)].map(([variable]) => variable);
      for (const variable of named) assert.ok(known.has(variable), `${name}: ${variable}`);
    }
  });
});
