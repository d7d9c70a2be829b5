import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Realtime, TextMessage } from "@curlew/realtime";
import type { WebSocketLike } from "@curlew/realtime/environment";
import { TransportError } from "@curlew/realtime/protocol";
import { type MakeRig, transportContract } from "@curlew/realtime/testing";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { miniProgram, type MiniProgramApi } from "@curlew/realtime/transports/mini-program";
import { after, race } from "@curlew/realtime/transports/race";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { createServer } from "@curlew/server";
import { nodeEnvironment, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { Cancellation } from "../../src/connection/cancel.ts";
import { FakeClock, settle } from "../kit/clock.ts";
import { type Ear, ears } from "../kit/ear.ts";
import { type Dialect, FakePhone } from "../kit/fake_wx.ts";
import { serveHttp } from "../kit/http_server.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { serveWebSockets } from "../kit/websocket_server.ts";
import { testApp } from "../kit/test_server.ts";
import { deafUrl, longPollRig } from "./rigs.ts";

const dialects = ["wx", "my"] as const;

const environmentOf = ({ api }: FakePhone) => miniProgram(api as unknown as MiniProgramApi);

const socketRig = (dialect: Dialect): MakeRig => async (otherSide) => {
  const phone = new FakePhone(dialect);
  const server = await serveWebSockets(otherSide);
  const transport = webSocket(environmentOf(phone));
  return {
    transport,
    url: server.url,
    nowhere: { transport, url: await deafUrl() },
    links: () => server.sockets + phone.sockets,
    close: server.close,
  };
};

const pollRig = (dialect: Dialect): MakeRig =>
  longPollRig(() => longPoll(environmentOf(new FakePhone(dialect))));

/** Alipay does not say what was chosen, nor why a socket was closed. */
const untold = [
  "says which subprotocol was chosen",
  "rejects where no subprotocol is shared",
  "tells both sides of the end that the other side makes",
  "delivers nothing after a `close` within `frame`",
];

for (const dialect of dialects) {
  describe(`the transport websocket over connectSocket of ${dialect}`, () => {
    for (const { name, run } of transportContract(socketRig(dialect))) {
      if (dialect === "wx" || !untold.includes(name)) it(name, checkLeaks(run));
    }
  });
  describe(`the transport long-poll over request of ${dialect}`, () => {
    for (const { name, run } of transportContract(pollRig(dialect))) it(name, checkLeaks(run));
  });
}

/** A phone, and a transport over its sockets to a server that a test plays. */
async function scene(
  work: (scene: {
    readonly phone: FakePhone;
    readonly url: string;
    readonly open: () => Promise<readonly [here: Ear, there: Ear]>;
  }) => Promise<void>,
  phone = new FakePhone(),
): Promise<void> {
  const [here, there] = [ears(), ears()];
  const server = await serveWebSockets({ protocols: ["p"], accept: there });
  const transport = webSocket(environmentOf(phone));
  const open = async () => {
    const dial = { url: server.url, protocols: ["p"], probe: () => "" };
    await transport.open({ ...dial, cancelled: new Cancellation() }, here);
    await settle();
    return [here.all.at(-1)!, there.all.at(-1)!] as const;
  };
  try {
    await work({ phone, url: server.url, open });
  } finally {
    for (const { link } of here.all) link.close();
    for (const ear of here.all) await ear.ended();
    await server.close();
  }
}

describe("a mini program's socket", () => {
  it(
    "is sent an ArrayBuffer of the exact size, whatever the frame is a part of",
    checkLeaks(() =>
      scene(async ({ phone, open }) => {
        const [here, there] = await open();
        here.link.send(new Uint8Array(1_000).subarray(10, 13));
        here.link.send(new Uint8Array(7));
        here.link.send("text");
        await there.heard(3);
        assert.deepEqual(phone.sent, [3, 7, "text"]);
      })
    ),
  );

  it(
    "is gone before the next is opened, so that one counts of the five that are allowed",
    checkLeaks(() =>
      scene(async ({ phone, open }) => {
        for (let i = 0; i < 12; i++) {
          const [here] = await open();
          here.link.close(1000); // and the next attempt begins while it still closes
        }
        assert.equal(phone.mostSockets, 1);
      })
    ),
  );

  it(
    "may be one of several that are used at once",
    checkLeaks(() =>
      scene(async ({ phone, open }) => {
        const links = [await open(), await open(), await open()];
        assert.equal(phone.sockets, 3);
        links[1]![0].link.close();
        await links[1]![0].ended();
        for (const at of [0, 2]) {
          links[at]![0].link.send("still here");
          assert.deepEqual(await links[at]![1].heard(1), ["still here"]);
        }
      })
    ),
  );

  it(
    "hears its end also where the platform tells of it globally alone",
    checkLeaks(() =>
      scene(async ({ phone, open }) => {
        const [here] = await open();
        phone.closesGlobally = true;
        phone.cut();
        assert.equal((await here.ended()).code, 1006);
      })
    ),
  );

  it(
    "is closed when it opens, where it could not be closed before",
    checkLeaks(() =>
      scene(async ({ phone, url }) => {
        const socket = new (environmentOf(phone).WebSocket)(url, ["p"]) as WebSocketLike;
        let opened = false;
        socket.onopen = () => opened = true;
        const ended = new Promise<void>((done) => socket.onclose = () => done());
        await settle();
        socket.close();
        await ended;
        assert.deepEqual([opened, phone.sockets], [false, 0]);
      })
    ),
  );

  it("says that it is closed where the platform does not", async () => {
    const clock = new FakeClock();
    const silent = () => {};
    const task = {
      send: silent,
      close: silent,
      onMessage: silent,
      onError: silent,
      onClose: silent,
    };
    let open = (_?: unknown) => {};
    const api = {
      connectSocket: () => ({ ...task, onOpen: (listener: () => void) => open = listener }),
      request: silent,
    };
    const heard = ears();
    const { WebSocket } = miniProgram(api, { clock });
    const attempt = webSocket({ WebSocket }).open(
      { url: "ws://x/", protocols: ["p"], cancelled: new Cancellation(), probe: () => "" },
      heard,
    );
    await settle();
    open();
    await attempt;
    const [ear] = heard.all;
    assert.equal(ear!.link.protocol, "p", "One was offered, so that it must be that one");
    ear!.link.send("abc");
    assert.equal(ear!.link.pending, 3);
    ear!.link.close(4000, "enough");
    await clock.advance(999);
    assert.equal(ear!.ends.length, 0);
    await clock.advance(1);
    assert.deepEqual(ear!.ends, [{ code: 4000, reason: "enough" }]);
    assert.deepEqual([clock.waiting, ear!.link.pending], [0, 0]);
  });

  it("says why it could not be opened", async () => {
    const open = (connectSocket: (options: { fail: (why: object) => void }) => unknown) =>
      webSocket(miniProgram({ connectSocket, request: () => {} })).open(
        { url: "wss://x/", protocols: ["p"], cancelled: new Cancellation(), probe: () => "" },
        ears(),
      );
    const task = Object.fromEntries(
      ["send", "close", "onOpen", "onMessage", "onError", "onClose"].map((
        name,
      ) => [name, () => {}]),
    );
    const because = (message: RegExp) => (error: unknown) =>
      error instanceof TransportError && error.reason === "unreachable" &&
      message.test(error.message);
    const refused = open(({ fail }) => {
      queueMicrotask(() => fail({ errMsg: "connectSocket:fail url not in domain list" }));
      return task;
    });
    await assert.rejects(
      refused,
      because(/wss:\/\/x\/ .*\(connectSocket:fail url not in domain list\)/),
    );
    const named = open(({ fail }) => {
      queueMicrotask(() => fail({ error: 20, errorMessage: "use wss" }));
      return task;
    });
    await assert.rejects(named, because(/\(use wss\)/));
    const thrown = open(() => {
      throw new Error("too many sockets");
    });
    await assert.rejects(thrown, because(/too many sockets/));
  });
});

describe("a mini program's requests", () => {
  const serve = async (
    handle: (request: Request) => Response | Promise<Response>,
    work: (url: string) => Promise<void>,
  ) => {
    const server = await serveHttp(handle);
    try {
      await work(server.url);
    } finally {
      await server.close();
    }
  };

  for (const dialect of dialects) {
    it(
      `are answered as those of fetch, with the API of ${dialect}`,
      checkLeaks(() =>
        serve(async (request) => {
          const body = new Uint8Array(await request.arrayBuffer());
          const status = Number(new URL(request.url).searchParams.get("status"));
          const headers = { "Retry-After": "7", "X-Asked": request.headers.get("x-asking")! };
          return new Response(body, { status, headers });
        }, async (url) => {
          const { fetch } = environmentOf(new FakePhone(dialect));
          const headers = { "X-Asking": "yes" };
          const bytes = new Uint8Array([9, 8, 7, 0, 255]).subarray(1, 4);
          for (const status of [200, 404, 503]) {
            const init = { method: "POST", headers, body: '{"鹬":1}' };
            const answer = await fetch(`${url}?status=${status}`, init);
            assert.deepEqual([answer.ok, answer.status], [status === 200, status]);
            for (const name of ["retry-after", "Retry-After", "RETRY-AFTER"]) {
              assert.equal(answer.headers.get(name), "7");
            }
            assert.equal(answer.headers.get("x-asked"), "yes");
            assert.equal(answer.headers.get("x-none"), null);
            assert.equal(await answer.text(), '{"鹬":1}');
            assert.deepEqual(await answer.json(), { "鹬": 1 });
            const binary = await fetch(`${url}?status=${status}`, { ...init, body: bytes });
            assert.deepEqual(new Uint8Array(await binary.arrayBuffer()), bytes.slice());
          }
        })
      ),
    );

    it(`say why they failed, with the API of ${dialect}`, async () => {
      const { fetch } = environmentOf(new FakePhone(dialect));
      const url = (await deafUrl()).replace("ws", "http");
      await assert.rejects(fetch(url), /ECONNREFUSED|refused/);
    });
  }

  it(
    "can be given up",
    checkLeaks(() =>
      serve(() => new Promise(() => {}), async (url) => {
        const phone = new FakePhone();
        const giving = new AbortController();
        const answer = environmentOf(phone).fetch(url, { signal: giving.signal });
        giving.abort();
        await assert.rejects(answer, /given up/);
        while (phone.requests > 0) await settle();
      })
    ),
  );

  it("get text where the platform gives no bytes, or parses what it should not", async () => {
    const answers: unknown[] = ["text", { parsed: true }, undefined];
    const api = {
      connectSocket: () => {},
      request: ({ success }: { success: (answer: object) => void }) =>
        success({ statusCode: 200, data: answers.shift() }),
    };
    const { fetch } = miniProgram(api);
    const answer = await fetch("https://x/");
    assert.equal(await answer.text(), "text");
    await assert.rejects(answer.arrayBuffer(), /gives no bytes: use textOnly/);
    assert.deepEqual(await (await fetch("https://x/")).json(), { parsed: true });
    assert.equal(await (await fetch("https://x/")).text(), "");
  });
});

describe("a mini program", () => {
  it("knows whether it is in front and has a network, and listens while somebody asks", () => {
    const phone = new FakePhone();
    const { network, visibility } = environmentOf(phone);
    const said: string[] = [];
    assert.equal(phone.listening, 0);
    const stops = [
      visibility.watch((now) => said.push(`visible: ${now}`)),
      network.watch((now) => said.push(`network: ${now}`)),
    ];
    phone.tell("AppHide");
    assert.deepEqual(said.splice(0), ["visible: false", "network: false"]);
    assert.deepEqual([visibility.current(), network.current()], [false, false]);
    phone.tell("AppShow");
    assert.deepEqual(said.splice(0), ["visible: true", "network: true"]);
    phone.tell("NetworkStatusChange", { isConnected: false, networkType: "none" });
    assert.deepEqual(said.splice(0), ["network: false"]);
    assert.deepEqual([visibility.current(), network.current()], [true, false]);
    for (const stop of stops) stop();
    assert.equal(phone.listening, 0);
    assert.ok(network.current(), "Nobody can tell any more");
  });

  it("has what it can't have otherwise: ids that no other has", async () => {
    for (const dialect of dialects) {
      const { secret } = environmentOf(new FakePhone(dialect));
      const ids = new Set<string>();
      for (let i = 0; i < 300; i++) {
        const bytes = secret(16);
        assert.equal(bytes.length, 16);
        ids.add(bytes.join());
        if (i % 50 === 0) await settle();
      }
      assert.equal(ids.size, 300);
    }
  });

  /** Two people, one of them in a mini program, and a server. */
  const meet = async (
    work: (people: { phone: FakePhone; tom: Realtime; jerry: Realtime }) => Promise<void>,
  ) => {
    const store = createMemoryStore(nodeEnvironment);
    const server = createServer({ apps: [testApp], store, version: "1" }, nodeEnvironment);
    const { port, close } = await serveNode(server, { farewell: 0 });
    const phone = new FakePhone();
    const options = { appId: testApp.id, appKey: testApp.key, server: `http://127.0.0.1:${port}` };
    const jerry = new Realtime(options, environmentOf(phone));
    const tom = new Realtime(options);
    try {
      await work({ phone, tom, jerry });
    } finally {
      await Promise.all([tom.close(), jerry.close()]);
      await close();
    }
    assert.equal(phone.sockets, 0);
    assert.equal(phone.listening, 0);
  };

  it(
    "lets go of its socket while it is hidden, and is back at once when it is shown",
    checkLeaks(() =>
      meet(async ({ phone, tom, jerry }) => {
        const there = await jerry.createIMClient("jerry");
        const here = await tom.createIMClient("tom");
        const conversation = await here.createConversation({ members: ["jerry"] });
        const unread = new Promise<number>((done) =>
          there.on("unreadmessagescountupdate", ([one]) => done(one!.unreadMessagesCount))
        );
        phone.tell("AppHide");
        while (phone.sockets > 0) await settle();
        await conversation.send(new TextMessage("Are you there?"));
        assert.equal(jerry.transport, undefined);
        phone.tell("AppShow");
        assert.equal(await unread, 1);
        // Whoever hides and shows it in a hurry leaves nothing open either.
        for (let i = 0; i < 20; i++) phone.tell(i % 2 ? "AppShow" : "AppHide");
        const heard = new Promise<string>((done) =>
          there.on("message", (message) => done((message as TextMessage).text ?? ""))
        );
        while (jerry.transport === undefined) await settle();
        await there.ping(["jerry"]);
        await conversation.send(new TextMessage("Now?"));
        assert.equal(await heard, "Now?");
        assert.equal(phone.mostSockets, 1);
      })
    ),
  );

  it("has an environment that webSocket and longPoll are made from", () => {
    const environment = environmentOf(new FakePhone());
    const transport = race([webSocket(environment), after(2_000, longPoll(environment))]);
    assert.equal(textOnly(transport).carries, "text");
  });
});
