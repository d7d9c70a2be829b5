import assert from "node:assert/strict";
import { describe, it } from "node:test";
// @ts-types="@types/ws"
import { WebSocket as WsWebSocket } from "ws";
import { Realtime, type RealtimeOptions, TextMessage, TransportError } from "@curlew/realtime";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import type { AnyTransport } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { after, race } from "@curlew/realtime/transports/race";
import { webSocket } from "@curlew/realtime/transports/websocket";
import {
  answers,
  breaksOff,
  garbage,
  half,
  listen,
  type Listening,
  type Misbehave,
  nonsense,
  upgrades,
} from "../kit/hostile.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";
import { realServer } from "../kit/real_server.ts";
import { testApp } from "../kit/test_server.ts";

const ws = WsWebSocket as unknown as WebSocketConstructor;

const transports: Readonly<Record<string, () => AnyTransport>> = {
  websocket: () => webSocket(),
  "websocket, with the class of ws": () => webSocket({ WebSocket: ws }),
  "long-poll": () => longPoll(),
  race: () => race([webSocket(), after(20, longPoll())]),
};

/** What an error says: its `reason`, or its name where it is no `TransportError`, and more. */
type Expected = readonly [what: string, message: RegExp, more?: Partial<TransportError>];

interface Case {
  readonly misbehave: Misbehave;
  readonly atOnce?: Parameters<typeof listen>[2];
  /** What is reported over WebSocket, over long-poll, and over a race of both. */
  readonly webSocket: Expected;
  /** Long-poll asks for no WebSocket, so what happens to one is nothing to it. */
  readonly longPoll?: Expected;
  readonly race: Expected;
}

const nothing = () => {};
const html = { "Content-Type": "text/html" };
const json = { "Content-Type": "application/json" };

const noWebSocket = (why: RegExp): Expected => [
  "unreachable",
  RegExp(`could not be reached.*${why.source}.*lets WebSockets through`),
];

