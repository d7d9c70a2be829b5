/**
 * Debian's nginx with the site of `deploy/nginx.conf`: nothing in it but paths, ports and the name
 * is another.
 *
 * @module
 */
import { execFile, spawn } from "node:child_process";
import { access, readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer } from "node:net";
import { join } from "node:path";
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import { promisify } from "node:util";
import type { Certificate } from "./certificates.ts";
import { repository } from "./modules.ts";

/** Where a program is, also where not everybody's PATH leads; `undefined` where there is none. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of [...(process.env.PATH ?? "").split(":"), "/usr/sbin"]) {
    const program = join(folder, name);
    if (await access(program).then(() => true, () => false)) return program;
  }
  return undefined;
}

/** A port that nobody listens on, as far as that can be told before. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

/** What stands in the place of what the site names. */
export interface Site {
  /** A folder of its own, for what it writes. */
  readonly folder: string;
  /** What it shows. */
  readonly certificate: Certificate;
  /** Where the server behind it listens. */
  readonly serverPort: number;
  /** Where it listens itself. */
  readonly ports: { readonly http: number; readonly https: number };
}

/** Writes the configuration; returns its path. */
async function configure({ folder, certificate, serverPort, ports }: Site): Promise<string> {
  const site = (await readFile(new URL("deploy/nginx.conf", repository), "utf8"))
    .replaceAll(/^ *listen \[::\].*\n/gm, "") // not every machine has IPv6
    .replace("listen 80;", `listen 127.0.0.1:${ports.http};`)
    .replace("listen 443 ", `listen 127.0.0.1:${ports.https} `)
    .replaceAll("chat.example.com;", "localhost;")
    .replace("127.0.0.1:8450", `127.0.0.1:${serverPort}`)
    .replace(/\S+\/fullchain\.pem/, certificate.chainFile)
    .replace(/\S+\/privkey\.pem/, certificate.keyFile);
  await writeFile(join(folder, "site.conf"), site);
  const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map((what) =>
    `${what}_temp_path ${join(folder, what)};`
  );
  const main = join(folder, "nginx.conf");
  await writeFile(
    main,
    [
      ...(process.getuid?.() === 0 ? ["user root;"] : []), // the folder is nobody else's to read
      "daemon off;",
      "worker_processes 1;",
      `pid ${join(folder, "nginx.pid")};`,
      `error_log ${join(folder, "error.log")};`,
      "events { worker_connections 256; }",
      `http { access_log off; ${temporary.join(" ")} include ${join(folder, "site.conf")}; }`,
      "",
    ].join("\n"),
  );
  return main;
}

/** Has nginx check the site; returns what it says about it. */
export async function checkSite(program: string, site: Site): Promise<string> {
  const log = join(site.folder, "error.log");
  const args = ["-t", "-c", await configure(site), "-e", log];
  return (await promisify(execFile)(program, args)).stderr;
}

/** An nginx that runs; `await using` ends it. */
export class Nginx implements AsyncDisposable {
  private constructor(
    private readonly pid: number,
    private readonly ended: Promise<void>,
    /** Where it is to be reached. */
    readonly url: string,
    private readonly site: Site,
  ) {}

  /** Starts it and waits until it listens. */
  static async start(program: string, site: Site): Promise<Nginx> {
    const args = ["-c", await configure(site), "-e", join(site.folder, "error.log")];
    const child = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    let said = "";
    child.stderr.on("data", (data) => void (said += data));
    const ended = new Promise<void>((done) => child.once("close", () => done()));
    let running = true;
    void ended.then(() => running = false);
    while (!await listens(site.ports.https)) {
      if (!running) throw new Error(`nginx did not start: ${said}`);
      await setTimeout(20);
    }
    const url = `https://localhost:${site.ports.https}`;
    return new Nginx(child.pid ?? 0, ended, url, site);
  }

  /** What it complained about. */
  complaints(): Promise<string> {
    return readFile(join(this.site.folder, "error.log"), "utf8");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    process.kill(this.pid, "SIGTERM");
    await this.ended;
  }
}

/** Whether somebody listens there. */
function listens(port: number): Promise<boolean> {
  return new Promise((done) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      done(true);
    });
    socket.once("error", () => done(false));
  });
}
