import assert from "node:assert/strict";
import { connect } from "node:net";
import { describe, it } from "node:test";
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import {
  type Codec,
  type Command,
  contentType,
  readBatch,
  secretHeader,
} from "@curlew/realtime/protocol";
import type { Server } from "@curlew/server";
import { type NodeOptions, serveNode } from "@curlew/server/runtimes/node";
import { checkLeaks } from "../../kit/leaks.ts";
import { ask, LongPollClient, type Post } from "../../kit/long_poll_client.ts";
import { type TestServer, testServer, type TestServerOptions } from "../../kit/test_server.ts";
import { until } from "../../kit/wire_client.ts";

interface Rig extends TestServer {
  readonly port: number;
  /** Posts to `http://127.0.0.1:port/…`. */
  readonly post: Post;
  readonly close: () => Promise<void>;
  /** How many requests are not answered yet. */
  readonly unanswered: () => number;
  /** Opens a channel and logs in on it. */
  readonly enter: (client: string, codec?: Codec) => Promise<Speaker>;
}

/** How long an answer may take that comes at once, in ms of real time. */
const PATIENCE = 10_000;

/** A test over `node:http`, whose server lives in fake time. */
const promises = (
  promise: string,
  body: (rig: Rig) => Promise<void>,
  options: TestServerOptions & { readonly node?: string; readonly over?: NodeOptions } = {},
) =>
  it(
    promise,
    checkLeaks(async () => {
      const { over, ...rest } = options;
      const made = testServer(rest);
      const { log } = made;
      let unanswered = 0;
      const counting: Server = {
        ...made.server,
        fetch: (request, peer) => {
          unanswered++;
          return made.server.fetch(request, peer).finally(() => unanswered--);
        },
      };
      const served = await serveNode(counting, { log, farewell: 0, closeTimeout: 500, ...over });
      const post: Post = (path, init) =>
        fetch(`http://127.0.0.1:${served.port}/${path}`, {
          signal: AbortSignal.timeout(PATIENCE),
          ...init,
        });
      const close = async () => {
        await served.close();
        assert.equal(made.clock.waiting, 0, "A timer is left");
      };
      const enter = (client: string, codec: Codec = json) => Speaker.enter(post, client, codec);
      try {
        await body({
          ...made,
          port: served.port,
          post,
          close,
          enter,
          unanswered: () => unanswered,
        });
      } finally {
        await close();
      }
      const secrets = /[A-Za-z0-9_-]{43}/;
      for (const { event, fields } of log.lines) {
        assert.doesNotMatch(`${event} ${JSON.stringify(fields)}`, secrets, "A secret was logged");
      }
    }),
  );

/** Somebody who speaks the protocol over a channel. */
class Speaker {
  #serial = 0;

  private constructor(readonly channel: LongPollClient, readonly codec: Codec) {}

  static async enter(post: Post, peerId: string, codec: Codec): Promise<Speaker> {
    const channel = await LongPollClient.open(post, codec.subprotocol(3));
    const speaker = new Speaker(channel, codec);
    const reply = await speaker.request({
      cmd: "session",
      op: "open",
      appId: "app",
      peerId,
      sessionMessage: { ua: "test", configBitmap: 187 },
    });
    assert.equal(reply.op, "opened");
    return speaker;
  }

  /** Sends a command, and waits for its reply. */
  async request(command: Command): Promise<Command> {
    const i = ++this.#serial;
    await this.channel.send([this.codec.encode({ ...command, i }).slice()]);
    return await this.hear((reply) => reply.i === i);
  }

  /** Polls until something comes that is meant; all else is dropped. */
  async hear(meant: (command: Command) => boolean): Promise<Command> {
    for (;;) {
      const { frames, close } = await this.channel.take();
      assert.equal(close, undefined);
      const found = frames.map((frame) => this.codec.decode(frame)).find(meant);
      if (found) return found;
    }
  }
}

const opening = JSON.stringify({ protocols: ["curlew.json.3"] });

