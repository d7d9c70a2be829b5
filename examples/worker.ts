/**
 * A Cloudflare Worker that asks the bot of `durable_object.ts` what it is asked, and answers with
 * what the bot says. It needs no compatibility flag; each request has a connection of its own, which
 * `await using` closes.
 *
 * ```toml
 * # wrangler.toml
 * main = "worker.ts"
 * compatibility_date = "2026-04-01"
 * [vars]
 * CURLEW = "http://127.0.0.1:8450"
 * [[durable_objects.bindings]]
 * name = "BOT"
 * class_name = "Bot"
 * [[migrations]]
 * tag = "v1"
 * new_sqlite_classes = ["Bot"]
 * ```
 *
 * ```sh
 * npx wrangler dev
 * curl -d "How are you?" http://127.0.0.1:8787/
 * ```
 *
 * @module
 */
import { type Message, Realtime, TextMessage } from "@curlew/realtime";

export { Bot } from "./durable_object.ts";

/** What wrangler.toml binds. */
interface Env {
  /** Where the server is. */
  readonly CURLEW: string;
  /** The namespace of the bot. */
  readonly BOT: {
    readonly idFromName: (name: string) => unknown;
    readonly get: (id: unknown) => { readonly fetch: (url: string) => Promise<Response> };
  };
}

export default {
  async fetch(request: Request, { CURLEW, BOT }: Env): Promise<Response> {
    const question = await request.text();
    await BOT.get(BOT.idFromName("bot")).fetch("https://bot/"); // wakes it

    await using realtime = new Realtime({ appId: "curlew-dev", appKey: "dev-key", server: CURLEW });
    const visitor = await realtime.createIMClient(`visitor-${crypto.randomUUID()}`);
    const answer = new Promise<Message>((done) => visitor.on("message", done));
    const conversation = await visitor.createConversation({ members: ["bot"] });
    await conversation.send(new TextMessage(question));
    const message = await answer;
    return new Response(message instanceof TextMessage ? message.text : "Not a text");
  },
};
