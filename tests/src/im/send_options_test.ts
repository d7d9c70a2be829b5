import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { MessagePriority, type SendOptions, TextMessage } from "@curlew/realtime";
import { inWorld, two } from "./world.ts";

/** Says how its messages are sent. */
class Typing extends TextMessage {
  static readonly sendOptions: SendOptions = { transient: true, priority: MessagePriority.LOW };
}

/** Says it of each message, by what else it knows. */
class Alarm extends TextMessage {
  static readonly sendOptions: SendOptions = { receipt: true, pushData: { alert: "?" } };
  static readonly sound = "siren";
  static getSendOptions(message: Alarm): SendOptions {
    return { pushData: { alert: message.text, sound: this.sound } };
  }
}

describe("how a message is sent", () => {
  it(
    "is what the call says, then the message's class of this message, then of all",
    inWorld(async (world) => {
      const { conversation } = await two(world);
      await conversation.send(new Typing("…"));
      await conversation.send(new Typing("…"), { transient: false, will: true });
      await conversation.send(new Alarm("Fire!"));
      await conversation.send(new Alarm("Fire!"), { receipt: false, pushData: { alert: "Hm" } });
      const sent = world.server.requests("direct").map(({ priority, directMessage }) => {
        const { transient, will, r, pushData } = directMessage!;
        return { priority, transient, will, r, pushData };
      });
      const nothing = {
        priority: undefined,
        transient: undefined,
        will: undefined,
        r: undefined,
        pushData: undefined,
      };
      assert.deepEqual(sent, [
        { ...nothing, transient: true, priority: 3 },
        { ...nothing, will: true, priority: 3 },
        { ...nothing, r: true, pushData: '{"alert":"Fire!","sound":"siren"}' },
        { ...nothing, pushData: '{"alert":"Hm"}' },
      ]);
    }),
  );
});
