import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, describe, it } from "node:test";
import { type IMClient, Realtime, TextMessage } from "@curlew/realtime";
import { heard } from "../kit/heard.ts";
import { missingForJava } from "../kit/java_program.ts";
import { type JavaClient, type JavaFacts, JavaSdk } from "../kit/java_sdk.ts";
import { ServerProcess } from "../kit/server_process.ts";

const APP = "official-java"; // the SDK wants more than 8 characters

const missing = await missingForJava();
if (missing.length > 0) {
  console.log(
    `Skipped: there is no ${missing.join(", ")} here ` +
      "(Debian has them as openjdk-17-jdk-headless and maven)",
  );
}

describe("realtime-core 6.0.5, for Java", { skip: missing.length > 0 }, () => {
  let folder: string;
  let server: ServerProcess;
  let java: JavaSdk;
  let curlew: Realtime;
  const opened = new Set<{ close(): Promise<unknown> }>();

  async function start(port = 0): Promise<void> {
    server = await ServerProcess.start([
      `--port=${port}`,
      `--db=${join(folder, "curlew.db")}`,
      `--apps=${join(folder, "apps.json")}`,
    ]);
  }

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), "curlew-"));
    const app = { id: APP, key: "key", masterKey: "master", roles: true };
    await writeFile(join(folder, "apps.json"), JSON.stringify([app]));
    await start();
    java = await JavaSdk.start(APP, "key", server.url);
    await java.connect();
    const options = { appId: APP, appKey: "key", server: server.url };
    curlew = new Realtime(options);
  });
  afterEach(async () => {
    await Promise.all([...opened].map((client) => client.close()));
    opened.clear();
  });
  after(async () => {
    await java?.[Symbol.asyncDispose]();
    await curlew?.close();
    await server?.stop();
    await rm(folder, { recursive: true });
  });

  const theirs = async (id: string, options?: { tag: string }): Promise<JavaClient> => {
    const client = await java.client(id).open(options);
    opened.add(client);
    return client;
  };
  const ours = async (id: string, options?: { tag: string }): Promise<IMClient> => {
    const client = await curlew.createIMClient(id, options);
    opened.add(client);
    return client;
  };

  it("logs in, and sees who else is there", async () => {
    const tom = await theirs("login-tom");
    await ours("login-jerry");
    assert.deepEqual(await tom.online(["login-jerry", "login-nobody"]), ["login-jerry"]);
  });

  it("sends to Curlew's client, and hears from it", async () => {
    const tom = await theirs("send-tom");
    const jerry = await ours("send-jerry");
    const talk = await tom.create({ members: [jerry.id], name: "Tom & Jerry" });
    const there = heard<[TextMessage]>(jerry, "message");
    const sent = await talk.send({ text: "你好", attributes: { mood: "good" } });
    const [received] = await there;
    assert.deepEqual([received.id, received.text, received.attributes], [
      sent.id,
      "你好",
      { mood: "good" },
    ]);
    const back = heard<[JavaFacts]>(tom, "onMessage");
    const same = await jerry.getConversation(talk.id);
    await same?.send(new TextMessage("hey"));
    assert.equal((await back)[0].message.text, "hey");
  });
});
