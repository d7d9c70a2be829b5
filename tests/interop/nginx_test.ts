import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { after, before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { Authority } from "../kit/certificates.ts";
import { findProgram, freePort, Nginx } from "../kit/nginx.ts";
import { ServerProcess } from "../kit/server_process.ts";

const clients = fileURLToPath(new URL("./idle_clients.ts", import.meta.url));
const curlew = fileURLToPath(new URL("../../server/curlew.ts", import.meta.url));
const APP = "behind-nginx";
/** How long the clients are silent, in s: longer than what nginx waits where nobody tells it. */
const SILENCE = 70;

const program = await findProgram("nginx");
if (!program) console.log("Skipped: there is no nginx here (Debian has it as nginx-light)");

describe("behind nginx with TLS, as deploy/nginx.conf has it", { skip: !program }, () => {
  let folder: string;
  let ca: Authority;
  let server: ServerProcess;
  let nginx: Nginx;
  let ports: { readonly http: number; readonly https: number };
  const running = new Map<string, Promise<{ code: unknown; said: string }>>();

  /** Runs a program that trusts the test's authority. */
  async function run(args: readonly string[]): Promise<{ code: unknown; said: string }> {
    const child = spawn(process.execPath, args, {
      env: {
        ...process.env,
        NO_COLOR: "1",
        DENO_CERT: ca.certFile,
        NODE_EXTRA_CA_CERTS: ca.certFile,
      },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (data) => void (said += data));
    }
    const [code] = await once(child, "close");
    return { code, said };
  }

  before(async () => {
    if (!program) return;
    folder = await mkdtemp(join(tmpdir(), "curlew-nginx-"));
    ca = await Authority.make(folder);
    server = await ServerProcess.start(
      ["--port=0", "--db=:memory:", `--app=${APP}:key`, "--trust-proxy=127.0.0.1"],
    );
    const certificate = await (await ca.intermediate()).issue({ hosts: ["localhost"] });
    ports = { http: await freePort(), https: await freePort() };
    nginx = await Nginx.start(program, { folder, certificate, serverPort: server.port, ports });
    // All at once: each is silent for over a minute.
    const deno = ["run", "-A", "--frozen", "--no-check"];
    for (const who of ["official", "curlew", "long-poll"]) {
      running.set(who, run([...deno, clients, who, nginx.url, APP, String(SILENCE)]));
    }
    const examined = ["doctor", nginx.url, "--app", APP, "--idle", String(SILENCE)];
    running.set("doctor", run([...deno, curlew, ...examined]));
  });
  after(async () => {
    await Promise.allSettled(running.values());
    await nginx?.[Symbol.asyncDispose]();
    await server?.[Symbol.asyncDispose]();
    if (folder) await rm(folder, { recursive: true });
  });

  it("who comes by http is sent to https", async () => {
    const answer = await fetch(`http://127.0.0.1:${ports.http}/im`, { redirect: "manual" });
    assert.equal(answer.status, 301);
    assert.match(answer.headers.get("location") ?? "", /^https:.*\/im$/);
    await answer.body?.cancel();
  });

  for (
    const [who, name] of [
      ["official", "LeanCloud's JavaScript SDK 4.3.1, which asks its router by https"],
      ["curlew", "Curlew's client"],
      ["long-poll", "Curlew's client over long-poll"],
    ] as const
  ) {
    it(`${name} gets messages after ${SILENCE} s of silence, on the same link`, async () => {
      assert.deepEqual(await running.get(who), { code: 0, said: "before\nafter\n0 breaks\n" });
    });
  }

  it("curlew doctor finds nothing wrong", async () => {
    const { code, said } = await running.get("doctor") ?? {};
    assert.match(said ?? "", /^ok +certificate /m);
    assert.match(said ?? "", new RegExp(`^ok +idle long-poll +open after ${SILENCE} s`, "m"));
    assert.deepEqual([code, said?.trimEnd().split("\n").at(-1)], [0, "All is well"]);
  });

  it("nginx had nothing to complain about", async () => {
    await Promise.allSettled(running.values());
    assert.equal(await nginx.complaints(), "");
  });
});
