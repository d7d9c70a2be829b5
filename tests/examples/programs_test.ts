import assert from "node:assert/strict";
import { after, before, describe, it } from "node:test";
import { stop as stopEsbuild } from "esbuild";
import { repository } from "../kit/modules.ts";
import { Project, type Running } from "../kit/npm_project.ts";
import { ServerProcess } from "../kit/server_process.ts";
import { bundle, startWorker } from "../runtimes/programs.ts";

const read = (name: string): Promise<string> =>
  Deno.readTextFile(new URL(`examples/${name}`, repository));

describe("the examples", () => {
  let project: Project;
  let server: ServerProcess;

  before(async () => {
    project = await Project.consumer();
    server = await ServerProcess.start(["--port", "0", "--db", ":memory:"]);
    const names = ["node.mjs", "node.cjs", "node20.mjs", "worker.ts", "durable_object.ts"];
    for (const name of names) await project.write(name, at(await read(name)));
  });
  after(async () => {
    await server?.stop();
    await project?.remove();
    await stopEsbuild();
  });

  /** The program, for the server of this test. */
  const at = (program: string) => program.replaceAll("http://127.0.0.1:8450", server.url);

  const runNode = async (version: number, ...args: readonly string[]): Promise<string> => {
    const { stdout, stderr } = await project.start(await project.node(version), args).ended;
    assert.equal(stderr, "");
    return stdout;
  };

  describe("for Node.js and Deno", () => {
    let bot: Running;

    before(async () => {
      bot = project.start(await project.node(22), ["node.mjs"]);
      await bot.says(/listens/);
    });
    after(() => bot?.stop());

    it("send a message by require, and list it where WebSocket comes from ws", async () => {
      assert.match(await runNode(22, "node.cjs", "bot", "Wake up"), /^Sent at \d{4}-/);
      assert.match(await runNode(20, "node20.mjs", "cron"), /^cron, bot:\n {2}cron: Wake up\n/);
    });

    it("chat in a terminal", async () => {
      const folder = new URL(`dist/example-${crypto.randomUUID()}/`, repository);
      await Deno.mkdir(folder, { recursive: true }); // in the checkout, where the name is known
      try {
        await Deno.writeTextFile(new URL("deno.ts", folder), at(await read("deno.ts")));
        const chat = new Deno.Command(Deno.execPath(), {
          args: ["run", "--frozen", "--allow-net", "deno.ts", "ann", "bot"],
          cwd: folder,
          env: { NO_COLOR: "1" },
          stdin: "piped",
          stdout: "piped",
          signal: AbortSignal.timeout(20_000),
        }).spawn();
        const typed = chat.stdin.getWriter();
        await typed.write(new TextEncoder().encode("Hello\n"));
        let shown = "";
        for await (const text of chat.stdout.pipeThrough(new TextDecoderStream())) {
          shown += text;
          if (shown.endsWith("\n")) break;
        }
        await typed.close();
        assert.equal(shown, "bot: You said: Hello\n");
        assert.equal((await chat.status).code, 0);
      } finally {
        await Deno.remove(folder, { recursive: true });
      }
    });
  });

  it("answer requests of a Worker, several at once, by a client in a Durable Object", async () => {
    const worker = await startWorker(project, {
      scriptPath: await bundle(project, "worker.ts"),
      bindings: { CURLEW: server.url },
      durableObjects: { BOT: { className: "Bot", useSQLite: true } },
    });
    try {
      const questions = ["One?", "Two?", "Three?"];
      const ask = async (question: string) => {
        const answer = await fetch(worker.url, { method: "POST", body: question });
        return await answer.text();
      };
      const answers = await Promise.all(questions.map(ask));
      assert.deepEqual(answers, questions.map((question) => `You said: ${question}`));
      assert.equal(await ask("Again?"), "You said: Again?");
    } finally {
      await worker.running.stop();
    }
  });
});
