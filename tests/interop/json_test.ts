/**
 * Curlew's client that speaks JSON, and one that speaks protobuf, on one server.
 *
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type AnyTransport,
  BinaryMessage,
  type Message,
  Realtime,
  TextMessage,
} from "@curlew/realtime";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Codec, Frame } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { createServer, type Server } from "@curlew/server";
import { nodeEnvironment, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { heard } from "../kit/heard.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";

/** How clients reach a server: where, over what, and how that ends. */
interface Way {
  readonly url: string;
  readonly transport: AnyTransport;
  readonly end: () => Promise<void>;
}

const ways: Readonly<Record<string, (server: Server) => Promise<Way>>> = {
  "the memory transport": (server) =>
    Promise.resolve({
      url: "ws://server/",
      transport: memory({
        protocols: server.protocols,
        accept: (link) => server.accept(link, { address: "127.0.0.1", secure: false }),
      }),
      end: () => server.close(),
    }),
  "a WebSocket": async (server) => {
    const { port, close } = await serveNode(server, { port: 0, log: listeningLog(), farewell: 0 });
    return { url: `ws://127.0.0.1:${port}/`, transport: webSocket(), end: close };
  },
};

/** A codec that keeps what kind of frames it was given. */
function watched<F extends Frame>(codec: Codec<F>): Codec<F> & { readonly given: Set<string> } {
  const given = new Set<string>();
  return {
    ...codec,
    given,
    decode: (frame) => {
      given.add(typeof frame);
      return codec.decode(frame);
    },
  };
}

for (const [name, open] of Object.entries(ways)) {
  describe(`a client that speaks JSON over ${name}`, () => {
    it(
      "talks to one that speaks protobuf",
      checkLeaks(async () => {
        const log = listeningLog();
        const environment = { ...nodeEnvironment, log };
        const server = createServer({
          apps: [{ id: "app", key: "key", masterKey: "master", login: "open" }],
          store: createMemoryStore(environment),
          version: "0",
        }, environment);
        const way = await open(server);
        const device = (codec: Codec) =>
          new Realtime({
            appId: "app",
            appKey: "key",
            RTMServers: way.url,
            transports: [way.transport],
            codecs: [codec],
          }, { log });
        const readable = watched(json);
        const compact = watched(protobuf);
        const devices = [device(readable), device(compact)] as const;
        const tom = await devices[0].createIMClient("tom");
        const jerry = await devices[1].createIMClient("jerry");

        const invited = heard(jerry, "invited");
        const there = await tom.createConversation({ members: ["jerry"], name: "鸟 🐦" });
        await invited;
        const here = await jerry.getConversation(there.id);
        assert.equal(here?.name, "鸟 🐦");

        const read = heard<[TextMessage]>(jerry, "message");
        await there.send(new TextMessage('你好, "wörld" \\ \u0000 🐦'));
        assert.equal((await read)[0].text, '你好, "wörld" \\ \u0000 🐦');

        const received = heard<[Message]>(tom, "message");
        await here!.send(new BinaryMessage(new Uint8Array([0, 127, 128, 255]).buffer));
        const [message] = await received;
        assert.ok(message instanceof BinaryMessage);
        assert.deepEqual([...new Uint8Array(message.buffer)], [0, 127, 128, 255]);
        assert.equal((await there.queryMessages()).length, 2);

        assert.deepEqual([[...readable.given], [...compact.given]], [["string"], ["object"]]);
        await Promise.all(devices.map((each) => each.close()));
        await way.end();
        assert.deepEqual(log.lines.filter(({ level }) => level === "error"), []);
      }),
    );
  });
}
