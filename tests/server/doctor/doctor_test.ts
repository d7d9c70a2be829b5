import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { linesOf } from "../../../server/doctor/command.ts";
import { examine } from "../../../server/doctor/examine.ts";
import { checkIdle } from "../../../server/doctor/idle.ts";
import { addressFault } from "../../../server/doctor/route.ts";
import { checkWebSocket, socketTransport } from "../../../server/doctor/web_socket.ts";
import { failed, type Finding } from "../../../server/doctor/finding.ts";
import { FakeClock } from "../../kit/clock.ts";
import { checkLeaks } from "../../kit/leaks.ts";
import { runCurlew, ServerProcess } from "../../kit/server_process.ts";
import { until } from "../../kit/wire_client.ts";
import { type Faults, type Rig, type RigOptions, startRig, told } from "./rig.ts";

const test = (name: string, body: () => Promise<void> | void) => it(name, checkLeaks(body));

const withRig = async (
  faults: Faults,
  options: RigOptions,
  work: (rig: Rig) => Promise<void>,
): Promise<void> => {
  await using rig = await startRig(faults, options);
  await work(rig);
};

/** Examines what a proxy makes of a server. */
async function findings(faults: Faults, options: RigOptions = {}): Promise<Map<string, Finding>> {
  const found = new Map<string, Finding>();
  await withRig(faults, options, ({ subject }) =>
    examine(subject, (check, finding) => {
      assert.ok(!found.has(check), check);
      found.set(check, finding);
    }));
  return found;
}

const stateOf = (found: Map<string, Finding>) =>
  Object.fromEntries([...found].map(([check, { state }]) => [check, state]));

const well = {
  "route": "ok",
  "clock": "ok",
  "CORS": "ok",
  "WebSocket": "ok",
  "echo": "ok",
  "long-poll": "ok",
  "idle WebSocket": "ok",
  "idle long-poll": "ok",
};

describe("curlew doctor finds nothing wrong", () => {
  test("with a server behind a proxy that does its work", async () => {
    assert.deepEqual(stateOf(await findings({})), well);
  });

  test("with a server for this machine alone, from here", async () => {
    assert.deepEqual(stateOf(await findings({}, { localOnly: true })), well);
  });

  test("with a server that has other apps than the one for development, and says so", async () => {
    const found = await findings({}, { app: "curlew-dev" });
    assert.deepEqual(stateOf(found), { ...well, route: "skipped" });
    assert.match(told(found.get("route")), /^skipped: .*does not know the app curlew-dev.*--app/);
  });

  test("with an app whose logins are signed", async () => {
    assert.deepEqual(stateOf(await findings({}, { signed: true })), well);
  });
});

/** A proxy that answers some requests itself. */
const answering = (
  which: RegExp,
  status: number,
  body = "",
  headers: Record<string, string> = {},
): Faults => ({
  answer: ({ method, url }, response) => {
    if (!which.test(`${method} ${url}`)) return false;
    response.writeHead(status, headers).end(body);
    return true;
  },
});

