import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:https";
import { createServer as createPlainServer } from "node:http";
import type { AddressInfo, Server } from "node:net";
import { describe, it } from "node:test";
import { systemClock } from "@curlew/realtime/environment";
import { checkCertificate } from "../../../server/doctor/certificate.ts";
import { examine } from "../../../server/doctor/examine.ts";
import type { Subject } from "../../../server/doctor/finding.ts";
import { Authority, type Certificate } from "../../kit/certificates.ts";
import { FakeClock } from "../../kit/clock.ts";
import { checkLeaks } from "../../kit/leaks.ts";
import { withFolder } from "../../kit/server_process.ts";
import { told } from "./rig.ts";

const DAY = 86_400_000;

/** Listens for as long as the work takes. */
async function listening<T>(server: Server, work: (port: number) => Promise<T>): Promise<T> {
  await new Promise<void>((listens) => server.listen(0, "127.0.0.1", listens));
  try {
    return await work((server.address() as AddressInfo).port);
  } finally {
    await new Promise((closed) => server.close(closed));
  }
}

/** A server that shows a certificate, or the certificate and what vouches for it. */
async function showing<T>(
  { keyFile }: Certificate,
  file: string,
  work: (port: number) => Promise<T>,
): Promise<T> {
  const [key, cert] = await Promise.all([keyFile, file].map((path) => readFile(path)));
  return await listening(createServer({ key, cert }), work);
}

const subjectAt = (port: number, more: Partial<Subject>): Subject => ({
  url: new URL(`https://localhost:${port}/`),
  app: "app",
  idle: 0,
  clock: systemClock,
  ...more,
});

/** A test with an authority, and one that it vouches for. */
const test = (
  name: string,
  body: (root: Authority, between: Authority, ca: string) => Promise<void>,
) =>
  it(
    name,
    checkLeaks(() =>
      withFolder(async (folder) => {
        const root = await Authority.make(folder);
        await body(root, await root.intermediate(), await root.cert());
      })
    ),
  );

const local = { hosts: ["localhost"] };

describe("a certificate", () => {
  test("is fine with its chain, its name and time to go", async (_root, between, ca) => {
    const certificate = await between.issue(local);
    await showing(certificate, certificate.chainFile, async (port) => {
      const finding = await checkCertificate(subjectAt(port, { ca }));
      assert.match(
        told(finding),
        /^ok: valid for localhost until \d{4}-\d\d-\d\d, with its chain$/,
      );
    });
  });

  test("is fine for an address too", async (root, _between, ca) => {
    const certificate = await root.issue({ hosts: ["127.0.0.1"] });
    await showing(certificate, certificate.chainFile, async (port) => {
      const url = new URL(`https://127.0.0.1:${port}/`);
      assert.match(told(await checkCertificate(subjectAt(port, { ca, url }))), /^ok: /);
    });
  });

  test("without the intermediate one is told to be", async (_root, between, ca) => {
    const certificate = await between.issue(local);
    await showing(certificate, certificate.certFile, async (port) => {
      const finding = await checkCertificate(subjectAt(port, { ca }));
      assert.match(told(finding), /^failed: the intermediate .* missing → .*fullchain\.pem/);
    });
  });

  test("that has expired is told to have, and nothing else is tried", async (root, _, ca) => {
    const certificate = await root.issue({ ...local, days: -1 });
    await showing(certificate, certificate.chainFile, async (port) => {
      const lines: string[] = [];
      await examine(subjectAt(port, { ca }), (check, finding) => {
        lines.push(`${check}: ${told(finding)}`);
      });
      assert.equal(lines.length, 2);
      assert.match(lines[0] ?? "", /^certificate: failed: it has expired on .* → Renew it/);
      assert.match(lines[1] ?? "", /^the rest: skipped/);
    });
  });

  test("that expires soon is told to", async (root, _between, ca) => {
    const certificate = await root.issue(local);
    await showing(certificate, certificate.chainFile, async (port) => {
      const clock = new FakeClock(Date.now() + 26.5 * DAY);
      const finding = await checkCertificate(subjectAt(port, { ca, clock }));
      assert.match(told(finding), /^failed: it expires on .*, in 3 days → Renew it/);
    });
  });

  test("for another name is told whom it is for", async (root, _between, ca) => {
    const certificate = await root.issue({ hosts: ["www.example.com", "example.com"] });
    await showing(certificate, certificate.chainFile, async (port) => {
      const finding = await checkCertificate(subjectAt(port, { ca }));
      assert.match(told(finding), /^failed: it is for .*www\.example\.com.*, not for localhost → /);
    });
  });

  test("that nobody vouches for is told to be of no use", async (_root, between) => {
    const certificate = await between.issue(local);
    await withFolder(async (folder) => {
      const ca = await (await Authority.make(folder, "another")).cert();
      await showing(certificate, certificate.chainFile, async (port) => {
        const finding = await checkCertificate(subjectAt(port, { ca }));
        assert.match(told(finding), /^failed: nobody vouches for it .* → .*NODE_EXTRA_CA_CERTS/);
      });
    });
  });

  it(
    "is missed where no TLS is spoken",
    checkLeaks(() =>
      listening(createPlainServer(), async (port) => {
        const finding = await checkCertificate(subjectAt(port, {}));
        assert.match(told(finding), /^failed: no TLS connection to localhost:\d+: .* → /);
        assert.doesNotMatch(told(finding), /\n/);
      })
    ),
  );
});
