import assert from "node:assert/strict";
import { after, afterEach, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { stop } from "esbuild";
import { ChatRoom, Conversation, defineConversationProperty } from "@curlew/realtime";
import { bundleIn } from "../../kit/bundle.ts";
import { repository } from "../../kit/modules.ts";

const properties = ["color", "shout"] as const;

declare module "@curlew/realtime" {
  interface ConversationProperties {
    color: string;
    readonly shout: string;
  }
}

describe("defineConversationProperty", () => {
  after(() => stop());
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

  it("is shipped by who uses it alone", async () => {
    for (const [name, times] of [["TextMessage", 0], ["defineConversationProperty", 1]] as const) {
      const program =
        `import { Realtime, ${name} } from "./mod.ts"; console.log(Realtime, ${name});`;
      const { modules } = await bundleIn(fileURLToPath(repository), program);
      const own = modules.filter((path) => path.endsWith("/define_conversation_property.ts"));
      assert.equal(own.length, times);
    }
  });
});