describe("long-poll over HTTP", () => {
  promises("opens a channel, and tells its bounds", async ({ post }) => {
    const { status, headers, json } = await ask(post, "lp", opening);
    const { id, secret, ...rest } = json;
    assert.equal(status, 200);
    assert.deepEqual(rest, {
      protocol: "curlew.json.3",
      poll: 25_000,
      keep: 60_000,
      batch: 262_144,
    });
    assert.match(`${id}`, /^node-7\.[\w-]{22}$/);
    assert.match(`${secret}`, /^[\w-]{43}$/);
    assert.equal(headers.get("cache-control"), "no-store");
    assert.equal(headers.get("set-cookie"), null);
    const other = await ask(post, "lp", opening);
    assert.notEqual(other.json.id, id);
    assert.notEqual(other.json.secret, secret);
  }, { node: "node-7" });

  promises("names a node of its own where none is given", async ({ post }) => {
    const first = await ask(post, "lp", opening);
    const second = await ask(post, "lp", opening);
    const [node, other] = [first, second].map(({ json }) => `${json.id}`.split(".")[0]);
    assert.match(node!, /^[\w-]{8}$/);
    assert.equal(node, other);
  });

  promises("takes the first subprotocol that it knows, or none", async ({ post, server }) => {
    const offer = (protocols: unknown) => ask(post, "lp", JSON.stringify({ protocols }));
    const { json } = await offer(["unknown", "lc.proto2base64.1", "curlew.json.3"]);
    assert.equal(json.protocol, "lc.proto2base64.1");
    for (const none of [["unknown"], [], [3], ["__proto__"]]) {
      const { status, json } = await offer(none);
      assert.equal(status, 400);
      assert.deepEqual(json.protocols, server.protocols);
    }
    for (const none of ["", "null", "[]", "{}", "{", '{"protocols":"curlew.json.3"}', "\0"]) {
      const { status, json } = await ask(post, "lp", none);
      assert.deepEqual([status, json.code, json.protocols], [400, 400, undefined]);
    }
  });

  for (const codec of [protobuf, protobufText, cbor, cborText, json]) {
    promises(`carries a conversation in ${codec.name}`, async ({ enter, login, log }) => {
      const tom = await enter("tom", codec);
      const jerry = await login("jerry");
      const { op, convMessage } = await tom.request({
        cmd: "conv",
        op: "start",
        peerId: "tom",
        convMessage: { m: ["tom", "jerry"], attr: { data: "{}" } },
      });
      assert.equal(op, "started");
      const cid = convMessage!.cid!;
      const directMessage = { cid, msg: '{"_lctype":-1,"_lctext":"鹬"}' };
      const acked = await tom.request({ cmd: "direct", peerId: "tom", directMessage });
      assert.ok(acked.ackMessage?.uid);
      const heard = await until(() => jerry.heard.find(({ cmd }) => cmd === "direct"), "message");
      assert.equal(heard.directMessage?.msg, directMessage.msg);
      const poll = tom.hear(({ cmd }) => cmd === "direct");
      jerry.send({ cmd: "direct", peerId: "jerry", directMessage: { cid, msg: "back" } });
      assert.equal((await poll).directMessage?.msg, "back");
      const text = codec.frames === "text";
      const { headers } = await tom.channel.poll(0, 0);
      assert.equal(headers.get("content-type"), contentType(text ? "" : new Uint8Array()));
      assert.deepEqual(log.lines, []);
    });
  }

  promises("belongs to the app that was logged in to", async ({ enter }) => {
    const tom = await enter("tom");
    const reply = await tom.request({ cmd: "session", op: "open", appId: "other", peerId: "eve" });
    assert.equal(reply.errorMessage?.code, 4100);
  });

  promises("is unknown to whom it does not belong", async ({ post, clock }) => {
    const open = () => LongPollClient.open(post, "curlew.json.3");
    const [mine, other] = [await open(), await open()];
    const page = { origin: "https://page.example" };
    const { json } = await ask(post, "lp", opening, { headers: page });
    const paged = { id: `${json.id}`, secret: `${json.secret}` };
    const tries: readonly [string, Record<string, string>][] = [
      [mine.id, {}],
      [mine.id, { [secretHeader]: "" }],
      [mine.id, { [secretHeader]: other.secret }],
      [mine.id, { [secretHeader]: mine.secret.slice(0, 42) }],
      [mine.id, { [secretHeader]: `${mine.secret}A` }],
      [mine.id, { [secretHeader]: mine.secret, ...page }],
      [mine.id, { [secretHeader]: mine.secret, origin: "null" }],
      [paged.id, { [secretHeader]: paged.secret }],
      [paged.id, { [secretHeader]: paged.secret, origin: "https://page.example:444" }],
      [mine.id.replace(/\w$/, "!"), { [secretHeader]: mine.secret }],
      [`x${mine.id}`, { [secretHeader]: mine.secret }],
      ["__proto__", { [secretHeader]: mine.secret }],
      ["..", { [secretHeader]: mine.secret }],
    ];
    const said = new Set<string>();
    for (const [id, headers] of tries) {
      for (const what of ["send", "poll"]) {
        const { status, json } = await ask(post, `lp/${id}/${what}`, '{"ack":0}', { headers });
        assert.equal(status, 404, `${id} ${what} ${JSON.stringify(headers)}`);
        if (id === mine.id || id === paged.id) said.add(JSON.stringify(json));
      }
    }
    assert.equal(said.size, 1, "The answer tells why");
    for (const [{ id, secret }, headers] of [[mine, {}], [paged, page]] as const) {
      const poll = ask(post, `lp/${id}/poll`, '{"ack":0,"wait":0}', {
        headers: { [secretHeader]: secret, ...headers },
      });
      assert.equal((await poll).status, 200);
    }
    await clock.advance(10_000);
  });

  promises("refuses what a form can send, and other methods", async ({ post, enter }) => {
    const { channel } = await enter("tom");
    const forms = ["application/x-www-form-urlencoded", "multipart/form-data", "text/plain", ""];
    for (const type of [...forms, "text/plain; application/json", "application/jsonp"]) {
      const init = { headers: { "content-type": type } };
      assert.equal((await ask(post, "lp", opening, init)).status, 415, type);
      assert.equal((await channel.ask("send", '{"first":2,"ack":0}', init)).status, 415, type);
      assert.equal((await channel.ask("poll", '{"ack":0,"wait":0}', init)).status, 415, type);
    }
    const binary = { headers: { "content-type": "application/octet-stream" } };
    assert.equal((await ask(post, "lp", opening, binary)).status, 415);
    const fine = { headers: { "content-type": "Application/JSON; charset=utf-8" } };
    assert.equal((await ask(post, "lp", opening, fine)).status, 200);
    for (const path of ["lp", `lp/${channel.id}/poll`, `lp/${channel.id}/send`]) {
      for (const method of ["GET", "PUT", "DELETE"]) {
        const { status, headers } = await post(path, { method });
        assert.deepEqual([status, headers.get("allow")], [405, "POST"]);
      }
    }
    for (const path of ["lp/", "lpx", `lp/${channel.id}`, `lp/${channel.id}/close`, "xlp"]) {
      assert.equal((await ask(post, path, "{}")).status, 404);
    }
  });

  promises("lets pages of any origin ask, without credentials", async ({ post }) => {
    const origin = "https://page.example";
    const { status, headers } = await post("lp/x.y/poll", {
      method: "OPTIONS",
      headers: {
        origin,
        "access-control-request-method": "POST",
        "access-control-request-headers": "content-type,curlew-secret",
      },
    });
    assert.equal(status, 204);
    assert.equal(headers.get("access-control-allow-origin"), "*");
    assert.equal(headers.get("access-control-allow-credentials"), null);
    assert.equal(headers.get("access-control-allow-methods"), "POST");
    assert.match(headers.get("access-control-allow-headers")!, /content-type.*curlew-secret/i);
    assert.equal(headers.get("access-control-max-age"), "86400");
    const refused = await ask(post, "lp/x.y/poll", "{}", { headers: { origin } });
    assert.equal(refused.headers.get("access-control-allow-origin"), "*");
    assert.equal(refused.headers.get("access-control-expose-headers"), "Retry-After");
  });

  promises("refuses a body that is too large, and the channel lives", async ({ enter, post }) => {
    const stranger = await LongPollClient.open(post, "curlew.json.3");
    const { channel } = await enter("tom");
    const streamed = (size: number) => ({
      body: new Blob([" ".repeat(size)]).stream(),
      duplex: "half",
    });
    const sizes = [[stranger, 65_536], [channel, 262_144]] as const;
    for (const [to, most] of sizes) {
      const batch = JSON.stringify({ first: to.next, ack: 0, frames: [] });
      assert.equal((await to.ask("send", batch.padEnd(most))).status, 200);
      assert.equal((await to.ask("send", batch.padEnd(most + 1))).status, 413);
      assert.equal((await to.ask("send", "", streamed(most + 1))).status, 413);
      assert.equal((await to.ask("send", "", streamed(2_000_000))).status, 413);
      assert.equal((await to.ask("poll", '{"ack":0}'.padEnd(16_385))).status, 413);
      assert.equal((await to.poll(0)).status, 200);
    }
    assert.equal((await ask(post, "lp", opening.padEnd(16_385))).status, 413);
  });

  promises("takes nothing from a body that is no batch", async ({ enter }) => {
    const { channel, codec } = await enter("tom");
    const texts = ["", "{", "null", "[]", "{}", '{"first":2}', '{"first":2,"ack":-1}', "\0"];
    for (const batch of [...texts, '{"first":2,"ack":0,"frames":[7]}', new Uint8Array(3)]) {
      const { status, json } = await channel.ask("send", batch);
      assert.deepEqual([status, json.code], [400, 400], String(batch));
    }
    const half = new Uint8Array([0, 0, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 9, 1]);
    assert.equal((await channel.ask("send", half)).status, 400);
    for (const body of ["", "null", '{"ack":"0"}', '{"ack":-1}', '{"ack":0,"wait":"x"}']) {
      assert.equal((await channel.ask("poll", body)).status, 400, body);
    }
    await channel.send(["no command"]);
    const [said] = (await channel.take()).frames;
    assert.equal(codec.decode(said!).cmd, "error");
  });

  promises("gives slow bodies up, and the channel lives", async ({ enter, port }) => {
    const { channel } = await enter("tom");
    const socket = connect(port, "127.0.0.1");
    const heard = new Promise<string>((resolve) =>
      socket.once("data", (data) => resolve(`${data}`))
    );
    socket.write(
      `POST /lp/${channel.id}/send HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 100\r\n` +
        `Content-Type: application/json\r\n${secretHeader}: ${channel.secret}\r\n\r\n{`,
    );
    assert.match(await heard, /^HTTP\/1.1 408 /);
    socket.destroy();
    assert.equal((await channel.send([])).status, 200);
  }, { over: { requestTimeout: 200 } });

  promises("loses nothing when a client goes away under its poll", async (rig) => {
    const { enter, clock, login, unanswered } = rig;
    const [tom, harry] = [await enter("tom"), await enter("harry")];
    const gone = new AbortController();
    const init = { signal: gone.signal };
    const polls = [tom, harry].map(({ channel }) => channel.poll(undefined, channel.got, init));
    await until(() => unanswered() === 2, "poll that waits");
    gone.abort();
    await Promise.all(polls.map((poll) => assert.rejects(poll)));
    await until(() => unanswered() === 0, "end of their wait");
    const jerry = await login("jerry");
    const convMessage = { m: ["tom", "jerry"], attr: { data: "{}" } };
    jerry.send({ cmd: "conv", op: "start", peerId: "jerry", convMessage });
    const joined = await tom.hear(({ cmd }) => cmd === "conv");
    assert.equal(joined.op, "joined");
    await clock.advance(59_999);
    assert.equal((await tom.channel.poll(0)).status, 200);
    await clock.advance(1);
    assert.equal((await harry.channel.poll(0)).status, 404, "60 s after it went away");
  });

  promises("tells the polls that wait when the server closes", async (rig) => {
    const { enter, close, server, unanswered } = rig;
    const tom = await enter("tom");
    const poll = tom.channel.take();
    await until(() => unanswered() === 1, "poll that waits");
    const leaving = server.close(20_000);
    const { frames } = await poll;
    assert.deepEqual(frames.map((frame) => tom.codec.decode(frame).cmd), ["goaway"]);
    const last = tom.channel.take();
    await until(() => unanswered() === 1, "poll that waits");
    await rig.clock.advance(20_000);
    assert.equal((await last).close?.code, 1001);
    await leaving;
    assert.equal((await tom.channel.poll()).status, 404);
    await close();
  });

  promises("is served beside each path of the WebSockets", async ({ post }) => {
    assert.equal((await ask(post, "chat/lp", opening)).status, 200);
    assert.equal((await ask(post, "lp", opening)).status, 200);
  }, { publicUrl: "https://chat.example/chat/" });

  promises("counts the channels of each client behind a trusted proxy", async ({ post }) => {
    const open = async (address: string) => {
      const { status, headers } = await ask(post, "lp", opening, {
        headers: { "x-forwarded-for": address },
      });
      return [status, headers.get("retry-after")];
    };
    assert.deepEqual(await open("192.0.2.1"), [200, null]);
    assert.deepEqual(await open("192.0.2.1"), [429, "10"]);
    assert.deepEqual(await open("192.0.2.2"), [200, null]);
    assert.deepEqual(await open("192.0.2.3"), [503, "10"]);
  }, { limits: { channelsPerAddress: 1, channels: 2 }, over: { trustProxy: ["127.0.0.1"] } });

  promises(
    "ends what comes from elsewhere where this machine alone is served",
    async ({ post }) => {
      const origin = "https://evil.example";
      const { status, json } = await ask(post, "lp", opening, { headers: { origin } });
      assert.equal(status, 200);
      const headers = { origin, [secretHeader]: `${json.secret}` };
      const { body } = await ask(post, `lp/${json.id}/poll`, '{"ack":0}', { headers });
      assert.deepEqual(readBatch(body).close, { code: 4110, reason: "INVALID_ORIGIN" });
      const local = await ask(post, "lp", opening, { headers: { origin: "http://localhost:1" } });
      assert.equal(local.status, 200);
    },
    { localOnly: true },
  );
});
