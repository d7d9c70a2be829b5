import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { type Plugin, Realtime, type RealtimeOptions, TextMessage } from "@curlew/realtime";
import { json } from "@curlew/realtime/codecs/json";
import { consoleLog } from "@curlew/realtime/environment";
import { playback, playing } from "../../examples/transports/playback.ts";
import {
  type Line,
  printed,
  readRecording,
  recorder,
  recording,
} from "../../examples/transports/recorder.ts";
import { serveNode } from "@curlew/server/runtimes/node";
import { Cancellation } from "../../src/connection/cancel.ts";
import { transportContract } from "../contract/transport.ts";
import { FakeClock } from "../kit/clock.ts";
import { ears } from "../kit/ear.ts";
import { checkLeaks } from "../kit/leaks.ts";
import { repository } from "../kit/modules.ts";
import { withFolder } from "../kit/server_process.ts";
import { testServer } from "../kit/test_server.ts";
import { memoryRig, webSocketRig } from "../transports/rigs.ts";

transportContract("recorder of memory", memoryRig((inner) => recorder(inner, () => {})));
transportContract("recorder of websocket", webSocketRig((inner) => recorder(inner, () => {})));

const options = { appId: "app", appKey: "key" };

/** Two people talk; resolves with what they heard and what the history says. */
async function talk(plugin: Plugin, how: Partial<RealtimeOptions>): Promise<string[]> {
  await using realtime = new Realtime({ ...options, plugins: [plugin], ...how });
  const [tom, jerry] = await Promise.all(
    ["tom", "jerry"].map((name) => realtime.createIMClient(name)),
  );
  const heard: string[] = [];
  const all = new Promise<void>((done) => {
    for (const client of [tom!, jerry!]) {
      client.on("message", (message) => {
        if (message instanceof TextMessage) heard.push(`${message.from}: ${message.text}`);
        if (heard.length === 3) done();
      });
    }
  });
  const conversation = await tom!.createConversation({ members: ["jerry"], name: "Hello" });
  await conversation.send(new TextMessage("Hello, Jerry"));
  await conversation.send(new TextMessage("Are you there? 鹬"));
  const same = await jerry!.getConversation(conversation.id!);
  await same!.send(new TextMessage("I am"));
  await all;
  const history = await conversation.queryMessages();
  return [...heard.sort(), ...history.map(({ id, timestamp }) => `${id} ${+timestamp!}`)];
}

/** Records what happens meanwhile, over a server that is gone afterwards. */
async function record(
  how: Partial<RealtimeOptions>,
): Promise<{ readonly said: string[]; readonly lines: readonly Line[] }> {
  let said: string[] = [];
  let lines: readonly Line[] = [];
  await withFolder(async (folder) => {
    const file = join(folder, "session.jsonl");
    const { server } = testServer();
    const { port, close } = await serveNode(server, { log: consoleLog, farewell: 0 });
    try {
      said = await talk(recording(file), { RTMServers: `ws://127.0.0.1:${port}/`, ...how });
    } finally {
      await close();
    }
    lines = readRecording(file);
    assert.equal(statSync(file).mode & 0o077, 0, "Others can read the tokens in it");
  });
  return { said, lines };
}

const dial = (protocols: readonly string[]) => ({
  url: "",
  protocols,
  cancelled: new Cancellation(),
  probe: () => "",
});

/** A recording of one link in JSON: what was sent and received, and how many ms after the last. */
function script(...steps: readonly [wait: number, "sent" | "received", command: object][]): Line[] {
  let at = 1_000;
  return [
    { at, link: 1, event: "opened", url: "ws://x/", protocol: "curlew.json.3" },
    ...steps.map(([wait, event, command]): Line => ({
      at: at += wait,
      link: 1,
      event,
      text: JSON.stringify(command),
    })),
  ];
}

