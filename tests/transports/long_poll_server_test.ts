import assert from "node:assert/strict";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import {
  type ConversationBase,
  Event,
  type IMClient,
  type Message,
  Realtime,
  type RealtimeOptions,
  TextMessage,
} from "@curlew/realtime";
import { cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import type { BodyFetch } from "@curlew/realtime/environment";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";
import { cuts } from "../kit/proxies.ts";
import { realServer } from "../kit/real_server.ts";
import { bundlePage, ServerProcess, withFolder } from "../kit/server_process.ts";
import { testApp } from "../kit/test_server.ts";

const development = { appId: "curlew-dev", appKey: "dev-key" };

/** Times that a test can wait for. */
const realtimeAt = (port: number, options: Partial<RealtimeOptions> = {}): Realtime =>
  new Realtime({
    ...development,
    server: `http://127.0.0.1:${port}`,
    transports: [longPoll()],
    backoff: { first: 20, max: 200 },
    ...options,
  }, { log: listeningLog() });

/** Keeps the texts that a client is given, in order. */
function listen(
  client: IMClient,
): { readonly texts: string[]; until(holds: (texts: string[]) => boolean): Promise<void> } {
  const texts: string[] = [];
  let look = () => {};
  client.on(Event.MESSAGE, (message: Message) => {
    if (message instanceof TextMessage) texts.push(message.text ?? "");
    look();
  });
  return {
    texts,
    until: (holds) =>
      new Promise((done) => {
        look = () => holds(texts) && done();
        look();
      }),
  };
}

/** All texts of a conversation, the oldest first. */
async function history(conversation: ConversationBase): Promise<string[]> {
  const messages = await conversation.queryMessages({ limit: 100 });
  return messages.map((message) => message instanceof TextMessage ? message.text ?? "" : "?");
}

const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at}`);

describe("long-poll with the server as a process", () => {
  before(bundlePage);

  it(
    "carries a chat with a client over WebSocket, in bytes and in text",
    checkLeaks(() =>
      withFolder(async (folder) => {
        await using server = await ServerProcess.start([
          "--port",
          "0",
          "--db",
          join(folder, "curlew.db"),
        ]);
        const kinds: readonly Partial<RealtimeOptions>[] = [
          {},
          { codecs: [json], transports: [textOnly(longPoll())] },
          { codecs: [cborText], transports: [textOnly(longPoll())] },
          { noBinary: true, transports: [textOnly(longPoll())] },
        ];
        await using jerrys = realtimeAt(server.port, { transports: [webSocket()] });
        const jerry = await jerrys.createIMClient("Jerry");
        const heard = listen(jerry);
        for (const [at, kind] of kinds.entries()) {
          await using toms = realtimeAt(server.port, kind);
          const tom = await toms.createIMClient("Tom");
          assert.equal(toms.transport, "long-poll");
          const answers = listen(tom);
          const conversation = await tom.createConversation({ members: ["Jerry"] });
          await conversation.send(new TextMessage(`Hello ${at} 鹬`));
          await heard.until(({ length }) => length > at);
          const same = await jerry.getConversation(conversation.id);
          await same!.send(new TextMessage("Hello"));
          await answers.until(({ length }) => length > 0);
          assert.deepEqual(answers.texts, ["Hello"]);
        }
        assert.deepEqual(heard.texts, kinds.map((_, at) => `Hello ${at} 鹬`));
        assert.equal(server.said.stderr, "");
      })
    ),
  );

  for (const how of ["SIGKILL", "SIGTERM"] as const) {
    it(
      `resumes the session with the next server after ${how}, and each message is there once`,
      checkLeaks(() =>
        withFolder(async (folder) => {
          const args = ["--db", join(folder, "curlew.db")];
          await using first = await ServerProcess.start(["--port", "0", ...args]);
          const { port } = first;
          await using toms = realtimeAt(port);
          await using jerrys = realtimeAt(port);
          const tom = await toms.createIMClient("Tom");
          const jerry = await jerrys.createIMClient("Jerry");
          const conversation = await tom.createConversation({ members: ["Jerry"] });
          const heard = listen(jerry);
          const sent: Promise<unknown>[] = [];
          for (const text of numbers(40)) {
            sent.push(conversation.send(new TextMessage(text)));
            if (text === "20") {
              await sent[10];
              first.signal(how);
            }
          }
          await first.ended;
          const back = Promise.all([tom, jerry].map((client) =>
            new Promise<void>((done) => void client.once(Event.RECONNECT, done))
          ));
          await using second = await ServerProcess.start(["--port", `${port}`, ...args]);
          await back;
          await Promise.all(sent);
          assert.deepEqual((await history(conversation)).sort(), numbers(40).sort());
          await conversation.send(new TextMessage("after"));
          // What was sent before Jerry was back is counted as unread, and read from the history.
          await heard.until((texts) =>
            texts.includes("after")
          );
          assert.equal(new Set(heard.texts).size, heard.texts.length, "None is given twice");
          await Promise.all([toms.close(), jerrys.close()]);
          assert.equal(second.said.stderr, "");
        })
      ),
    );
  }
});

describe("long-poll with the server", () => {
  it(
    "loses and repeats nothing when its connections are cut all the time",
    checkLeaks(async () => {
      const server = await realServer().start();
      const proxy = await cuts(server.port, 15);
      const realtime = realtimeAt(proxy.port, {
        appId: testApp.id,
        appKey: testApp.key,
        RTMServers: `ws://127.0.0.1:${proxy.port}/`,
      });
      try {
        const tom = await realtime.createIMClient("Tom");
        const jerry = await realtime.createIMClient("Jerry");
        const conversation = await tom.createConversation({ members: ["Jerry"] });
        const heard = listen(jerry);
        let lost = 0;
        realtime.on("disconnect", () => lost++);
        proxy.start();
        for (const text of numbers(100)) {
          const sent = conversation.send(new TextMessage(text));
          // One after the other, and a burst now and then.
          if (Number(text) % 7) await sent;
        }
        await heard.until(({ length }) => length >= 100);
        assert.deepEqual(heard.texts, numbers(100));
        assert.equal(lost, 0, "The link outlives its connections");
        assert.ok(proxy.cut > 5, `It cut ${proxy.cut}`);
      } finally {
        proxy.stop();
        await realtime.close();
        await proxy.close();
        await server.close();
      }
    }),
  );

  it(
    "shows its secret in a header alone",
    checkLeaks(async () => {
      const server = await realServer().start();
      const requests: Parameters<BodyFetch>[] = [];
      let secret: unknown;
      const fetch: BodyFetch = async (url, init) => {
        requests.push([url, init]);
        const response = await globalThis.fetch(url, init);
        if (url.endsWith("/lp")) ({ secret } = await response.clone().json());
        return response;
      };
      const realtime = realtimeAt(server.port, {
        appId: testApp.id,
        appKey: testApp.key,
        transports: [longPoll({ fetch })],
      });
      try {
        await realtime.createIMClient("Tom");
        await realtime.close();
        assert.match(String(secret), /^[\w-]{43}$/);
        const [open, ...others] = requests;
        assert.deepEqual(Object.keys(open?.[1]?.headers ?? {}), ["Content-Type"]);
        for (const [url, { headers, body } = {}] of others) {
          assert.equal(headers?.["Curlew-Secret"], secret);
          assert.ok(!`${url}${body}`.includes(String(secret)));
        }
        assert.ok(others.length > 1);
      } finally {
        await realtime.close();
        await server.close();
      }
    }),
  );
});
