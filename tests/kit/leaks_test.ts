import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { connect } from "node:net";
import { describe, it } from "node:test";
import process from "node:process";
import { checkLeaks, settleLeaks } from "./leaks.ts";

const open = () => process.getActiveResourcesInfo();

/** What `settleLeaks` says while something is open, and that it is content once that is closed. */
async function leak(start: () => Promise<() => void>): Promise<string> {
  const before = open();
  const stop = await start();
  try {
    await assert.rejects(settleLeaks(before, [], 20));
    return await settleLeaks(before, [], 20).then(() => "", (error: Error) => error.message);
  } finally {
    stop();
    await settleLeaks(before);
  }
}

describe("the leak check", () => {
  it("sees a timer", async () => {
    const said = await leak(() => {
      const timer = setTimeout(() => {}, 60_000);
      return Promise.resolve(() => clearTimeout(timer));
    });
    assert.equal(said, "The test left behind: Timeout");
  });

  it("sees a server, and a socket of it", async () => {
    const said = await leak(async () => {
      const server = createServer();
      await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
      const socket = connect((server.address() as { port: number }).port, "127.0.0.1");
      await new Promise<void>((done) => socket.once("connect", done));
      return () => {
        socket.destroy();
        server.close();
        server.closeAllConnections();
      };
    });
    assert.match(said, /TCPServerWrap/);
    assert.match(said, /TCPSocketWrap/);
  });

  it("sees a child process by its pipes", async () => {
    const said = await leak(() => {
      const child = spawn("sleep", ["60"]);
      return Promise.resolve(() => void child.kill());
    });
    assert.match(said, /PipeWrap/);
  });

  it("sees whatever is counted", async () => {
    let links = 2;
    const count = () => ({ links });
    await assert.rejects(settleLeaks(open(), [count], 20), {
      message: "The test left behind: 2 links",
    });
    links = 0;
    await settleLeaks(open(), [count], 20);
  });

  it("waits for what is closing", async () => {
    const before = open();
    setTimeout(() => {}, 30);
    await settleLeaks(before);
  });

  it("wraps a test", async () => {
    await checkLeaks(() => {}, () => ({ links: 0 }))();
    const wrong = new Error("wrong");
    await assert.rejects(checkLeaks(() => Promise.reject(wrong))(), wrong);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const leaky = checkLeaks(() => void (timer = setTimeout(() => {}, 60_000)));
    await assert.rejects(leaky(), /Timeout/);
    clearTimeout(timer);
  });
});
