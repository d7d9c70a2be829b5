/**
 * What LeanCloud's SDK does too: sessions, conversations, members, queries.
 *
 * @module
 */
import { type Area, bothWays, eachClient, testsIn } from "./feature.ts";

const theirs = testsIn("interop/official_js", "leancloud-realtime 5.0.0-rc.8");
const surface = bothWays("interop/surface", (title) => [
  "between Curlew's client and the official SDK",
  title,
]);
const members = bothWays("interop/members", (title) => [`members: ${title}`]);
const signed = eachClient(
  "interop/signatures",
  (client) => `where everything is signed, ${client}'s client`,
);
const services = bothWays("interop/services", (title) => [`a service conversation: ${title}`]);
const query = eachClient("interop/queries", (client) => `a query of ${client}'s client`);

/** Logging in, and staying so. */
const sessions: Area = {
  name: ["Sessions", "会话"],
  features: [
    {
      what: ["Log in, and see who is online", "登录，查看谁在线"],
      official: { has: ["Realtime#createIMClient", "IMClient#ping"] },
      shown: [theirs("logs in, and sees who else is there")],
    },
    {
      what: ["One device for each `tag`", "同一 `tag` 只保留一台设备"],
      official: { has: ["Realtime#createIMClient({ tag })", "Event.CONFLICT"] },
      shown: [
        theirs("is logged out by a login with its tag on another device"),
        theirs("logs out another device by a login with its tag"),
      ],
    },
    {
      what: ["A forced logout", "强制下线"],
      official: { has: ["Event.CLOSE"] },
      shown: [
        testsIn("interop/official_kick", "a forced logout")(
          "is heard by leancloud-realtime 5.0.0-rc.8 and by Curlew's client, on both of a user's devices",
        ),
      ],
    },
    {
      what: ["Reconnect", "断线重连"],
      official: { has: ["Event.DISCONNECT", "Event.SCHEDULE", "Event.RETRY", "Event.RECONNECT"] },
      shown: [theirs("is back after the server was restarted, with everything in place")],
    },
    {
      what: [
        "Signatures of logins, conversations and blocking",
        "登录、对话操作与拉黑的签名",
      ],
      official: {
        has: [
          "Realtime#createIMClient({ signatureFactory })",
          "Realtime#createIMClient({ conversationSignatureFactory })",
          "Realtime#createIMClient({ blacklistSignatureFactory })",
        ],
      },
      shown: [
        "is let in by a signature alone",
        "starts conversations, and changes their members",
        "blocks and unblocks",
        "is refused what is signed with another key, or not at all",
      ].flatMap(signed),
    },
  ],
};

/** The kinds of conversations, and what each has. */
const kinds: Area = {
  name: ["Conversations", "对话"],
  features: [
    {
      what: [
        "Create one, or find that of the same members",
        "创建对话，或找到成员相同的那一个",
      ],
      official: { has: ["IMClient#createConversation({ members, unique })"] },
      shown: [
        theirs("creates a conversation that its members hear of"),
        theirs("finds the conversation that has the same members, whoever made it"),
      ],
    },
    {
      what: [
        "Attributes: `get`, `set` by path, `save`, `fetch`",
        "属性：`get`、按路径 `set`、`save`、`fetch`",
      ],
      official: {
        has: [
          "Conversation#get",
          "Conversation#set",
          "Conversation#save",
          "Conversation#fetch",
          "Event.INFO_UPDATED",
        ],
      },
      shown: [
        ...surface("changes attributes"),
        ...members("hear on the client, too, what a conversation is called now"),
      ],
    },
    {
      what: ["Mute its offline pushes", "关闭对话的离线推送"],
      official: { has: ["Conversation#mute", "Conversation#unmute"] },
      shown: [theirs("changes a conversation's attributes, and mutes it")],
    },
    {
      what: ["Chat rooms", "聊天室"],
      official: { has: ["ChatRoom", "IMClient#createChatRoom", "IMClient#getChatRoomQuery"] },
      shown: surface("opens rooms and conversations that end"),
    },
    {
      what: ["Temporary conversations", "临时对话"],
      official: {
        has: ["TemporaryConversation#expired", "IMClient#createTemporaryConversation({ ttl })"],
      },
      shown: [
        ...surface("opens rooms and conversations that end"),
        testsIn("src/im/kinds", "a temporary conversation")(
          "takes nothing with code 4323 once it has ended",
        ),
      ],
    },
    {
      what: ["Service conversations", "服务号"],
      official: {
        has: ["ServiceConversation#subscribe", "IMClient#getServiceConversationQuery"],
      },
      curlew: ["✓, but no sending by the operator yet", "✓，运营方还不能发消息"],
      shown: [
        ...services("is found, subscribed to, muted and left, and one's other devices hear of it"),
        ...services("takes what one sends and recalls, which only one's own devices hear and read"),
        testsIn("server/service/services", "a service conversation")(
          "is started by the operator alone, and found with what is known of it",
        ),
      ],
    },
    {
      what: [
        "Conversations and messages as JSON, and back",
        "对话与消息的序列化与反序列化",
      ],
      official: {
        has: ["Conversation#toFullJSON", "IMClient#parseConversation", "IMClient#parseMessage"],
      },
      shown: [["Curlew", "LeanCloud"], ["LeanCloud", "Curlew"]].flatMap(([writer, reader]) => {
        const read = testsIn(
          "interop/saved",
          `what ${writer}'s client wrote down, and ${reader}'s reads`,
        );
        return [read("is a conversation of each kind"), read("is a message of each kind")];
      }),
    },
  ],
};

