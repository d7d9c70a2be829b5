import assert from "node:assert/strict";
import { describe, it } from "node:test";
import * as four from "leancloud-realtime-4";
import * as five from "leancloud-realtime-5";
import * as curlew from "@curlew/realtime";

const constants = [
  "ConversationMemberRole",
  "ErrorCode",
  "Event",
  "MessagePriority",
  "MessageQueryDirection",
] as const;

for (const [version, sdk] of [["4.3.1", four], ["5.0.0-rc.8", five]] as const) {
  describe(`what leancloud-realtime ${version} exports`, () => {
    for (const name of constants) {
      it(`${name} has the same values here`, () => {
        const theirs: Record<string, unknown> = { ...(sdk as typeof five)[name] };
        assert.ok(Object.keys(theirs).length > 1);
        const ours = Object.entries(curlew[name]).filter(([key]) => key in theirs);
        assert.deepEqual(Object.fromEntries(ours), theirs);
      });
    }

    it("MessageStatus has the same members here", () => {
      assert.deepEqual(Object.keys(curlew.MessageStatus), Object.keys(sdk.MessageStatus));
    });
  });
}
