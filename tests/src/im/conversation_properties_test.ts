import assert from "node:assert/strict";
import { afterEach, describe, it } from "node:test";
import { ChatRoom, Conversation, defineConversationProperty } from "@curlew/realtime";

const properties = ["color", "shout"] as const;

declare module "@curlew/realtime" {
  interface ConversationProperties {
    color: string;
    readonly shout: string;
  }
}

describe("defineConversationProperty", () => {
  afterEach(() => {
    for (const name of properties) Reflect.deleteProperty(Conversation.prototype, name);
  });

  const conversation = () => {
    const created = new Conversation({ clientId: "tom" } as never, "c");
    created.assign({ attributes: { name: "Tom", color: "red" } });
    return created;
  };

  it("makes an attribute a property of conversations that there are and will be", () => {
    const before = conversation();
    defineConversationProperty("color");
    for (const each of [before, conversation()]) {
      assert.equal(each.color, "red");
      each.color = "blue";
      assert.equal(each.get("color"), "blue");
    }
    assert.ok(!("color" in ChatRoom.prototype));
  });

  it("takes what the property gives from a descriptor", () => {
    defineConversationProperty("shout", {
      get() {
        return `${this.name.toUpperCase()}!`;
      },
    });
    assert.equal(conversation().shout, "TOM!");
  });
});
