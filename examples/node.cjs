/**
 * Sends one message and leaves, from CommonJS: Node.js 22.12 or newer lets it `require` the client.
 *
 * ```sh
 * node node.cjs THEIR_NAME "Hello"
 * ```
 */
const { Realtime, TextMessage } = require("@curlew/realtime");

async function main([, , friend = "jerry", text = "Hello"]) {
  const realtime = new Realtime({
    appId: "curlew-dev",
    appKey: "dev-key",
    server: "http://127.0.0.1:8450",
  });
  try {
    const client = await realtime.createIMClient("cron");
    const conversation = await client.createConversation({ members: [friend] });
    const { timestamp } = await conversation.send(new TextMessage(text));
    console.log(`Sent at ${timestamp.toISOString()}`);
  } finally {
    await realtime.close();
  }
}

main(process.argv);
