/**
 * A bot that answers whoever writes to it, in Node.js 22 or newer. Ctrl+C ends it.
 *
 * ```sh
 * node node.mjs
 * ```
 */
import process from "node:process";
import { Realtime, TextMessage } from "@curlew/realtime";

const realtime = new Realtime({
  appId: "curlew-dev",
  appKey: "dev-key",
  server: "http://127.0.0.1:8450",
});
const bot = await realtime.createIMClient("bot");
bot.on("message", async (message, conversation) => {
  await conversation.read();
  await conversation.send(new TextMessage(`You said: ${message.text}`));
});
console.log("The bot listens");

process.once("SIGINT", () => realtime.close());