const cases: Readonly<Record<string, Case>> = {
  "says nothing": {
    misbehave: nothing,
    webSocket: ["timeout", /given up before it answered/],
    longPoll: ["timeout", /given up before it answered/],
    race: ["timeout", /No transport reached/],
  },
  "closes at once": {
    misbehave: nothing,
    atOnce: (socket) => socket.destroy(),
    webSocket: noWebSocket(/connection closed|socket hang up|ECONNRESET/),
    longPoll: ["unreachable", /could not be reached.*check the address/],
    race: ["unreachable", /websocket: .*; long-poll: .*/],
  },
  "sends garbage": {
    misbehave: nothing,
    atOnce: (socket) => socket.end(garbage),
    webSocket: noWebSocket(/HTTP|closed|hang up/),
    longPoll: ["unreachable", /could not be reached.*check the address/],
    race: ["unreachable", /websocket: .*; long-poll: .*/],
  },
  "sends half an answer": {
    misbehave: breaksOff,
    webSocket: noWebSocket(/200/),
    longPoll: ["unreachable", /could not be reached.*check the address/],
    race: ["unreachable", /websocket: .*; long-poll: .*/],
  },
  "opens a WebSocket, and sends half a frame": {
    misbehave: upgrades((socket) => socket.end(half)),
    webSocket: ["COMMAND_TIMEOUT", /did not answer session\/open within/],
    race: ["not-curlew", /websocket: The link .* broke.*; long-poll: /],
  },
  "opens a WebSocket, and sends frames of garbage": {
    misbehave: upgrades((socket) => socket.end(garbage)),
    webSocket: ["COMMAND_TIMEOUT", /did not answer session\/open within/],
    race: ["not-curlew", /websocket: The link .* broke.*; long-poll: /],
  },
  "opens a WebSocket, and sends no commands": {
    misbehave: upgrades((socket) => socket.write(nonsense)),
    webSocket: ["COMMAND_TIMEOUT", /./],
    race: ["COMMAND_TIMEOUT", /./],
  },
  "opens a WebSocket, and says nothing": {
    misbehave: upgrades(nothing),
    webSocket: ["COMMAND_TIMEOUT", /./],
    race: ["timeout", /websocket: A link opened, and nothing was heard on it/],
  },
  "chooses a subprotocol that was not offered": {
    misbehave: (socket, head) =>
      /^GET/.test(head) ? upgrades(nothing, "nonsense")(socket, head) : answers(
        "200 OK",
        json,
        '{"id":"a.b","secret":"c","protocol":"nonsense","poll":25000,"keep":60000,"batch":65536}',
      )(socket, head),
    webSocket: ["subprotocol|unreachable", /it chose nonsense; check|invalid subprotocol/],
    longPoll: ["subprotocol", /chose nonsense, which was not offered: check the address/],
    race: ["subprotocol", /websocket: .*; long-poll: .*/],
  },
  "speaks other subprotocols alone": {
    misbehave: (socket, head) =>
      answers("400 Bad Request", json, '{"code":400,"error":"None","protocols":["x.3"]}')(
        socket,
        head,
      ),
    webSocket: noWebSocket(/400/),
    longPoll: ["subprotocol", /it speaks x\.3; use a codec that it knows/],
    race: ["subprotocol", /it speaks x\.3;/],
  },
  "answers with a page": {
    misbehave: answers("200 OK", html, "<!doctype html><title>Welcome to our network</title>"),
    webSocket: noWebSocket(/200/),
    longPoll: ["not-curlew", /whether this network wants a login/],
    race: ["not-curlew", /wants a login/, { status: 200 }],
  },
  "asks to come back later": {
    misbehave: answers("429 Too Many Requests", { ...json, "Retry-After": "7" }, "{}"),
    webSocket: noWebSocket(/429/),
    longPoll: ["busy", /429: try again later/, { status: 429, retryAfter: 7_000 }],
    race: ["busy", /429: try again later/, { status: 429, retryAfter: 7_000 }],
  },
  "stands before a server that is down": {
    misbehave: answers("502 Bad Gateway", html, "<html>Bad gateway"),
    webSocket: noWebSocket(/502/),
    longPoll: ["refused", /502: check that the server behind it runs/],
    race: ["refused", /502/, { status: 502 }],
  },
  "redirects": {
    misbehave: answers("302 Found", { Location: "https://elsewhere.test/" }),
    webSocket: noWebSocket(/302/),
    longPoll: ["refused", /redirects to https:\/\/elsewhere\.test\/; connect to that/],
    race: ["refused", /https:\/\/elsewhere\.test\//, { status: 302 }],
  },
};

/** Times that a test can wait for. */
const options = (port: number, transport: AnyTransport): RealtimeOptions => ({
  appId: testApp.id,
  appKey: testApp.key,
  server: `http://127.0.0.1:${port}`,
  RTMServers: `ws://127.0.0.1:${port}/`,
  transports: [transport],
  requestTimeout: 400,
  heartbeat: { idle: 300, timeout: 300 },
  backoff: { first: 10, max: 40 },
});

function says([what, message, more = {}]: Expected): (error: unknown) => true {
  return (error) => {
    assert.ok(error instanceof Error);
    const kind = error instanceof TransportError ? error.reason : error.name;
    assert.match(kind, RegExp(`^(?:${what})$`), String(error));
    assert.match(error.message, message);
    for (const [key, value] of Object.entries(more)) {
      assert.equal(error[key as keyof Error], value, key);
    }
    return true;
  };
}

/** Opens a client as soon as one opens: how long the network takes to be well is not ours to say. */
async function openOnceWell(realtime: Realtime) {
  for (let tries = 0;; tries++) {
    try {
      return await realtime.createIMClient("Tom");
    } catch (error) {
      if (tries > 20) throw error;
    }
  }
}

for (const [name, make] of Object.entries(transports)) {
  const expectedOf = ({ webSocket, longPoll, race }: Case) =>
    name === "race" ? race : name === "long-poll" ? longPoll : webSocket;

  describe(`a server that misbehaves, over ${name}`, () => {
    for (const [what, bad] of Object.entries(cases)) {
      const expected = expectedOf(bad);
      if (!expected) continue;
      it(
        `${what}: it is reported, and what comes after it is connected to`,
        checkLeaks(async () => {
          const real = realServer();
          const hostile = await listen(bad.misbehave, 0, bad.atOnce);
          const { port } = hostile;
          const realtime = new Realtime(options(port, make()), { log: listeningLog() });
          let server: Omit<Listening, "count"> | undefined;
          try {
            await assert.rejects(realtime.createIMClient("Tom"), says(expected));
            await hostile.close();
            server = await real.start({ port });
            const tom = await openOnceWell(realtime);
            await tom.createConversation({ members: ["Tom"], name: "after all" });
            await realtime.close();
          } finally {
            await hostile.close().catch(nothing);
            await server?.close();
          }
        }),
      );

      // What the class of the socket is makes a difference to what is reported, and none here.
      if (name.endsWith("ws")) continue;
      it(
        `${what} after the server was lost: it backs off, and connects again when that is back`,
        checkLeaks(async () => {
          const real = realServer();
          let server = await real.start();
          const { port } = server;
          const realtime = new Realtime(options(port, make()), { log: listeningLog() });
          let hostile: Listening | undefined;
          try {
            const tom = await realtime.createIMClient("Tom");
            const conversation = await tom.createConversation({ members: ["Tom"] });
            const delays: number[] = [];
            const enough = new Promise<void>((done) => {
              realtime.on("schedule", (attempt, delay) => {
                delays.push(delay);
                if (delay > 1_000) queueMicrotask(() => realtime.retry());
                if (attempt >= 2 || delays.length > 3) done();
              });
            });
            await server.close();
            hostile = await listen(bad.misbehave, port, bad.atOnce);
            await enough;
            const wait = expected[2]?.retryAfter;
            if (wait !== undefined) assert.ok(delays.includes(wait), `It waited ${delays}`);
            await hostile.close();
            server = await real.start({ port });
            await new Promise<void>((done) => void tom.once("reconnect", done));
            await conversation.send(new TextMessage("Again"));
            await realtime.close();
          } finally {
            await hostile?.close().catch(nothing);
            await server.close();
          }
        }),
      );
    }
  });
}
