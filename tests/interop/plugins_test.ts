/**
 * LeanCloud's plugin of rich messages as it is on npm, with LeanCloud's storage SDK: in LeanCloud's
 * client and in Curlew's, and Curlew's own rich messages beside them.
 *
 * @module
 */
import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import * as curlew from "@curlew/realtime";
import * as rich from "@curlew/realtime/plugins/rich-messages";
import * as four from "leancloud-realtime-4";
import * as five from "leancloud-realtime-5";
import initPlugin from "leancloud-realtime-plugin-typed-messages";
import AV from "leancloud-storage";
import { heard } from "../kit/heard.ts";
import { ServerProcess } from "../kit/server_process.ts";

type Classes = Pick<
  ReturnType<typeof initPlugin>,
  "FileMessage" | "ImageMessage" | "AudioMessage" | "VideoMessage" | "LocationMessage"
>;

/** Somebody in the conversation: an SDK, with classes for rich messages. */
interface Way {
  readonly id: string;
  readonly sdk: typeof five;
  readonly plugin: five.Plugin;
  readonly classes: Classes;
}

/** An SDK with LeanCloud's plugin, which is handed it. */
function withTheirs(id: string, sdk: typeof five): Way {
  const { TypedMessagesPlugin, ...classes } = initPlugin(AV, sdk as never);
  return { id, sdk, plugin: TypedMessagesPlugin as never, classes };
}

/** Runs with `__proto__`, by which ES5 inherits what is static. All platforms have it but Deno. */
function withProto<T>(run: () => T): T {
  Object.defineProperty(Object.prototype, "__proto__", {
    configurable: true,
    get() {
      return Object.getPrototypeOf(this);
    },
    set(parent: object) {
      Object.setPrototypeOf(this, parent);
    },
  });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(Object.prototype, "__proto__");
  }
}

// The official declarations are looser than Curlew's (`any`, `Object`), so casts are between them.
const ours = curlew as unknown as typeof five;
const own: Way = {
  id: "curlew",
  sdk: ours,
  plugin: rich.richMessages as never,
  classes: rich as unknown as Classes,
};

// It asks nobody, but makes no file before it was told of an app.
AV.init({ appId: "rich", appKey: "key", serverURL: "http://127.0.0.1:9" });

function savedFile(name: string, metaData: Readonly<Record<string, unknown>>) {
  const file = AV.File.withURL(name, `https://files.example.com/${name}`);
  file.id = `id-of-${name}`;
  for (const [key, value] of Object.entries(metaData)) file.metaData(key, value);
  return file;
}

/** Each kind of message, and what is said of it wherever it arrives. */
const kinds: readonly (readonly [keyof Classes, type: number, AV.File | AV.GeoPoint, string])[] = [
  ["FileMessage", -6, savedFile("plan.pdf", { size: 48_213 }), "[文件] plan.pdf"],
  ["ImageMessage", -2, savedFile("cat.jpg", { width: 640, height: 480 }), "[图片] cat.jpg"],
  ["AudioMessage", -3, savedFile("meow.mp3", { duration: 2.5 }), "[语音] meow.mp3"],
  ["VideoMessage", -4, savedFile("cat.mp4", { duration: 12 }), "[视频] cat.mp4"],
  ["LocationMessage", -5, new AV.GeoPoint(31.2304, 121.4737), "[位置] here"],
];

/** What each kind says of its file or place, read as an app reads LeanCloud's classes. */
function contentOf(message: object): unknown {
  if ("getLocation" in message) {
    const { latitude, longitude } = (message as rich.LocationMessage).getLocation();
    return { latitude, longitude };
  }
  const file = (message as rich.FileMessage).getFile();
  const { name: _, ...metaData } = file.metaData() as Record<string, unknown>;
  return { id: file.id, url: file.url(), name: file.name(), metaData };
}

for (const [version, sdk] of [["5.0.0-rc.8", five], ["4.3.1", four]] as const) {
  describe(`rich messages between Curlew and leancloud-realtime ${version}`, () => {
    const appId = `rich-${version[0]}`;
    const people: readonly Way[] = [
      withProto(() => withTheirs("official", sdk as typeof five)),
      withProto(() => withTheirs("curlew-with-their-plugin", ours)),
      withTheirs("curlew-with-their-plugin-in-deno", ours),
      own,
    ];
    let server: ServerProcess;
    const clients = new Map<Way, five.IMClient>();
    let cid: string;

    before(async () => {
      server = await ServerProcess.start(["--port=0", "--db=:memory:", `--app=${appId}:key`]);
      for (const way of people) {
        const where = way.sdk === ours || sdk === five
          ? { server: server.url }
          : { RTMServers: server.url.replace("http", "ws") }; // 4.3.1 asks a router by https alone
        const { Realtime } = way.sdk;
        const options = { appId, appKey: "key", plugins: [way.plugin], ...where };
        clients.set(way, await new Realtime(options as never).createIMClient(way.id));
      }
      const members = people.map(({ id }) => id);
      cid = (await clients.get(own)!.createConversation({ members, unique: false })).id;
    });
    after(async () => {
      for (const client of clients.values()) await client.close();
      await server?.stop();
    });

    for (const sender of people) {
      for (const [name, type, content, summary] of kinds) {
        it(`${sender.id} sends ${name}, and each of the others has it as its own`, async () => {
          const others = people.filter((way) => way !== sender);
          const arrived = others.map((way) =>
            heard<[five.TypedMessage]>(clients.get(way)!, "message")
          );
          const conversation = (await clients.get(sender)!.getConversation(cid))!;
          const sent = new sender.classes[name](content as never) as object as curlew.TypedMessage;
          sent.setText("here").setAttributes({ draft: true });
          await conversation.send(sent as never);
          for (const [i, { classes }] of others.entries()) {
            const [message] = await arrived[i]!;
            assert.ok(message instanceof classes[name]);
            assert.equal(message.id, sent.id);
            assert.deepEqual(
              [message.type, message.text, message.attributes, message.summary],
              [type, "here", { draft: true }, summary],
            );
            assert.deepEqual(contentOf(message), contentOf(sent));
          }
        });
      }
    }

    it("are in the history for each, as its own", async () => {
      for (const way of people) {
        const conversation = (await clients.get(way)!.getConversation(cid))!;
        const messages = await conversation.queryMessages({ limit: 100 });
        const names = kinds.map(([name]) => name);
        assert.deepEqual(
          messages.map((message) =>
            names.find((name) => message.constructor === way.classes[name])
          ),
          people.flatMap(() => names),
        );
      }
    });
  });
}
