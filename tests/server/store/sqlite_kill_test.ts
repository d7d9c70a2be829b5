import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import process from "node:process";
import { createInterface } from "node:readline";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { FakeClock } from "../../kit/clock.ts";
import { databasePath, secret } from "./sqlite_kit.ts";

describe("a store whose process is killed in the middle of its work", () => {
  const path = databasePath();
  const open = () => openSqliteStore({ path: path(), clock: new FakeClock(), secret });

  it("has lost nothing that it acknowledged, and was nobody else's before", async () => {
    const file = fileURLToPath(new URL("./append_forever.ts", import.meta.url));
    const child = spawn(process.execPath, ["run", "-A", "--no-check", file, path()], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const acknowledged = new Map<string, string[]>();
    let lines = 0;
    for await (const line of createInterface(child.stdout)) {
      const [conversation, id] = line.split(" ") as [string, string | undefined];
      if (id === undefined) continue; // The line that the kill cut off.
      acknowledged.set(conversation, [...acknowledged.get(conversation) ?? [], id]);
      if (++lines === 400) {
        await assert.rejects(open(), /is open in another process/);
        child.kill("SIGKILL");
      }
    }
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
    assert.equal(child.signalCode, "SIGKILL");

    const store = await open();
    for (const [conversation, ids] of acknowledged) {
      const kept = await store.messagesAfter("app", conversation, 0, 1000);
      assert.deepEqual(kept.map(({ seq }) => seq), kept.map((_, i) => i + 1));
      const there = new Set(kept.map(({ id }) => id));
      assert.deepEqual(ids.filter((id) => id.length === 22 && !there.has(id)), []);
      assert.equal((await store.conversation("app", conversation))!.seq, kept.length);
    }
    await store.close();
  });
});
