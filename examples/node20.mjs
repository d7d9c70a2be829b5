/**
 * Prints the last messages of each conversation that somebody is in. Node.js 20 has no WebSocket:
 * `npm install ws`, and hand in its own.
 *
 * ```sh
 * node node20.mjs NAME
 * ```
 */
import process from "node:process";
import { Realtime } from "@curlew/realtime";
import { webSocket } from "@curlew/realtime/transports/websocket";
import WebSocket from "ws";

const [, , name = "jerry"] = process.argv;

const realtime = new Realtime({
  appId: "curlew-dev",
  appKey: "dev-key",
  server: "http://127.0.0.1:8450",
  transports: [webSocket({ WebSocket })],
});
const client = await realtime.createIMClient(name);
const conversations = await client.getQuery().containsMembers([name]).find();
for (const conversation of conversations) {
  console.log(`${conversation.members.join(", ")}:`);
  for (const { from, text } of await conversation.queryMessages({ limit: 10 })) {
    console.log(`  ${from}: ${text}`);
  }
}
await realtime.close();