describe("the recorder", () => {
  for (const [name, how] of [["protobuf", {}], ["JSON", { codecs: [json] }]] as const) {
    it(
      `records a session in ${name} to a file, which is played to a client without a server`,
      checkLeaks(async () => {
        const { said, lines } = await record(how);
        assert.deepEqual(said.slice(0, 3), [
          "jerry: I am",
          "tom: Are you there? 鹬",
          "tom: Hello, Jerry",
        ]);
        assert.equal(said.length, 6);
        // Another codec plays it as well: what is recorded are commands.
        for (const then of [{}, { codecs: [json] }]) {
          const played = await talk(playing(lines), { RTMServers: "recording:", ...then });
          assert.deepEqual(played, said);
        }
      }),
    );
  }

  it("prints a recording as commands, with times and directions", async () => {
    const { lines } = await record({});
    const text = [...printed(lines)];
    assert.match(text[0]!, /^ {4}0\.000 #1 connected to ws:.* speaking lc\.protobuf2\.3$/);
    assert.match(text[1]!, /^ +\d\.\d{3} #1 → \{"cmd":"session","op":"open",.*"peerId":"tom"/);
    assert.ok(text.some((line) => /#1 ← \{"cmd":"direct",.*Hello, Jerry/.test(line)));
    assert.match(text.at(-1)!, /closed by the client: 1000/);

    await withFolder(async (folder) => {
      const file = join(folder, "session.jsonl");
      await Deno.writeTextFile(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: ["run", "--frozen", "--no-check", "--allow-read", "recorder.ts", file],
        cwd: new URL("examples/transports/", repository),
        env: { NO_COLOR: "1" },
      }).output();
      assert.equal(new TextDecoder().decode(stdout), text.map((line) => `${line}\n`).join(""));
    });
  });

  it("writes down attempts that failed", async () => {
    const lines: Line[] = [];
    const clock = new FakeClock(5);
    const over = recorder(playback([]), (line) => lines.push(line), clock);
    await assert.rejects(over.open(dial(["curlew.json.3"]), ears()), /recording is over/);
    assert.deepEqual(lines.map(({ at, event }) => [at, event]), [[5, "failed"]]);
    assert.match([...printed(lines)][0]!, /could not connect to .*The recording is over/);
  });

  it("shows frames of an unknown subprotocol as they are", () => {
    const at = { at: 0, link: 1 };
    const lines: Line[] = [
      { ...at, event: "opened", url: "ws://x/", protocol: "mine" },
      { ...at, event: "sent", text: "hi" },
      { ...at, event: "received", base64: "AAAA" },
    ];
    assert.deepEqual([...printed(lines)].slice(1), [
      "    0.000 #1 → hi",
      "    0.000 #1 ← 3 bytes",
    ]);
    assert.throws(() => playback(lines), /Nobody here speaks mine/);
  });
});

describe("playback", () => {
  const session = { cmd: "session", peerId: "tom" };
  const lines = script(
    [100, "sent", { ...session, op: "open", i: 1 }],
    [50, "received", { ...session, op: "opened", i: 1 }],
    [10, "received", { cmd: "unread", peerId: "tom" }],
    [500, "sent", { cmd: "conv", op: "query", peerId: "tom", i: 2 }],
    [30, "received", { cmd: "conv", op: "results", peerId: "tom", i: 2 }],
    [70, "received", { cmd: "goaway" }],
  );
  const open = async (how: Parameters<typeof playback>[1]) => {
    const here = ears();
    await playback(lines, how).open(dial(["curlew.json.3"]), here);
    const ear = here.all[0]!;
    return {
      say: (command: object) => ear.link.send(JSON.stringify(command)),
      heard: () => ear.frames.map((frame) => JSON.parse(`${frame}`)).map(({ cmd, i }) => [cmd, i]),
      ear,
    };
  };

  it("takes as long as it took then, if it is asked to", async () => {
    const clock = new FakeClock();
    const { say, heard, ear } = await open({ pace: 1, clock });
    say({ ...session, op: "open", i: 71 });
    await clock.advance(49);
    assert.deepEqual(heard(), []);
    await clock.advance(1);
    assert.deepEqual(heard(), [["session", 71]]);
    await clock.advance(10);
    assert.deepEqual(heard().slice(1), [["unread", undefined]]);
    await clock.advance(10_000);
    assert.equal(heard().length, 2, "What came after a request waits for it");
    say({ cmd: "conv", op: "query", peerId: "tom", i: 72 });
    await clock.advance(100);
    assert.deepEqual(heard().slice(2), [["conv", 72], ["goaway", undefined]]);
    ear.link.close();
    await ear.ended();
    assert.equal(clock.waiting, 0);
  });

  it("answers heartbeats, and says what the recording has no answer to", async () => {
    const { say, ear } = await open({});
    say({ cmd: "echo", i: 0 });
    say({ cmd: "direct", peerId: "tom", i: 5 });
    const [echo, error] = (await ear.heard(2)).map((frame) => JSON.parse(`${frame}`));
    assert.deepEqual([echo.cmd, echo.i], ["echo", 0]);
    assert.deepEqual([error.cmd, error.i, error.errorMessage.reason], ["error", 5, "NOT_RECORDED"]);
    assert.match(error.errorMessage.detail, /no further answer to direct$/);
  });

  it("ends a link as the server did, and then plays the next", async () => {
    const again = lines.map((line) => ({ ...line, link: 2 }));
    const closed: Line = {
      at: 0,
      link: 1,
      event: "closed",
      by: "server",
      code: 4001,
      reason: "gone",
    };
    const here = ears();
    const transport = playback([lines[0]!, closed, ...again]);
    await transport.open(dial(["curlew.json.3"]), here);
    assert.deepEqual(await here.all[0]!.ended(), { code: 4001, reason: "gone" });
    await transport.open(dial(["curlew.json.1"]), here);
    assert.equal(here.all[1]!.ends.length, 0);
    await assert.rejects(transport.open(dial(["mine"]), here), /Nobody here speaks mine/);
    await assert.rejects(transport.open(dial(["curlew.json.3"]), here), /recording is over/);
  });
});
