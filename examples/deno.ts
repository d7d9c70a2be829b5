/**
 * A chat in the terminal: what you type is sent, what arrives is shown. Ctrl+D ends it.
 *
 * ```sh
 * deno run --allow-net deno.ts YOUR_NAME THEIR_NAME
 * ```
 *
 * @module
 */
import { Realtime, TextMessage } from "@curlew/realtime";

const [me = "tom", friend = "jerry"] = Deno.args;

await using realtime = new Realtime({
  appId: "curlew-dev",
  appKey: "dev-key",
  server: "http://127.0.0.1:8450",
});
const client = await realtime.createIMClient(me);
client.on("message", (message) => {
  if (message instanceof TextMessage) console.log(`${message.from}: ${message.text}`);
});
const conversation = await client.createConversation({ members: [friend] });

for await (const line of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  if (line.trim()) await conversation.send(new TextMessage(line.trim()));
}
