/**
 * What LeanCloud's SDK does too: messages, what was missed, plugins.
 *
 * @module
 */
import { type Area, bothWays, eachClient, testsIn, yes } from "./feature.ts";

const theirs = testsIn("interop/official_js", "leancloud-realtime 5.0.0-rc.8");
const surface = bothWays("interop/surface", (title) => [
  "between Curlew's client and the official SDK",
  title,
]);
const sending = bothWays("interop/sending", (title) => [`what is sent: ${title}`]);
const history = eachClient(
  "interop/history",
  (client) => `the history, as ${client}'s client reads it`,
);
const missed = eachClient("interop/away", (client) => `what ${client}'s client missed`);
const devices = bothWays("interop/devices", (title) => [`two devices of one user: ${title}`]);
const plugin = bothWays("interop/hooks", (title) => [`plugins of both: ${title}`]);
const rich = testsIn(
  "interop/plugins",
  "rich messages between Curlew and leancloud-realtime 5.0.0-rc.8",
);

/** What is said. */
const messages: Area = {
  name: ["Messages", "消息"],
  features: [
    {
      what: ["Text, attributes, bytes", "文本、属性、二进制"],
      official: { has: ["TextMessage", "TypedMessage#setAttributes", "BinaryMessage"] },
      shown: [
        theirs("sends text to Curlew's client"),
        theirs("receives text from Curlew's client"),
        theirs("exchanges bytes with Curlew's client"),
      ],
    },
    {
      what: ["Classes of one's own", "自定义消息类"],
      official: { has: ["messageType", "messageField", "Realtime#register"] },
      shown: plugin("bring classes of messages, which arrive as what they are"),
    },
    {
      what: ["Files, images, audio, video, places", "文件、图片、音频、视频、位置"],
      official: {
        is: ["with a storage SDK", "需要存储 SDK"],
        shown: rich("official sends ImageMessage, and each of the others has it as its own"),
      },
      curlew: ["✓, without one", "✓，不需要"],
      shown: ["File", "Image", "Audio", "Video", "Location"].map((kind) =>
        rich(`curlew sends ${kind}Message, and each of the others has it as its own`)
      ),
    },
    {
      what: ["Mention some, or all", "提及部分人或所有人"],
      official: { has: ["Message#setMentionList", "Message#mentionAll", "Message#mentioned"] },
      shown: sending("mentions some, or all"),
    },
    {
      what: ["Change and recall messages", "修改与撤回"],
      official: { has: ["Conversation#update", "Conversation#recall", "RecalledMessage"] },
      shown: [...surface("changes a message"), ...surface("recalls a message")],
    },
    {
      what: ["Receipts: delivered, read", "回执：已送达、已读"],
      official: {
        has: [
          "Conversation#lastDeliveredAt",
          "Conversation#lastReadAt",
          "Conversation#fetchReceiptTimestamps",
          "MessageStatus.DELIVERED",
        ],
      },
      shown: [
        ...sending("says when it was delivered, and that it was"),
        ...surface("hears of receipts"),
        ...sending("is known as delivered and read to who asks, too"),
      ],
    },
    {
      what: [
        "`transient`, `will`, `priority`, `pushData`",
        "`transient`、`will`、`priority`、`pushData`",
      ],
      official: { has: ["Conversation#send({ transient, will, priority, pushData })"] },
      shown: [
        ...sending("reaches who is there and is kept nowhere, where it is transient"),
        ...sending("is what a client has left to say, where it is lost"),
        ...sending("has a priority and something to be pushed"),
      ],
    },
    {
      what: [
        "History by time and type, both ways, in pages",
        "历史消息：按时间与类型，双向，分页",
      ],
      official: {
        has: [
          "Conversation#queryMessages({ startTime, endClosed, direction, type })",
          "Conversation#createMessagesIterator",
        ],
      },
      shown: [
        "goes back from a message, with it or without",
        "goes forth from a message, with it or without",
        "ends at a message, with it or without",
        "is of one type of message where that is asked for",
        "is walked through page by page",
      ].flatMap(history),
    },
  ],
};

