import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { DatabaseSync } from "node:sqlite";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import {
  type ConversationBase,
  Event,
  type IMClient,
  Realtime,
  TextMessage,
} from "@curlew/realtime";
import { Authority } from "../kit/certificates.ts";
import { checkLeaks } from "../kit/leaks.ts";
import {
  bundlePage,
  permissions,
  runServer,
  ServerProcess,
  withFolder,
} from "../kit/server_process.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const development = { appId: "curlew-dev", appKey: "dev-key" };

/** A server with a database of its own, ended when the work is done. */
const withServer = <T>(
  args: readonly string[],
  work: (server: ServerProcess, db: string) => Promise<T>,
) =>
  withFolder(async (folder) => {
    const db = join(folder, "curlew.db");
    await using server = await ServerProcess.start(["--port", "0", "--db", db, ...args]);
    return await work(server, db);
  });

/** A test that fails when a process, a client or a timer is left. */
const test = (name: string, body: () => Promise<void>) => it(name, checkLeaks(body));

/** The next time that something happens to a client. */
const next = (client: IMClient, event: typeof Event.RECONNECT | typeof Event.DISCONNECT) =>
  new Promise<void>((done) => client.once(event, done));

/** The next text that a client gets. */
const nextText = (client: IMClient): Promise<string> =>
  new Promise((done) =>
    client.once(Event.MESSAGE, (message) => {
      if (message instanceof TextMessage) done(message.text ?? "");
    })
  );

const texts = async (conversation: ConversationBase): Promise<string[]> =>
  (await conversation.queryMessages()).map((message) =>
    message instanceof TextMessage ? message.text ?? "" : "?"
  );

