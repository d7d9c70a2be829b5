import assert from "node:assert/strict";
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, it } from "node:test";
import { encryption } from "../../examples/encryption.ts";
import { BinaryMessage, type Message, Realtime, TextMessage } from "@curlew/realtime";
import { heard } from "../kit/heard.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { listeningLog } from "../kit/log.ts";
import { repository } from "../kit/modules.ts";
import { ServerProcess, withFolder } from "../kit/server_process.ts";

const newKey = (): Promise<CryptoKey> =>
  crypto.subtle.generateKey({ name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);

const bytesOf = (message: Message | undefined): Uint8Array => {
  assert.ok(message instanceof BinaryMessage, `${message?.constructor.name} is of bytes`);
  return new Uint8Array(message.buffer);
};

/** Runs work with a server in a process of its own, and the folder of its files. */
const served = (work: (url: string, folder: string) => Promise<void>) =>
  checkLeaks(() =>
    withFolder(async (folder) => {
      await using server = await ServerProcess.start([
        "--port",
        "0",
        "--db",
        join(folder, "curlew.db"),
      ]);
      await work(server.url, folder);
      await server.stop();
    })
  );

describe("the example of end-to-end encryption", () => {
  it(
    "runs: who has the key reads, and who has none sees bytes",
    served(async (url) => {
      const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-check",
          "--no-prompt",
          "--allow-net",
          "--allow-env",
          "examples/encryption.ts",
          url,
        ],
        cwd: repository,
      }).output();
      const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
      assert.ok(success, text(stderr));
      assert.match(
        text(stdout),
        /^Jerry reads: The cheese is in the cellar\nSpike, without the key, sees \d+ bytes\n$/,
      );
    }),
  );

  it(
    "keeps ciphertext alone on the server, and shows what was forged, moved or changed as bytes",
    served(async (server, folder) => {
      const logs = { jerry: listeningLog(), spike: listeningLog() };
      const keys = new Map<string, CryptoKey>();
      const plugins = [encryption((cid) => keys.get(cid))];
      const app = { appId: "curlew-dev", appKey: "dev-key", server };
      const toms = new Realtime({ ...app, plugins });
      const jerrys = new Realtime({ ...app, plugins }, { log: logs.jerry });
      // One who was never given the key, one who knows nothing of encryption, and so sees what the
      // server has and may send what nobody sealed.
      const spikes = new Realtime({ ...app, plugins: [encryption(() => undefined)] }, {
        log: logs.spike,
      });
      const plains = new Realtime(app);
      const tom = await toms.createIMClient("tom");
      const jerry = await jerrys.createIMClient("jerry");
      const spike = await spikes.createIMClient("spike");
      const plain = await plains.createIMClient("plain");
      const members = ["jerry", "spike", "plain"];
      const conversation = await tom.createConversation({ members, unique: false });
      const other = await tom.createConversation({ members, unique: false });
      const key = await newKey();
      for (const { id } of [conversation, other]) keys.set(id, key);

      const received = heard<[TextMessage]>(jerry, "message");
      const unread = heard<[Message]>(spike, "message");
      await conversation.send(new TextMessage("A secret: 奶酪"));
      assert.equal((await received)[0].text, "A secret: 奶酪");
      bytesOf((await unread)[0]);
      assert.match(logs.spike.lines.at(-1)!.event, /encryption could not decode/);

      await conversation.send(new TextMessage("A secret: 奶酪"));
      await conversation.send(new BinaryMessage(Uint8Array.of(1, 2, 3).buffer));
      const there = (await jerry.getConversation(conversation.id))!;
      const [first, second, bytes] = await there.queryMessages();
      assert.equal((first as TextMessage).text, "A secret: 奶酪");
      assert.equal((second as TextMessage).text, "A secret: 奶酪");
      assert.deepEqual([...bytesOf(bytes)], [1, 2, 3]);

      // What the server has: the same text is never the same bytes, and none of them is the text.
      const stored = (await (await plain.getConversation(conversation.id))!.queryMessages())
        .map(bytesOf);
      assert.notDeepEqual(stored[0], stored[1]);
      const onDisk = async (text: string) => {
        const files = await readdir(folder);
        const contents = await Promise.all(files.map((name) => readFile(join(folder, name))));
        return contents.some((content) => content.includes(text));
      };
      assert.ok(!await onDisk("A secret"));
      assert.ok(!await onDisk("奶酪"));

      // Who has no key changes a message, moves it to another conversation, says it as his own, or
      // says something that nobody sealed.
      const changed = stored[0]!.slice();
      changed[changed.length - 1]! ^= 1;
      const here = (await plain.getConversation(conversation.id))!;
      const elsewhere = (await plain.getConversation(other.id))!;
      for (
        const [place, message] of [
          [here, new BinaryMessage(changed.buffer)],
          [here, new BinaryMessage(stored[0]!.slice().buffer)],
          [elsewhere, new BinaryMessage(stored[0]!.slice().buffer)],
          [here, new TextMessage("Believe me")],
        ] as const
      ) {
        const seen = heard<[Message]>(jerry, "message");
        await place.send(message);
        bytesOf((await seen)[0]);
      }
      assert.ok(await onDisk("Believe me"), "what nobody sealed is readable there");
      const failures = logs.jerry.lines.filter(({ level }) => level === "error");
      assert.equal(failures.length, 3);

      await Promise.all([toms, jerrys, spikes, plains].map((realtime) => realtime.close()));
    }),
  );
});
