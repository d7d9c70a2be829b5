/**
 * What LeanCloud's SDK does too: messages, what was missed, plugins.
 *
 * @module
 */
import { type Area, testsIn } from "./feature.ts";

const theirs = testsIn("interop/official_js", "leancloud-realtime 5.0.0-rc.8");
const surface = testsIn("interop/surface", "between Curlew's client and the official SDK");
const bothWays = (name: string) =>
  ["Curlew acts and LeanCloud hears of it", "LeanCloud acts and Curlew hears of it"]
    .map((side) => surface(side, name));
const rich = testsIn(
  "interop/plugins",
  "rich messages between Curlew and leancloud-realtime 5.0.0-rc.8",
);

/** What is said. */
export const messages: Area = {
  name: ["Messages", "消息"],
  features: [
    {
      what: ["Texts with attributes, and bytes", "带属性的文本，以及二进制消息"],
      official: { has: ["TextMessage", "TypedMessage#setAttributes", "BinaryMessage"] },
      shown: [
        theirs("sends text to Curlew's client"),
        theirs("receives text from Curlew's client"),
        theirs("exchanges bytes with Curlew's client"),
      ],
    },
    {
      what: [
        "Change and recall messages, `RecalledMessage`",
        "修改与撤回消息，`RecalledMessage`",
      ],
      official: { has: ["Conversation#update", "Conversation#recall", "RecalledMessage"] },
      shown: [...bothWays("changes a message"), ...bothWays("recalls a message")],
    },
    {
      what: [
        "Receipts: delivered and read, for each of two",
        "回执：两人对话中的已送达与已读",
      ],
      official: {
        has: ["Conversation#lastDeliveredAt", "Conversation#lastReadAt", "MessageStatus.DELIVERED"],
      },
      shown: bothWays("hears of receipts"),
    },
  ],
};

/** What reaches who was away, or is on several devices. */
export const sync: Area = {
  name: ["Sync", "同步"],
  features: [
    {
      what: ["Unread counts, also after a login", "未读数，登录后也会得到"],
      official: {
        has: ["Event.UNREAD_MESSAGES_COUNT_UPDATE", "Conversation#unreadMessagesCount"],
      },
      shown: [theirs("is told at login what is unread, and reads it")],
    },
    {
      what: ["Several devices of one user", "同一用户的多台设备"],
      official: { has: ["Realtime#createIMClient"] },
      shown: [theirs("hears on one device what another sent")],
    },
  ],
};

/** What changes a client from outside. */
export const plugins: Area = {
  name: ["Plugins", "插件"],
  features: [
    {
      what: [
        "Files, images, audio, videos, places",
        "文件、图片、音频、视频、位置消息",
      ],
      official: {
        only: ["with `leancloud-storage`", "需要 `leancloud-storage`"],
        shown: rich("official sends ImageMessage, and each of the others has it as its own"),
      },
      curlew: ["✓, without a storage SDK", "✓，不需要存储 SDK"],
      shown: [rich("curlew sends ImageMessage, and each of the others has it as its own")],
    },
  ],
};