describe("the server as a process", () => {
  before(bundlePage);

  test("says where it listens, where the page is, and how to connect", () =>
    withServer([], (server) => {
      const { stdout } = server.said;
      assert.match(stdout, /^Curlew listening on http:\/\/127\.0\.0\.1:\d+$/m);
      assert.ok(stdout.includes(`${server.url}/\n`));
      assert.match(stdout, /^.*new Realtime\(\{ appId: "curlew-dev", appKey: "dev-key", server: /m);
      assert.equal(server.said.stderr, "");
      return Promise.resolve();
    }));

  test("serves the page and what it is made of", () =>
    withServer([], async (server) => {
      for (
        const [path, type] of [
          ["/", "text/html"],
          ["/main.js", "text/javascript"],
          ["/style.css", "text/css"],
          ["/curlew.svg", "image/svg+xml"],
          ["/app.json", "application/json"],
        ] as const
      ) {
        const response = await fetch(server.url + path);
        assert.equal(response.status, 200, path);
        assert.ok(response.headers.get("content-type")?.startsWith(type), path);
        assert.ok((await response.text()).length > 0, path);
      }
    }));

  test("lets two clients talk, and both carry on when it was restarted", () =>
    withFolder(async (folder) => {
      const db = join(folder, "curlew.db");
      await using first = await ServerProcess.start(["--port", "0", "--db", db]);
      const options = { ...development, server: first.url, backoff: { first: 50, max: 200 } };
      await using alices = new Realtime(options);
      await using bobs = new Realtime(options);
      const alice = await alices.createIMClient("alice");
      const bob = await bobs.createIMClient("bob");
      const conversation = await alice.createConversation({ members: ["bob"], unique: true });

      const heard = nextText(bob);
      await conversation.send(new TextMessage("before"));
      assert.equal(await heard, "before");

      const back = [alice, bob].map((client) => next(client, Event.RECONNECT));
      assert.equal((await first.stop()).code, 0);
      const args = ["--port", String(first.port), "--db", db];
      await using second = await ServerProcess.start(args);
      await Promise.all(back);
      const heardAgain = nextText(bob);
      await conversation.send(new TextMessage("after"));
      assert.equal(await heardAgain, "after");
      assert.deepEqual(await texts(conversation), ["before", "after"]);
      await Promise.all([alice.close(), bob.close()]);
      assert.equal((await second.stop()).code, 0);
    }));

  test("keeps what it acknowledged when it is killed", () =>
    withFolder(async (folder) => {
      const args = ["--port", "0", "--db", join(folder, "curlew.db")];
      await using first = await ServerProcess.start(args);
      const said = Array.from({ length: 20 }, (_, i) => `message ${i}`);
      {
        await using realtime = new Realtime({ ...development, server: first.url });
        const alice = await realtime.createIMClient("alice");
        const conversation = await alice.createConversation({ members: ["bob"], unique: true });
        await Promise.all(said.map((text) => conversation.send(new TextMessage(text))));
        first.signal("SIGKILL");
        await first.ended;
      }
      await using second = await ServerProcess.start(args);
      await using realtime = new Realtime({ ...development, server: second.url });
      const bob = await realtime.createIMClient("bob");
      const conversation = await bob.createConversation({ members: ["alice"], unique: true });
      assert.deepEqual(await texts(conversation), said);
    }));

  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    test(`tells its clients to go away and ends with 0 on ${signal}`, () =>
      withServer([], async (server) => {
        await using realtime = new Realtime({ ...development, server: server.url });
        const client = await realtime.createIMClient("alice");
        const gone = next(client, Event.DISCONNECT);
        server.signal(signal);
        const [{ code, stderr }] = await Promise.all([server.ended, gone]);
        assert.deepEqual({ code, stderr }, { code: 0, stderr: "" });
      }));
  }

  test("takes the same signal from npx and the task runner for one", () =>
    withServer([], async (server) => {
      await using realtime = new Realtime({ ...development, server: server.url });
      await realtime.createIMClient("alice");
      for (let i = 0; i < 3; i++) server.signal("SIGINT");
      assert.equal((await server.ended).code, 0);
    }));

  test("ends at once when it is told a second time", () =>
    withServer([], async (server) => {
      const socket = new WebSocket(server.url.replace("http", "ws"), ["lc.protobuf2.3"]);
      await once(socket, "open");
      socket.pause(); // it will not answer the close frame
      server.signal("SIGTERM");
      while (await fetch(server.url).then((answer) => answer.text(), () => undefined));
      server.signal("SIGTERM");
      assert.equal((await server.ended).code, 1);
      socket.terminate();
    }));

  test("makes the development app's master key once, and keeps it", () =>
    withFolder(async (folder) => {
      const args = ["--port", "0", "--db", join(folder, "curlew.db")];
      const first = await (await ServerProcess.start(args)).stop();
      assert.match(first.stdout, /master key, shown only now: \S{24}$/m);
      const second = await (await ServerProcess.start(args)).stop();
      assert.doesNotMatch(second.stdout, /master key/);
    }));

  test("takes an app of LeanCloud's as it is, from a flag, a variable or a file", () =>
    withFolder(async (folder) => {
      const app = {
        id: "FrjTBvs2uqUhiIlOxEUbx3Yq-gzGzoHsz",
        key: "UtOCzqb67d3sN12Kts4URwy8",
        masterKey: "DyJegPlemooo4X1tg94gQkw1",
        login: "open",
      };
      const file = join(folder, "apps.json");
      await writeFile(file, JSON.stringify([app]));
      const flag = ["--app", `${app.id}:${app.key}:${app.masterKey}`];
      for (
        const [args, variables] of [
          [flag, {}],
          [["--apps", file], {}],
          [[], { CURLEW_APP: flag[1] ?? "" }],
        ] as const
      ) {
        const base = ["--port", "0", "--db", ":memory:"];
        await using server = await ServerProcess.start([...base, ...args], variables);
        await using realtime = new Realtime({
          appId: app.id,
          appKey: app.key,
          server: server.url,
        });
        await realtime.createIMClient("alice");
        await realtime.close();
        assert.equal((await server.stop()).code, 0);
      }
    }));

  test("warns of an open login where others can reach it", () =>
    withServer(
      ["--host", "0.0.0.0", "--app", "some-app:some-key", "--public-url", "http://chat.test"],
      (server) => {
        assert.match(server.said.stderr, /^Warning: anyone .* some-app; .*\n$/);
        assert.match(server.said.stdout, /server: "http:\/\/chat\.test"/);
        return Promise.resolve();
      },
    ));

  test("serves https, with the permissions that it has", () =>
    withFolder(async (folder) => {
      const ca = await Authority.make(folder);
      const { chainFile, keyFile } = await ca.issue({ hosts: ["127.0.0.1"] });
      await withServer(["--tls-cert", chainFile, "--tls-key", keyFile], async (server) => {
        assert.match(server.said.stdout, /^Curlew listening on https:\/\/127\.0\.0\.1:\d+$/m);
        assert.match(server.said.stdout, /server: "https:\/\/127\.0\.0\.1:\d+"/);
        const socket = new WebSocket(server.url.replace("http", "ws"), ["lc.protobuf2.3"], {
          ca: await ca.cert(),
        });
        await once(socket, "open");
        socket.close();
        await once(socket, "close");
        assert.equal((await server.stop()).code, 0);
        assert.equal(server.said.stderr, "");
      });
    }));

  test("keeps the development app from pages elsewhere", () =>
    withServer([], async (server) => {
      const headers = { Origin: "https://evil.example" };
      const answer = await fetch(`${server.url}/v1/route?appId=curlew-dev`, { headers });
      assert.equal(answer.status, 403);
      await answer.body?.cancel();
      const socket = new WebSocket(server.url.replace("http", "ws"), ["lc.protobuf2.3"], {
        headers,
      });
      const [code] = await once(socket, "close");
      assert.equal(code, 4110);
    }));

  test("takes sockets where it tells clients to come", () =>
    withServer(
      ["--app", "some-app:some-key", "--public-url", "https://chat.test/im"],
      async (server) => {
        const answer = await fetch(`${server.url}/v1/route?appId=some-app`);
        assert.equal((await answer.json()).server, "wss://chat.test/im");
        for (const path of ["/", "/im"]) {
          const url = server.url.replace("http", "ws") + path;
          const socket = new WebSocket(url, ["lc.protobuf2.3"]);
          await once(socket, "open");
          socket.close();
          await once(socket, "close");
        }
      },
    ));

  test("shows the page to this machine alone: not behind a proxy that lets others in", () =>
    withServer(
      ["--app", "some-app:some-key", "--public-url", "https://chat.test", "--trust-proxy", "::1"],
      async (server) => {
        assert.match(server.said.stderr, /^Warning: anyone /);
        const answer = await fetch(server.url);
        assert.equal(answer.status, 404);
        await answer.body?.cancel();
      },
    ));

  test("prints help and version, and is done", async () => {
    const help = await runServer(["--help"]);
    assert.equal(help.code, 0);
    assert.match(help.stdout, /--trust-proxy/);
    assert.equal((await runServer(["--version"])).stdout, "0.1.0\n");
  });
});

describe("a start that can't be", () => {
  /** Ends with 1, and says why in one line. */
  async function fails(args: readonly string[], why: RegExp): Promise<void> {
    const { code, stdout, stderr } = await runServer(["--port", "0", ...args]);
    assert.match(stderr, why);
    assert.deepEqual({ code, stdout, lines: stderr.split("\n").length }, {
      code: 1,
      stdout: "",
      lines: 2,
    });
  }
  const memory = ["--db", ":memory:"];

  test("a taken port", () =>
    withServer(
      [],
      (server) =>
        fails([...memory, "--app", "a:b", "--port", String(server.port)], /the port is taken/),
    ));

  test("a path that can't be written", () =>
    withFolder((folder) => fails(["--db", join(folder, "missing", "curlew.db")], /missing/)));

  test("a file that is no database", () =>
    withFolder(async (folder) => {
      const db = join(folder, "notes.txt");
      await writeFile(db, "These are notes, no database. ".repeat(100));
      await fails(["--db", db], /notes\.txt/);
    }));

  test("another program's database", () =>
    withFolder(async (folder) => {
      const db = join(folder, "other.db");
      const other = new DatabaseSync(db);
      other.exec("CREATE TABLE things (name TEXT); PRAGMA user_version = 77");
      other.close();
      await fails(["--db", db], /other\.db/);
    }));

  test("a database that another process has open", () =>
    withServer([], (_server, db) => fails(["--db", db], /curlew\.db/)));

  test("a certificate that is missing, or has another key", () =>
    withFolder(async (folder) => {
      const ca = await Authority.make(folder);
      const [one, other] = await Promise.all(
        ["one", "other"].map((host) => ca.issue({ hosts: [host] })),
      );
      const cert = [...memory, "--app", "a:b", "--tls-cert", one?.chainFile ?? ""];
      await fails([...cert, "--tls-key", join(folder, "none.key")], /none\.key/);
      await fails([...cert, "--tls-key", other?.keyFile ?? ""], /does not belong to/);
      await fails(cert, /--tls-key/);
    }));

  test("an app that is malformed", () => fails([...memory, "--app", "no-key"], /--app: .*ID:KEY/));

  test("an app that is given twice", () =>
    fails([...memory, "--app", "a:b", "--app", "a:c"], /given twice/));

  test("a file of apps that is missing, no JSON, or no list of apps", () =>
    withFolder(async (folder) => {
      const file = join(folder, "apps.json");
      await fails([...memory, "--apps", file], /apps\.json/);
      for (const text of ["{", "{}", '[{ "id": 1 }]', '[{ "id": "a", "key": "b" }, 7]']) {
        await writeFile(file, text);
        await fails([...memory, "--apps", file], /apps\.json/);
      }
    }));

  test("an unknown flag", () => fails(["--colour"], /--colour/));

  test("a host beyond loopback without an app, or without a public URL", async () => {
    await fails([...memory, "--host", "0.0.0.0"], /development app/);
    await fails([...memory, "--host", "0.0.0.0", "--app", "a:b"], /--public-url/);
  });

  test("a host that is none of this machine's", () =>
    fails([...memory, "--app", "a:b", "--host", "192.0.2.1", "--public-url", "http://x"], /192/));
});

describe("deno task start", () => {
  for (const permission of permissions) {
    test(`needs ${permission}`, () =>
      withFolder((folder) => {
        const args = ["--port", "0", "--db", join(folder, "curlew.db")];
        return assert.rejects(async () => {
          await using _server = await ServerProcess.start(args, {}, permission);
        });
      }));
  }

  test("starts with arguments, and passes a signal on", () =>
    withFolder(async (folder) => {
      const args = ["task", "start", "--port", "0", "--db", join(folder, "curlew.db")];
      const child = spawn(process.execPath, args, {
        cwd: root,
        env: { ...process.env, NO_COLOR: "1" },
        stdio: ["ignore", "pipe", "pipe"],
      });
      let said = "";
      const closed = once(child, "close");
      await new Promise<void>((listens) =>
        child.stdout.on("data", (data) => {
          said += data;
          if (/listening on http/.test(said)) listens();
        })
      );
      if (child.pid !== undefined) process.kill(child.pid, "SIGTERM");
      const [code] = await closed;
      assert.equal(code, 0);
    }));
});