/** A proxy that answers handshakes itself. */
const refusing = (status: string, body = "", header = "X: y"): Faults => ({
  upgrade: (_request, socket) => {
    socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\n${header}\r\n\r\n${body}`);
    return true;
  },
});

const cors = "access-control-allow-origin";
const later = (ms: number) => new Date(Date.now() + ms).toUTCString();

/** What may be broken, what it is seen by, and what is said of it. */
const broken: readonly (readonly [
  name: string,
  faults: Faults,
  check: string,
  expected: RegExp,
  options?: RigOptions,
])[] = [
  [
    "a proxy that finds no server behind it",
    answering(/./, 502, "<h1>Bad gateway</h1>"),
    "route",
    /answers with 502 → .*--host and --port/,
  ],
  [
    "another program",
    answering(/./, 200, "<h1>Welcome to nginx!</h1>", { "Content-Type": "text/html" }),
    "route",
    /200 and no route → /,
  ],
  [
    "a proxy that passes another path on",
    answering(/route/, 404),
    "route",
    /404 and no route → /,
  ],
  [
    "a server that lacks the app",
    {},
    "route",
    /does not know the app another → .*--apps/,
    { app: "another" },
  ],
  [
    "a redirect",
    answering(/route/, 301, "", { Location: "https://elsewhere.test/" }),
    "route",
    /redirects to https:\/\/elsewhere\.test\/ → /,
  ],
  [
    "the development app, shown to others",
    { request: (headers) => void (headers.host = "chat.example.com") },
    "route",
    /this machine alone.* → .*--apps FILE/,
    { localOnly: true },
  ],
  [
    "a proxy that passes its own Host on",
    { request: (headers) => void (headers.host = "127.0.0.1:8450") },
    "route",
    /another port.* → .*\$http_host, not \$host/,
  ],
  [
    "a path that the server does not know of",
    {},
    "route",
    /another path than \/im\/ → Start the server with --public-url http:.*\/im$/,
    { path: "/im/" },
  ],
  [
    "a clock that is late",
    { response: (headers) => void (headers.date = later(-600_000)) },
    "clock",
    /(?:599|600|601) s behind .* → .*NTP/,
  ],
  [
    "a clock that is early",
    { response: (headers) => void (headers.date = later(600_000)) },
    "clock",
    /(?:599|600|601) s ahead of /,
  ],
  [
    "a proxy that answers preflights itself",
    answering(/^OPTIONS/, 405),
    "CORS",
    /preflight of v1\/route is answered with 405 → .*OPTIONS/,
  ],
  [
    "a proxy that adds what the server says already",
    { response: (headers) => void (headers[cors] = "*, *") },
    "CORS",
    /twice.* → .*add_header/,
  ],
  [
    "a proxy that allows its own pages alone",
    { response: (headers) => void (headers[cors] = "https://own.example") },
    "CORS",
    /allows no page elsewhere → /,
  ],
  [
    "a proxy that allows some headers alone",
    { response: (headers) => void (headers["access-control-allow-headers"] = "content-type") },
    "CORS",
    /v1\/route does not allow the header x-lc-id → /,
  ],
  [
    "a proxy that strips Upgrade",
    {
      upgrade: ({ url }, socket, to) => {
        void fetch(`http://127.0.0.1:${to}${url}`).then(async (answer) => {
          const body = await answer.text();
          socket.end(`HTTP/1.1 ${answer.status} X\r\nConnection: close\r\n\r\n${body}`);
        });
        return true;
      },
    },
    "WebSocket",
    /like a plain request, with 404 → .*proxy_set_header Upgrade/,
  ],
  [
    "a proxy that strips the subprotocols offered",
    { request: (headers) => void delete headers["sec-websocket-protocol"] },
    "WebSocket",
    /sees no subprotocol.* → .*Sec-WebSocket-Protocol/,
  ],
  [
    "a proxy that strips the subprotocol chosen",
    { handshake: (head) => head.replace(/^Sec-WebSocket-Protocol:.*\r\n/im, "") },
    "WebSocket",
    /names no subprotocol.* → .*Sec-WebSocket-Protocol/,
  ],
  [
    "a proxy that answers the upgrade and goes",
    {
      handshake: (head) => head.replace(/^Sec-WebSocket-Accept:.*$/im, "Sec-WebSocket-Accept: x"),
    },
    "WebSocket",
    /answered, with the subprotocol lc\.protobuf2\.3, and does not last → /,
  ],
  [
    "a proxy that expects WebSockets elsewhere",
    refusing("404 Not Found", "No WebSocket is served here"),
    "WebSocket",
    /at another path → .*--public-url/,
  ],
  [
    "a proxy that redirects handshakes",
    refusing("302 Found", "", "Location: /elsewhere"),
    "WebSocket",
    /redirected to \/elsewhere → .*--public-url/,
  ],
  ["a proxy that lets no WebSocket in", refusing("403 No"), "WebSocket", /refused with 403 → /],
  [
    "a proxy that finds no server for WebSockets",
    refusing("504 No"),
    "WebSocket",
    /answered with 504 → .*--host and --port/,
  ],
  [
    "a proxy that hangs up on handshakes",
    { upgrade: (_request, socket) => Boolean(socket.destroy()) },
    "WebSocket",
    /could not be reached.* → .*firewall/,
  ],
  [
    "a proxy that does not know long-poll",
    answering(/^POST .*lp/, 404, "Not found"),
    "long-poll",
    /answered with 404.* → .*POST to …\/lp/,
  ],
  [
    "a proxy that drops unknown headers",
    { request: (headers) => void delete headers["curlew-secret"] },
    "long-poll",
    /no answer: the link was closed with 1006 → .*Curlew-Secret/,
  ],
];

