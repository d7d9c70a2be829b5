/**
 * A Durable Object that keeps one client logged in, and answers whoever writes to it. `worker.ts`
 * shows how it is bound.
 *
 * @module
 */
import { type IMClient, Realtime, TextMessage } from "@curlew/realtime";

/** How often it is woken, in ms, so that it is there again soon after it was evicted. */
const WAKE = 30_000;

/** The part of what a Durable Object is given that this one uses. */
interface State {
  readonly storage: { readonly setAlarm: (time: number) => Promise<void> };
}

/** A bot. There is one of it, however many requests there are. */
export class Bot {
  readonly #state: State;
  readonly #realtime: Realtime;
  #bot: Promise<IMClient> | undefined;

  /** What wrangler.toml binds comes second. */
  constructor(state: State, { CURLEW }: { readonly CURLEW: string }) {
    this.#state = state;
    this.#realtime = new Realtime({ appId: "curlew-dev", appKey: "dev-key", server: CURLEW });
  }

  async #logIn(): Promise<IMClient> {
    // With a tag, an instance that was evicted and is still logged in gives way to this one.
    const bot = await this.#realtime.createIMClient("bot", { tag: "durable-object" });
    bot.on("message", async (message, conversation) => {
      if (!(message instanceof TextMessage)) return;
      await conversation.read();
      await conversation.send(new TextMessage(`You said: ${message.text}`));
    });
    bot.on("close", () => void (this.#bot = undefined));
    return bot;
  }

  /** Answers when it is logged in. */
  async fetch(): Promise<Response> {
    await this.#state.storage.setAlarm(Date.now() + WAKE);
    try {
      await (this.#bot ??= this.#logIn());
      return new Response("The bot listens");
    } catch (error) {
      this.#bot = undefined; // the next request, or the alarm, tries again
      return new Response(`The bot is not there: ${error}`, { status: 503 });
    }
  }

  /** Keeps itself awake. */
  async alarm(): Promise<void> {
    await this.fetch();
  }
}
