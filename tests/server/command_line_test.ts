import assert from "node:assert/strict";
import { describe, it } from "node:test";
import server from "../../server/deno.json" with { type: "json" };
import {
  help,
  isLoopback,
  isPublic,
  readCommandLine,
  type Settings,
} from "../../server/command_line.ts";

const read = (args: string[], variables: Record<string, string> = {}) =>
  readCommandLine(args, (name) => variables[name]);

function settings(args: string[], variables?: Record<string, string>): Settings {
  const asked = read(args, variables);
  assert.equal(asked.kind, "serve");
  return asked.settings;
}

describe("the command line", () => {
  it("has defaults for everything", () => {
    assert.deepEqual(settings([]), {
      host: "127.0.0.1",
      port: 8450,
      db: "./curlew.db",
      apps: [],
      trustProxy: [],
    });
  });

  it("takes flags, and --app more than once", () => {
    assert.deepEqual(
      settings([
        ...["--port", "0", "--host", "0.0.0.0", "--db=:memory:", "--app", "a:b", "--app", "c:d:e"],
        ...["--apps", "apps.json", "--public-url", "https://chat.example.com/im"],
        ...["--tls-cert", "chain.pem", "--tls-key", "key.pem"],
        ...["--trust-proxy", "10.0.0.0/8,::1"],
      ]),
      {
        host: "0.0.0.0",
        port: 0,
        db: ":memory:",
        apps: ["a:b", "c:d:e"],
        appsFile: "apps.json",
        publicUrl: "https://chat.example.com/im",
        tls: { cert: "chain.pem", key: "key.pem" },
        trustProxy: ["10.0.0.0/8", "::1"],
      },
    );
  });

  it("takes each flag as a variable too", () => {
    assert.deepEqual(
      settings([], {
        CURLEW_PORT: "9000",
        CURLEW_HOST: "::",
        CURLEW_DB: "/data/curlew.db",
        CURLEW_APP: "a:b, c:d\ne:f",
        CURLEW_APPS: "apps.json",
        CURLEW_PUBLIC_URL: "http://chat.example.com",
        CURLEW_TLS_CERT: "chain.pem",
        CURLEW_TLS_KEY: "key.pem",
        CURLEW_TRUST_PROXY: "127.0.0.1 10.0.0.0/8",
      }),
      {
        host: "::",
        port: 9000,
        db: "/data/curlew.db",
        apps: ["a:b", "c:d", "e:f"],
        appsFile: "apps.json",
        publicUrl: "http://chat.example.com",
        tls: { cert: "chain.pem", key: "key.pem" },
        trustProxy: ["127.0.0.1", "10.0.0.0/8"],
      },
    );
  });

  it("prefers the flag to the variable, and takes an empty variable for none", () => {
    const { port, db, apps } = settings(["--port", "1", "--app", "x:y"], {
      CURLEW_PORT: "2",
      CURLEW_DB: "",
      CURLEW_APP: "a:b",
    });
    assert.deepEqual({ port, db, apps }, { port: 1, db: "./curlew.db", apps: ["x:y"] });
  });

  it("prints help that names every flag and its variable", () => {
    assert.deepEqual(read(["--help"]), { kind: "print", text: help() });
    const names = ["port", "host", "db", "app", "apps", "public-url", "tls-cert", "tls-key"];
    for (const name of [...names, "trust-proxy"]) {
      assert.match(help(), new RegExp(`--${name} `));
      assert.ok(help().includes(`CURLEW_${name.toUpperCase().replace("-", "_")}`));
    }
  });

  it("prints the version of the package", () => {
    assert.deepEqual(read(["--version"]), { kind: "print", text: server.version });
  });

  const mistakes: readonly (readonly [args: string[], message: RegExp])[] = [
    [["--colour"], /^Unknown option '--colour'; --help lists the flags$/],
    [["--a.b"], /^Unknown option '--a\.b'; --help/],
    [["start"], /^Unexpected argument 'start'; --help/],
    [["--port"], /'--port <value>' argument missing; --help/],
    [["--port", "http"], /^--port must be a number from 0 to 65535, not "http"$/],
    [["--port", "65536"], /^--port must be a number/],
    [["--port", "1e3"], /^--port must be a number/],
    [["--public-url", "chat.example.com"], /^--public-url must look like https:/],
    [["--public-url", "ftp://chat.example.com"], /^--public-url must look like/],
    [["--public-url", "https://chat.example.com/?a=b"], /^--public-url must look like/],
    [["--tls-cert", "chain.pem"], /^--tls-cert needs --tls-key: a certificate and its key go/],
    [["--tls-key", "key.pem"], /^--tls-key needs --tls-cert: /],
    [["--trust-proxy", "10.0.0.0/99"], /^--trust-proxy: Not an address or a CIDR range/],
    [["--db="], /^--db needs a value$/],
    [["--public-url", ""], /^--public-url needs a value$/],
    [["--public-url", "https://chat.example.com"], /^The development app is for this machine/],
    [["--host", "0.0.0.0"], /^The development app is for this machine alone: /],
    [["--host", "0.0.0.0", "--app", "a:b"], /^--host 0\.0\.0\.0 needs --public-url: /],
  ];
  for (const [args, message] of mistakes) {
    it(`refuses ${args.join(" ")} in one line`, () => {
      assert.throws(() => read(args), (error: Error) => {
        assert.match(error.message, message);
        assert.ok(!error.message.includes("\n"));
        return true;
      });
    });
  }

  it("knows when others are to reach the server", () => {
    assert.ok(!isPublic({ host: "127.0.0.1" }));
    assert.ok(!isPublic({ host: "127.0.0.1", publicUrl: "http://[::1]:8450/" }));
    assert.ok(isPublic({ host: "0.0.0.0", publicUrl: "http://localhost" }));
    assert.ok(isPublic({ host: "127.0.0.1", publicUrl: "https://chat.example.com" }));
  });

  it("knows loopback addresses", () => {
    for (const host of ["localhost", "127.0.0.1", "127.1.2.3", "::1"]) assert.ok(isLoopback(host));
    for (const host of ["0.0.0.0", "::", "127.example.com", "10.0.0.1", ""]) {
      assert.ok(!isLoopback(host));
    }
  });
});