/** What reaches who was away, or is on several devices. */
const sync: Area = {
  name: ["Sync", "同步"],
  features: [
    {
      what: ["Unread counts", "未读数"],
      official: {
        has: ["Event.UNREAD_MESSAGES_COUNT_UPDATE", "Conversation#unreadMessagesMentioned"],
      },
      shown: [
        theirs("is told at login what is unread, and reads it"),
        ...missed("it is told how much it has to read"),
      ],
    },
    {
      what: ["Several devices of one user", "同一用户的多台设备"],
      official: { has: ["Realtime#createIMClient"] },
      shown: [
        ...devices("have what the other sent, as what was sent by oneself, and nothing to read"),
        ...devices("have nothing more to read once the other has read it"),
      ],
    },
    {
      what: ["Changes and recalls that one missed", "离线期间的修改与撤回"],
      official: { has: ["Event.MESSAGE_UPDATE", "Event.MESSAGE_RECALL"] },
      shown: missed("it is told of messages that were changed and recalled"),
    },
    {
      what: ["What else happened meanwhile", "离线期间的其他通知"],
      official: { has: ["Event.INVITED", "Event.KICKED", "Event.MEMBERS_JOINED"] },
      shown: [
        ...missed("it is told who came and went, and what the conversation is called now"),
        ...missed("it is told where it was added to, and removed from"),
      ],
    },
    {
      what: [
        "Missed messages pushed at login, not counted",
        "登录时推送离线消息，而不是未读数",
      ],
      official: { lacks: ["pushOfflineMessages"] },
      shown: [
        testsIn("interop/away", "what a client with pushOfflineMessages missed")(
          "comes as the messages themselves, at its login",
        ),
      ],
    },
  ],
};

/** What changes a client from outside. */
const plugins: Area = {
  name: ["Plugins", "插件"],
  features: [
    {
      what: ["Hooks, in the plugins' order", "按插件顺序调用的钩子"],
      official: { has: ["Plugin#onRealtimeCreate", "Plugin#beforeMessageDispatch"] },
      shown: [
        "Curlew acts and LeanCloud hears of it",
        "LeanCloud acts and Curlew hears of it",
      ].flatMap((title, i) => {
        const test = testsIn("interop/hooks", `plugins of both: ${title}`);
        const client = ["LeanCloud", "Curlew"][i]!;
        return [
          test(`are asked by ${client}'s client in their order for all that is created`),
          test(`are asked by ${client}'s client in their order for what arrives`),
        ];
      }),
    },
    {
      what: ["LeanCloud's rich messages, unmodified", "LeanCloud 的富媒体消息插件，无须修改"],
      official: {
        is: yes,
        shown: rich("official sends ImageMessage, and each of the others has it as its own"),
      },
      shown: [
        rich(
          "curlew-with-their-plugin sends ImageMessage, and each of the others has it as its own",
        ),
      ],
    },
    {
      what: ["Who has read in a group", "群聊中谁已读"],
      official: {
        said: yes,
        at: "https://github.com/leancloud/js-realtime-sdk/tree/master/plugins/groupchat-receipts",
      },
      shown: [
        testsIn("src/plugins/group_receipts", "receipts of a group")(
          "tell the others who has read, and up to when, in what createConversation made",
        ),
      ],
    },
    {
      what: ["Encode and decode messages, to encrypt them", "编码与解码消息，可用于加密"],
      official: { lacks: ["messageDecoders"] },
      shown: [
        testsIn("examples/encryption", "the example of end-to-end encryption")(
          "runs: who has the key reads, and who has none sees bytes",
        ),
      ],
    },
  ],
};

/** What is said, and what becomes of it. */
export const ofMessages: readonly Area[] = [messages, sync, plugins];