describe("curlew doctor sees", () => {
  for (const [name, faults, check, expected, options] of broken) {
    test(name, async () => {
      const found = await findings(faults, options);
      const text = told(found.get(check));
      assert.match(text, /^failed: /);
      assert.match(text, expected);
      assert.doesNotMatch(text, /\n/);
    });
  }

  test("no more than the first thing that is wrong, where all else depends on it", async () => {
    assert.deepEqual(stateOf(await findings(answering(/./, 502))), {
      "route": "failed",
      "the rest": "skipped",
    });
  });

  test("what still works without WebSockets", async () => {
    assert.deepEqual(stateOf(await findings(refusing("403 No"))), {
      "route": "ok",
      "clock": "ok",
      "CORS": "ok",
      "WebSocket": "failed",
      "long-poll": "ok",
      "idle long-poll": "ok",
    });
  });

  test("a proxy that answers the upgrade and swallows the frames", async () => {
    const clock = new FakeClock(Date.now());
    let swallowed = false;
    const faults: Faults = {
      upgrade: (request, socket) => {
        const key = request.headers["sec-websocket-key"];
        const protocol = request.headers["sec-websocket-protocol"];
        void crypto.subtle.digest(
          "SHA-1",
          new TextEncoder().encode(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`),
        ).then((digest) => {
          const accept = btoa(String.fromCharCode(...new Uint8Array(digest)));
          socket.write(
            "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" +
              `Sec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Protocol: ${protocol}\r\n\r\n`,
          );
        });
        socket.on("data", () => swallowed = true);
        return true;
      },
    };
    await withRig(faults, { clock }, async ({ subject }) => {
      const url = new URL(subject.url.href.replace("http", "ws"));
      const checked = checkWebSocket(url, subject);
      await until(() => swallowed, "frame");
      await clock.advance(10_000);
      const { socket, echo } = await checked;
      assert.equal(socket.state, "ok");
      assert.match(told(echo), /^failed: .*no reply within 10 s → .*proxy_buffering off/);
    });
  });
});

describe("an idle link", () => {
  const idle = 70_000;
  const examined = ({ subject }: Rig) => {
    const address = new URL(subject.url.href.replace("http", "ws"));
    return checkIdle({ transport: socketTransport(subject), address }, subject);
  };
  /** Waits until nothing is waited for but the end of the silence. */
  const silent = (clock: FakeClock) => until(() => clock.next === idle, "silence");

  test("is fine when it still answers after 70 s", async () => {
    const clock = new FakeClock();
    await withRig({}, { clock, idle }, async (rig) => {
      const checked = examined(rig);
      await silent(clock);
      await clock.advance(idle);
      assert.equal(told(await checked), "ok: open after 70 s of silence");
    });
  });

  test("that is cut is told with how long it lasted, and what to raise", async () => {
    const clock = new FakeClock();
    await withRig({}, { clock, idle }, async (rig) => {
      const checked = examined(rig);
      await silent(clock);
      await clock.advance(20_000);
      for (const socket of rig.upgraded) socket.destroy();
      assert.match(
        told(await checked),
        /^failed: cut after 20 s of silence \(1006\) → .*proxy_read_timeout/,
      );
    });
  });

  test("that is cut without a word is found by asking", async () => {
    const clock = new FakeClock();
    await withRig({}, { clock, idle }, async (rig) => {
      const checked = examined(rig);
      await silent(clock);
      for (const socket of rig.upgraded) socket.pause();
      await clock.advance(idle);
      await until(() => clock.next === 10_000, "question");
      await clock.advance(10_000);
      assert.match(told(await checked), /^failed: .*no reply within 10 s → .*proxy_read_timeout/);
    });
  });
});

describe("the address that a server names", () => {
  const cases: readonly (readonly [url: string, named: string, expected: RegExp | undefined])[] = [
    ["https://chat.example.com/", "wss://chat.example.com/", undefined],
    ["https://chat.example.com/im/", "wss://chat.example.com/im", undefined],
    ["https://chat.example.com/", "wss://sockets.example.com/", undefined],
    ["http://localhost:8450/", "ws://localhost:8450/", undefined],
    ["http://10.0.0.7/", "ws://10.0.0.7/", undefined],
    ["https://chat.example.com/", "ws://chat.example.com/", /without TLS → .*X-Forwarded-Proto/],
    ...[
      "127.0.0.1:8450",
      "localhost",
      "10.1.2.3",
      "172.20.0.2",
      "192.168.1.5",
      "[::1]",
      "[fd00::7]",
      "curlew",
      "nas.local",
    ].map((host) =>
      ["https://chat.example.com/", `wss://${host}/`, /elsewhere can't reach → .*Host/] as const
    ),
    ["https://chat.example.com/", "wss://10.example.com/", undefined],
    ["https://chat.example.com/", "wss://[2001:db8::1]/", undefined],
    ["https://chat.example.com:8443/", "wss://chat.example.com/", /another port/],
    ["https://chat.example.com/im/", "wss://chat.example.com/", /another path/],
  ];
  for (const [url, named, expected] of cases) {
    test(`${named} for ${url} is ${expected ? "told to be wrong" : "fine"}`, () => {
      const fault = addressFault(new URL(url), new URL(named));
      if (expected) assert.match(told(fault), expected);
      else assert.equal(fault, undefined);
    });
  }
});

describe("the command curlew doctor", () => {
  test("prints a line for each check, and ends with 0 when all is well", async () => {
    await using server = await ServerProcess.start(["--port", "0", "--db", ":memory:"]);
    const { code, stdout, stderr } = await runCurlew(["doctor", server.url, "--idle", "0"]);
    assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
    const lines = stdout.trimEnd().split("\n");
    assert.equal(lines.length, Object.keys(well).length + 2);
    assert.ok(lines.slice(1, -1).every((line) => line.startsWith("ok ")), stdout);
    assert.equal(lines.at(-1), "All is well");
  });

  test("ends with 1 when something is wrong, and prints what to do", async () => {
    const { code, stdout } = await runCurlew(["doctor", "http://127.0.0.1:1"]);
    assert.equal(code, 1);
    assert.match(stdout, /^FAILED +route +nobody answers at 127\.0\.0\.1:1: .*\n {25}Check /m);
    assert.match(stdout, /^1 of these must be mended$/m);
  });

  test("prints nothing that a server made up to look like a finding, or to rule a terminal", () => {
    const says = "it answers with 400, \x1b[2J\x07\nok      route  \u202eall is fine\r\n";
    assert.equal(
      linesOf("route", failed(says, "Check\nit")),
      "FAILED  route           it answers with 400, [2J ok route all is fine\n" +
        `${" ".repeat(25)}Check it`,
    );
  });

  test("prints help that names its flags", async () => {
    const { code, stdout } = await runCurlew(["doctor", "--help"]);
    assert.equal(code, 0);
    for (const flag of ["--app", "--idle"]) assert.match(stdout, new RegExp(`^ {2}${flag} `, "m"));
  });

  for (
    const [args, message] of [
      [[], /takes one address/],
      [["a.test", "b.test"], /takes one address/],
      [["ftp://a.test"], /must look like https:\/\/chat\.example\.com, not "ftp:/],
      [["https://a.test/?b=c"], /must look like/],
      [["https://user:password@a.test"], /must look like/],
      [["a.test", "--idle", "soon"], /--idle must be a number of seconds, not "soon"/],
      [["a.test", "--colour"], /Unknown option '--colour'; --help/],
    ] as const
  ) {
    test(`refuses ${args.join(" ") || "nothing"} in one line`, async () => {
      const { code, stderr } = await runCurlew(["doctor", ...args]);
      assert.equal(code, 1);
      assert.match(stderr, message);
      assert.equal(stderr.split("\n").length, 2);
    });
  }
});
