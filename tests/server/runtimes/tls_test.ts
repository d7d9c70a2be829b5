import assert from "node:assert/strict";
import { once } from "node:events";
import { readFile, rename, symlink, writeFile } from "node:fs/promises";
import { get } from "node:https";
import { connect as connectPlain } from "node:net";
import { join } from "node:path";
import { describe, it } from "node:test";
import { connect, type TLSSocket } from "node:tls";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import { createServer } from "@curlew/server";
import { nodeEnvironment, type Served, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { Authority, type Certificate } from "../../kit/certificates.ts";
import { FakeClock, settle } from "../../kit/clock.ts";
import { checkLeaks } from "../../kit/leaks.ts";
import { withFolder } from "../../kit/server_process.ts";

const LOOK = 10_000;

/** A server with TLS whose clock stands still, and what it logged. */
interface Rig {
  readonly served: Served;
  readonly clock: FakeClock;
  readonly ca: Authority;
  readonly files: { readonly cert: string; readonly key: string };
  readonly log: string[];
  /** Puts another certificate in the place of the one that is served, as certbot does. */
  readonly renew: (next: Partial<Certificate>) => Promise<void>;
  /** Lets the server look at the files. */
  readonly look: () => Promise<void>;
}

const test = (name: string, body: (rig: Rig) => Promise<void>) =>
  it(
    name,
    checkLeaks(() =>
      withFolder(async (folder) => {
        const ca = await Authority.make(folder);
        const first = await ca.issue({ hosts: ["first.test", "127.0.0.1"] });
        const files = { cert: join(folder, "fullchain.pem"), key: join(folder, "privkey.pem") };
        const point = async (to: string, link: string) => {
          await symlink(to, `${link}.new`);
          await rename(`${link}.new`, link);
        };
        await point(first.chainFile, files.cert);
        await point(first.keyFile, files.key);

        const clock = new FakeClock(Date.now());
        const log: string[] = [];
        const note = (level: string) => (event: string, fields?: object) =>
          void log.push(`${level}: ${event} ${JSON.stringify(fields ?? {})}`);
        const environment = {
          ...nodeEnvironment,
          clock,
          log: {
            debug: () => {},
            info: note("info"),
            warn: note("warn"),
            error: note("error"),
          },
        };
        const store = createMemoryStore(environment);
        const app = { id: "app", key: "key", login: "open" as const };
        const server = createServer({ apps: [app], store, version: "0" }, environment);
        const options = { tls: files, farewell: 0, requestTimeout: 1_000 };
        const served = await serveNode(server, { ...environment, ...options });
        try {
          const look = async () => {
            const timers = clock.waiting;
            await clock.advance(LOOK);
            // Reading takes real time; then it waits to look again.
            while (clock.waiting < timers) await readFile(files.key).then(settle, settle);
          };
          await body({
            ...{ served, clock, ca, files, log, look },
            renew: async ({ chainFile, keyFile }) => {
              if (chainFile !== undefined) await point(chainFile, files.cert);
              if (keyFile !== undefined) await point(keyFile, files.key);
            },
          });
        } finally {
          const closed = served.close();
          await clock.advance(10_000);
          await closed;
          await store.close();
        }
      })
    ),
  );

/** Opens a connection that trusts nothing but the authority. */
async function handshake({ served, ca }: Rig): Promise<TLSSocket> {
  const socket = connect({
    host: "127.0.0.1",
    port: served.port,
    ca: await ca.cert(),
  });
  await once(socket, "secureConnect");
  return socket;
}

/** Whose certificate the server shows. */
async function shown(rig: Rig): Promise<string | undefined> {
  const socket = await handshake(rig);
  const { subject } = socket.getPeerCertificate();
  socket.destroy();
  return subject.CN?.toString();
}

/** Asks for something over HTTPS. */
async function ask({ served, ca }: Rig, path: string): Promise<string> {
  const options = { host: "127.0.0.1", port: served.port, path, ca: await ca.cert(), agent: false };
  const [answer] = await once(get(options), "response");
  let body = "";
  for await (const part of answer) body += part;
  return body;
}

const second = async ({ ca }: Rig) => await ca.issue({ hosts: ["second.test", "127.0.0.1"] });

describe("a server with a certificate", () => {
  test("answers over https, and names addresses with wss", async (rig) => {
    const { server } = JSON.parse(await ask(rig, "/v1/route?appId=app"));
    assert.equal(server, `wss://127.0.0.1:${rig.served.port}/`);
  });

  test("gives up who connects and says nothing", async ({ served }) => {
    const socket = connectPlain(served.port, "127.0.0.1");
    const late = setTimeout(() => socket.destroy(new Error("It is still open")), 6_000);
    await once(socket, "close").finally(() => clearTimeout(late));
  });

  test("takes WebSockets", async (rig) => {
    const socket = new WebSocket(`wss://127.0.0.1:${rig.served.port}/`, ["lc.protobuf2.3"], {
      ca: await rig.ca.cert(),
    });
    await once(socket, "open");
    assert.equal(socket.protocol, "lc.protobuf2.3");
    socket.close();
    await once(socket, "close");
  });

  test("shows a new one when the files change, and keeps the links that there are", async (rig) => {
    const before = await handshake(rig);
    assert.equal(await shown(rig), "first.test");
    await rig.renew(await second(rig));
    assert.equal(await shown(rig), "first.test");
    await rig.look();
    assert.equal(await shown(rig), "second.test");
    const answered = once(before, "data");
    before.write("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    const [data] = await answered;
    assert.match(String(data), /^HTTP\/1\.1 200 OK/);
    before.destroy();
    assert.deepEqual(rig.log.length, 1);
    assert.match(rig.log[0] ?? "", /^info: .* read again/);
  });

  test("waits for the key where the certificate came first, without a complaint", async (rig) => {
    const { chainFile, keyFile } = await second(rig);
    await rig.renew({ chainFile });
    await rig.look();
    assert.equal(await shown(rig), "first.test");
    await rig.renew({ keyFile });
    await rig.look();
    assert.equal(await shown(rig), "second.test");
    assert.deepEqual(rig.log.filter((line) => !line.startsWith("info")), []);
  });

  test("keeps the old one while the new one is no good, and says so once", async (rig) => {
    const { chainFile } = await second(rig);
    await rig.renew({ chainFile });
    for (let i = 0; i < 4; i++) await rig.look();
    assert.equal(await shown(rig), "first.test");
    assert.equal(rig.log.length, 1);
    assert.match(rig.log[0] ?? "", /^error: .*does not belong to the first certificate/);

    await rig.renew({ chainFile: join(rig.files.cert, "..", "nowhere.pem") });
    for (let i = 0; i < 4; i++) await rig.look();
    assert.equal(rig.log.length, 2);
    assert.match(rig.log[1] ?? "", /^error: .*(?:nowhere|fullchain)\.pem/);

    await rig.renew(await second(rig));
    await rig.look();
    assert.equal(await shown(rig), "second.test");
  });
});

describe("a certificate that can't be served", () => {
  const refuses = (name: string, why: RegExp, make: (rig: Rig) => Promise<Partial<Certificate>>) =>
    test(name, async (rig) => {
      await rig.renew(await make(rig));
      const nobody = { protocols: [] } as unknown as Parameters<typeof serveNode>[0];
      await assert.rejects(serveNode(nobody, { tls: rig.files }), (error: Error) => {
        assert.match(error.message, why);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    });
  const text = async ({ files }: Rig, content: string) => {
    const file = join(files.cert, "..", "text.pem");
    await writeFile(file, content);
    return file;
  };

  refuses("has another key", /privkey\.pem does not belong to .*fullchain\.pem$/, async (rig) => ({
    keyFile: (await second(rig)).keyFile,
  }));
  refuses("is missing", /ENOENT.*fullchain\.pem/, () =>
    Promise.resolve({
      chainFile: "/nowhere/fullchain.pem",
    }));
  refuses("is no PEM", /fullchain\.pem holds no certificate in PEM form$/, async (rig) => ({
    chainFile: await text(rig, "A certificate"),
  }));
  refuses("is cut short", /Certificate 1 in .*fullchain\.pem can't be read$/, async (rig) => ({
    chainFile: await text(
      rig,
      "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
    ),
  }));
  refuses("has no key", /privkey\.pem holds no private key in PEM form/, async (rig) => ({
    keyFile: await text(rig, "A key"),
  }));
});