/** Who is in a conversation, and what they may do. */
const people: Area = {
  name: ["Members", "成员"],
  features: [
    {
      what: ["`add`, `remove`, `join`, `quit`", "`add`、`remove`、`join`、`quit`"],
      official: {
        has: [
          "Conversation#add",
          "Conversation#remove",
          "Conversation#join",
          "Conversation#quit",
          "Event.MEMBERS_JOINED",
        ],
      },
      shown: [
        theirs("adds and removes members, and everybody hears of it"),
        theirs("hears of members that Curlew's client adds and removes"),
        theirs("leaves a conversation and joins it again"),
        ...members("are added where they may be, and it says for whom it failed and why"),
      ],
    },
    {
      what: ["Silence members", "禁言"],
      official: {
        has: [
          "Conversation#muteMembers",
          "Conversation#unmuteMembers",
          "Conversation#queryMutedMembers",
        ],
      },
      shown: [
        ...surface("silences and blocks"),
        ...members("hear who is silenced and blocked, and who no longer is"),
      ],
    },
    {
      what: ["Block members", "拉黑"],
      official: {
        has: [
          "Conversation#blockMembers",
          "Conversation#unblockMembers",
          "Conversation#queryBlockedMembers",
        ],
      },
      shown: [
        ...surface("silences and blocks"),
        ...members("are listed a page at a time, those who are silenced and those who are blocked"),
      ],
    },
    {
      what: ["Owner, managers, members", "群主、管理员与成员"],
      official: {
        has: [
          "Conversation#updateMemberRole",
          "Conversation#getAllMemberInfo",
          "Conversation#getMemberInfo",
          "Event.MEMBER_INFO_UPDATED",
        ],
      },
      shown: [
        ...surface("makes managers"),
        ...members("have roles, which are listed and asked for one by one"),
      ],
    },
  ],
};

const conditions = [
  "equalTo",
  "notEqualTo",
  "lessThan",
  "lessThanOrEqualTo",
  "greaterThan",
  "greaterThanOrEqualTo",
  "exists",
  "doesNotExist",
  "containedIn",
  "notContainsIn",
  "containsAll",
  "sizeEqualTo",
  "contains",
  "startsWith",
  "endsWith",
  "matches",
  "containsMembers",
  "withMembers",
];

/** How conversations are found. */
const queries: Area = {
  name: ["Queries", "查询"],
  features: [
    {
      what: ["Every condition, `and`, `or`", "全部条件，以及 `and`、`or`"],
      official: {
        has: [...conditions, "and", "or"].map((name) => `ConversationQuery#${name}`),
      },
      shown: [
        ...conditions.flatMap((name) => query(`finds by ${name}`)),
        ...query("finds by `and` and `or` of others"),
      ],
    },
    {
      what: ["Order, `skip`, `limit`, `first`", "排序、`skip`、`limit`、`first`"],
      official: {
        has: [
          "ConversationQuery#addDescending",
          "ConversationQuery#skip",
          "ConversationQuery#limit",
          "ConversationQuery#first",
        ],
      },
      shown: [
        ...query("sorts by several fields, skips and cuts"),
        ...query("gives the first alone, or nothing"),
      ],
    },
    {
      what: ["`compact`, `withLastMessagesRefreshed`", "`compact`、`withLastMessagesRefreshed`"],
      official: {
        has: ["ConversationQuery#compact", "ConversationQuery#withLastMessagesRefreshed"],
      },
      shown: query(
        "leaves members out with `compact`, and brings last messages where they are asked for",
      ),
    },
  ],
};

/** What is done before anybody speaks. */
export const aroundMessages: readonly Area[] = [sessions, kinds, people, queries];
