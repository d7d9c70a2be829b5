/**
 * The server and Curlew's client with each codec that both have, over memory and over a WebSocket.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as curlew from "@curlew/realtime";
import {
  BinaryMessage,
  type Message,
  type Plugin,
  Realtime,
  type RealtimeOptions,
  TextMessage,
} from "@curlew/realtime";
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf, protobufText } from "@curlew/realtime/codecs/protobuf";
import type { Codec, Frame, Transport } from "@curlew/realtime/protocol";
import { memory } from "@curlew/realtime/transports/memory";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { createServer, type Server } from "@curlew/server";
import { nodeEnvironment, serveNode } from "@curlew/server/runtimes/node";
import { createMemoryStore } from "@curlew/server/store/memory";
import { heard } from "../kit/heard.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";
import { endToEnd } from "../runtimes/suite.ts";

const apps = [
  { id: "app", key: "key", masterKey: "master", login: "open" },
  { id: "signed", key: "key", masterKey: "master", login: "signed" },
] as const;

/** A server in this process. */
function serve(log = listeningLog()): Server {
  const environment = { ...nodeEnvironment, log };
  return createServer(
    { apps, store: createMemoryStore(environment), version: "0", localOnly: true },
    environment,
  );
}

/** A way to the server without a network; it may know fewer subprotocols than the server does. */
const within = (server: Server, protocols = server.protocols): Transport =>
  memory({
    protocols,
    accept: (link) => server.accept(link, { address: "127.0.0.1", secure: false }),
  });

/** A codec that keeps the kinds of the frames that it was given. */
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

const codecs: readonly Codec[] = [protobuf, protobufText, cbor, cborText, json];

describe("the end-to-end suite, in one process", () => {
  const log = listeningLog();
  const server = serve(log);
  const way = { url: "", close: () => Promise.resolve() };

  before(async () => {
    const { port, close } = await serveNode(server, { port: 0, log, farewell: 0 });
    Object.assign(way, { url: `http://127.0.0.1:${port}`, close });
  });
  after(() => way.close());

  for (const codec of codecs) {
    for (const transport of [within(server), webSocket()]) {
      describe(`with ${codec.name} over ${transport.name}`, () => {
        // The cases' names are known before there is an address.
        const cases = () =>
          endToEnd(curlew, {
            url: way.url,
            appId: "app",
            appKey: "key",
            signed: { appId: "signed", appKey: "key" },
          }, { codecs: [codec], transports: [transport] });
        for (const [index, { name }] of cases().entries()) {
          it(name, () => cases()[index]!.run());
        }
      });
    }
  }
});

describe("clients of one server", () => {
  for (const codec of codecs) {
    it(
      `understand each other: one speaks ${codec.name}, the other protobuf`,
      checkLeaks(async () => {
        const log = listeningLog();
        const server = serve(log);
        const device = (codec: Codec) =>
          new Realtime({
            appId: "app",
            appKey: "key",
            RTMServers: "ws://server/",
            transports: [within(server)],
            codecs: [codec],
          }, { log });
        const one = watched(codec);
        const other = watched(protobuf);
        const devices = [device(one), device(other)] as const;
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

        const kind = codec.frames === "text" ? "string" : "object";
        assert.deepEqual([[...one.given], [...other.given]], [[kind], ["object"]]);
        await Promise.all(devices.map((each) => each.close()));
        await server.close();
        assert.deepEqual(log.lines.filter(({ level }) => level === "error"), []);
      }),
    );
  }
});

describe("a client that offers several codecs", () => {
  /** Logs in on a server that knows only these subprotocols, and says which were offered and taken. */
  async function agreed(
    options: Partial<RealtimeOptions>,
    known?: readonly string[],
  ): Promise<{ offered: readonly string[]; taken: string | undefined }> {
    const server = serve();
    const inner = within(server, known);
    let offered: readonly string[] = [];
    let taken: string | undefined;
    const transport: Transport = {
      ...inner,
      open: (dial, accept) => {
        offered = dial.protocols;
        return inner.open(dial, (link) => {
          taken = link.protocol;
          return accept(link);
        });
      },
    };
    const realtime = new Realtime({
      appId: "app",
      appKey: "key",
      RTMServers: "ws://server/",
      transports: [transport],
      ...options,
    }, { log: listeningLog() });
    const tom = await realtime.createIMClient("tom");
    assert.deepEqual(await tom.ping(["tom"]), ["tom"]);
    await realtime.close();
    await server.close();
    return { offered, taken };
  }

  const plugins: readonly Plugin[] = [{ codecs: [cbor] }, { codecs: [json] }];
  const all = ["curlew.cbor.3", "curlew.json.3", "lc.protobuf2.3"];

  it(
    "speaks a plugin's where the server knows it",
    checkLeaks(async () => {
      assert.deepEqual(await agreed({ plugins }), { offered: all, taken: all[0] });
    }),
  );

  it(
    "speaks the next where the server does not",
    checkLeaks(async () => {
      for (const known of all) {
        assert.deepEqual(await agreed({ plugins }, [known]), { offered: all, taken: known });
      }
    }),
  );

  it(
    "offers text with noBinary: the twins of what is binary",
    checkLeaks(async () => {
      const offered = ["curlew.cbor2base64.3", "lc.proto2base64.3"];
      const options = { codecs: [cbor, protobuf], noBinary: true };
      assert.deepEqual(await agreed(options), { offered, taken: offered[0] });
      assert.deepEqual(await agreed(options, all.concat(offered[1]!)), {
        offered,
        taken: offered[1],
      });
      assert.deepEqual((await agreed({ plugins, noBinary: true })).offered, [
        "curlew.cbor2base64.3",
        "curlew.json.3",
        "lc.proto2base64.3",
      ]);
    }),
  );

  it(
    "asks for missed messages to be pushed under the first version's names",
    checkLeaks(async () => {
      const { taken } = await agreed({ plugins, pushOfflineMessages: true });
      assert.equal(taken, "curlew.cbor.1");
    }),
  );
});
