/**
 * Two clients that say something to each other, are silent for a while, and then say something
 * again. A program of its own, since what it trusts is settled when it starts:
 * `idle_clients.ts WHO URL APP SECONDS`.
 *
 * @module
 */
import process from "node:process";
import { setTimeout } from "node:timers/promises";
import * as four from "leancloud-realtime-4";
import { Realtime, TextMessage } from "@curlew/realtime";
import type { Transport } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { webSocket } from "@curlew/realtime/transports/websocket";

interface Message {
  readonly text?: string;
}

/** What the two SDKs have in common here. */
interface Client {
  readonly id: string;
  once(event: "message", listener: (message: Message) => void): unknown;
  on(event: "disconnect" | "reconnect", listener: () => void): unknown;
  createConversation(
    options: { members: string[]; name: string; unique: boolean },
  ): Promise<{ send(message: unknown): Promise<unknown> }>;
  close(): Promise<unknown>;
}

/** Logs somebody in. */
type LogIn = (id: string) => Promise<Client>;

const [who = "", url = "", appId = "", seconds = ""] = process.argv.slice(2);

/** Who the clients are, each with how they log in and what they say it with. */
const kinds: Readonly<Record<string, () => { logIn: LogIn; text: (text: string) => unknown }>> = {
  official() {
    // A bare host: it asks its router by https, whatever it is told.
    const options = { appId, appKey: "key", server: new URL(url).host };
    const realtime = new four.Realtime(options) as unknown as { createIMClient: LogIn };
    return {
      logIn: (id) => realtime.createIMClient(id),
      text: (text) => new four.TextMessage(text),
    };
  },
  curlew: () => curlew([webSocket()]),
  "long-poll": () => curlew([longPoll()]),
};

function curlew(transports: readonly Transport[]) {
  const realtime = new Realtime({ appId, appKey: "key", server: url, transports });
  return {
    logIn: (id: string) => realtime.createIMClient(id) as unknown as Promise<Client>,
    text: (text: string) => new TextMessage(text),
  };
}

const kind = kinds[who]?.();
if (!kind) throw new Error(`There are no clients ${who}`);
const tom = await kind.logIn(`${who}-tom`);
const jerry = await kind.logIn(`${who}-jerry`);
let breaks = 0;
for (const client of [tom, jerry]) client.on("disconnect", () => breaks++);
const conversation = await tom.createConversation({ members: [jerry.id], name: who, unique: true });

async function say(text: string): Promise<void> {
  const heard = new Promise<Message>((done) => jerry.once("message", done));
  await conversation.send(kind?.text(text));
  console.log((await heard).text);
}

await say("before");
await setTimeout(Number(seconds) * 1_000);
await say("after");
console.log(`${breaks} breaks`);
await Promise.all([tom.close(), jerry.close()]);
process.exit(0);
