/** What a client leaves behind. @module */
import type { MessageOf } from "@curlew/realtime/protocol";

/** A message that is sent when its client is lost, and not when it leaves. */
export interface Will {
  /** The conversation. */
  readonly cid: string;
  /** The message's id. */
  readonly id: string;
  /** What it says. */
  readonly direct: MessageOf<"DirectCommand">;
}
