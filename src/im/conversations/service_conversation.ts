/** A conversation that an app's operator runs. @module */
import { PersistentConversation } from "./persistent_conversation.ts";

/** A conversation that an app's operator runs and clients subscribe to. */
export class ServiceConversation extends PersistentConversation {
  /** Subscribes this client to it. */
  async subscribe(): Promise<this> {
    return await this.join();
  }

  /** Ends this client's subscription to it. */
  async unsubscribe(): Promise<this> {
    return await this.quit();
  }
}
