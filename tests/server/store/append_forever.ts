/**
 * A process that appends messages in ten conversations until it is killed, and prints each one that
 * was acknowledged.
 *
 * @module
 */
import process from "node:process";
import { setImmediate } from "node:timers";
import { systemClock } from "@curlew/realtime/environment";
import { openSqliteStore } from "@curlew/server/store/sqlite";
import { secret } from "./sqlite_kit.ts";

const store = await openSqliteStore({
  path: process.argv[2]!,
  clock: systemClock,
  secret,
  turnEnd: (run) => void setImmediate(run),
});

for (let i = 0; i < 10; i++) {
  const { conversation: { id } } = await store.startConversation("app", {
    kind: "normal",
    creator: "tom",
    members: [],
    unique: false,
    attributes: {},
  });
  void appendTo(id);
}

async function appendTo(conversation: string): Promise<never> {
  for (;;) {
    const { message } = await store.appendMessage("app", {
      conversation,
      from: "tom",
      content: { text: "hello" },
      mentioned: [],
      mentionedAll: false,
      receipt: false,
    });
    process.stdout.write(`${conversation} ${message.id}\n`);
  }
}
