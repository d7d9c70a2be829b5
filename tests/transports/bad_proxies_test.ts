import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type ConversationBase,
  type Message,
  Realtime,
  type RealtimeOptions,
  TextMessage,
  TransportError,
} from "@curlew/realtime";
import type { BodyFetch } from "@curlew/realtime/environment";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { after, race } from "@curlew/realtime/transports/race";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { fastClock } from "../kit/fast_clock.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";
import { buffers, cutsIdle, type Proxy } from "../kit/proxies.ts";
import { realServer } from "../kit/real_server.ts";
import { testApp } from "../kit/test_server.ts";

type Options = Pick<RealtimeOptions, "transports" | "heartbeat" | "requestTimeout">;

interface World {
  /** A Realtime that goes through the proxy. */
  readonly realtime: (options: Options) => Realtime;
}

/** A server, and a proxy before it. */
function behind(
  makeProxy: (port: number) => Promise<Proxy>,
  test: (world: World) => Promise<void>,
  real = realServer(),
): () => Promise<void> {
  return checkLeaks(async () => {
    const server = await real.start();
    const proxy = await makeProxy(server.port);
    const all: Realtime[] = [];
    try {
      await test({
        realtime: (options) => {
          const realtime = new Realtime({
            appId: testApp.id,
            appKey: testApp.key,
            server: `http://127.0.0.1:${proxy.port}`,
            RTMServers: `ws://127.0.0.1:${proxy.port}/`,
            backoff: { first: 10, max: 50 },
            ...options,
          }, { log: listeningLog() });
          all.push(realtime);
          return realtime;
        },
      });
    } finally {
      await Promise.all(all.map((realtime) => realtime.close().catch(() => {})));
      await proxy.close();
      await server.close();
    }
  });
}

/** Two clients, and a conversation of theirs. */
async function meet(realtime: Realtime) {
  const jerry = await realtime.createIMClient("Jerry");
  const tom = await realtime.createIMClient("Tom");
  const conversation = await tom.createConversation({ members: ["Jerry"] });
  /** Sends a text and waits until it is there. */
  const say = async (text: string): Promise<void> => {
    const heard = new Promise<Message>((done) =>
      jerry.on("message", (message: Message, { id }: ConversationBase) => {
        if (id === conversation.id && (message as TextMessage).text === text) done(message);
      })
    );
    await conversation.send(new TextMessage(text));
    await heard;
    jerry.removeAllListeners("message");
  };
  return { jerry, tom, say };
}

const both = () => race([webSocket(), after(50, longPoll())]);

describe("behind a proxy that knows of no WebSocket", () => {
  const proxy = (port: number) => buffers(port, "strips");

  it(
    "a WebSocket is refused, and says what to check",
    behind(proxy, async ({ realtime }) => {
      await assert.rejects(
        realtime({ transports: [webSocket()] }).createIMClient("Tom"),
        (error: unknown) =>
          error instanceof TransportError && error.reason === "unreachable" &&
          /a proxy before it lets WebSockets through/.test(error.message),
      );
    }),
  );

  it(
    "long-poll works",
    behind(proxy, async ({ realtime }) => {
      const { say } = await meet(realtime({ transports: [longPoll()] }));
      for (const text of ["one", "two", "three"]) await say(text);
    }),
  );

  it(
    "a race is won by long-poll",
    behind(proxy, async ({ realtime }) => {
      const racing = realtime({ transports: [both()] });
      const { say } = await meet(racing);
      assert.equal(racing.transport, "long-poll");
      await say("by another way");
    }),
  );
});

describe("behind a proxy that lets a WebSocket open, and swallows what comes over it", () => {
  const proxy = (port: number) => buffers(port, "swallows");

  it(
    "a WebSocket is of no use, and nobody waits for it for ever",
    behind(proxy, async ({ realtime }) => {
      await assert.rejects(
        realtime({ transports: [webSocket()], requestTimeout: 300 }).createIMClient("Tom"),
        { name: "COMMAND_TIMEOUT" },
      );
    }),
  );

  it(
    "a race is won by long-poll",
    behind(proxy, async ({ realtime }) => {
      const racing = realtime({ transports: [both()] });
      const { say } = await meet(racing);
      assert.equal(racing.transport, "long-poll");
      await say("by another way");
    }),
  );
});

describe("behind a proxy that cuts what is idle", () => {
  it(
    "a WebSocket lives by its heartbeat",
    behind((port) => cutsIdle(port, 800), async ({ realtime }) => {
      const beating = realtime({
        transports: [webSocket()],
        heartbeat: { idle: 200, timeout: 400 },
      });
      const { say } = await meet(beating);
      let lost = 0;
      beating.on("disconnect", () => lost++);
      await new Promise((done) => setTimeout(done, 1_800));
      await say("still here");
      assert.equal(lost, 0);
    }),
  );

  it(
    "a WebSocket that is cut comes back, and nothing is lost",
    behind((port) => cutsIdle(port, 400), async ({ realtime }) => {
      const { jerry, say } = await meet(realtime({ transports: [webSocket()] }));
      await new Promise<void>((done) => void jerry.once("reconnect", done));
      await say("back again");
    }),
  );

  const clock = fastClock(50);
  it(
    "long-poll asks for shorter polls, and lives",
    behind((port) => cutsIdle(port, 10_000 / 50), async ({ realtime }) => {
      const waits: number[] = [];
      const fetch: BodyFetch = (url, init) => {
        if (url.endsWith("/poll")) waits.push(JSON.parse(String(init?.body)).wait);
        return globalThis.fetch(url, init);
      };
      const polling = realtime({ transports: [longPoll({ fetch, clock })] });
      const { say } = await meet(polling);
      let lost = 0;
      polling.on("disconnect", () => lost++);
      // Two minutes, of which one request at most may go without an answer.
      await new Promise((done) => setTimeout(done, 120_000 / 50));
      await say("still here");
      assert.equal(lost, 0);
      assert.equal(waits[0], 25_000);
      const last = waits.at(-1)!;
      assert.ok(last >= 2_000 && last < 10_000, `It asks to be answered within ${last} ms`);
      assert.ok(waits.length < 60, `It asked ${waits.length} times`);
    }, realServer(clock)),
  );
});
