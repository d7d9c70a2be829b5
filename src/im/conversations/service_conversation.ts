/** A conversation that an app's operator runs. @module */
import type { Unstated } from "../unstated.ts";
import type { CallOptions } from "../call_options.ts";
import { PersistentConversation } from "./persistent_conversation.ts";

/** A conversation that an app's operator runs and clients subscribe to. */
export class ServiceConversation<A extends object = Unstated> extends PersistentConversation<A> {
  /** Subscribes this client to it. */
  async subscribe(options?: CallOptions): Promise<this> {
    return await this.join(options);
  }

  /** Ends this client's subscription to it. */
  async unsubscribe(options?: CallOptions): Promise<this> {
    return await this.quit(options);
  }
}
