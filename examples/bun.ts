/**
 * Sends a message, prints the first answer and leaves, in Bun.
 *
 * ```sh
 * bun bun.ts bot "How are you?"
 * ```
 *
 * @module
 */
import process from "node:process";
import { Realtime, TextMessage } from "@curlew/realtime";

const [, , friend = "bot", text = "How are you?"] = process.argv;

await using realtime = new Realtime({
  appId: "curlew-dev",
  appKey: "dev-key",
  server: "http://127.0.0.1:8450",
});
const client = await realtime.createIMClient("bun");
const conversation = await client.createConversation({ members: [friend] });
const answer = new Promise<TextMessage>((done) =>
  conversation.on("message", (message) => message instanceof TextMessage && done(message))
);
await conversation.send(new TextMessage(text));
const { from, text: said } = await answer;
console.log(`${from}: ${said}`);
