/**
 * What LeanCloud's SDK does too: sessions, conversations, members, queries.
 *
 * @module
 */
import { type Area, testsIn } from "./feature.ts";

const theirs = testsIn("interop/official_js", "leancloud-realtime 5.0.0-rc.8");
const surface = testsIn("interop/surface", "between Curlew's client and the official SDK");
const bothWays = (name: string) =>
  ["Curlew acts and LeanCloud hears of it", "LeanCloud acts and Curlew hears of it"]
    .map((side) => surface(side, name));
const roles = testsIn("interop/official_roles", "an app with roles");

/** Logging in, and staying so. */
export const sessions: Area = {
  name: ["Sessions", "会话"],
  features: [
    {
      what: ["Log in by an id, and see who is online", "用 ID 登录，查看谁在线"],
      official: { has: ["Realtime#createIMClient", "IMClient#ping"] },
      shown: [theirs("logs in, and sees who else is there")],
    },
    {
      what: [
        "One device for each `tag`, with `conflict`",
        "同一 `tag` 只保留一台设备，并有 `conflict` 事件",
      ],
      official: { has: ["Realtime#createIMClient({ tag })", "Event.CONFLICT"] },
      shown: [
        theirs("is logged out by a login with its tag on another device"),
        theirs("logs out another device by a login with its tag"),
      ],
    },
    {
      what: [
        "Back by itself, with `disconnect`, `schedule`, `retry`, `reconnect`",
        "自动重连，并有 `disconnect`、`schedule`、`retry`、`reconnect` 事件",
      ],
      official: { has: ["Event.DISCONNECT", "Event.SCHEDULE", "Event.RETRY", "Event.RECONNECT"] },
      shown: [theirs("is back after the server was restarted, with everything in place")],
    },
  ],
};

/** The kinds of conversations, and what each has. */
export const conversations: Area = {
  name: ["Conversations", "对话"],
  features: [
    {
      what: [
        "Create them, or find the one of the same members: `unique`",
        "创建对话；用 `unique` 找到成员相同的那一个",
      ],
      official: { has: ["IMClient#createConversation({ members, unique })"] },
      shown: [
        theirs("creates a conversation that its members hear of"),
        theirs("finds the conversation that has the same members, whoever made it"),
      ],
    },
    {
      what: [
        "Attributes: `get`, `set` by path, `save`, `fetch`, `infoupdated`",
        "属性：`get`、按路径 `set`、`save`、`fetch` 与 `infoupdated` 事件",
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
        ...bothWays("changes attributes"),
        theirs("changes a conversation's attributes, and mutes it"),
      ],
    },
    {
      what: ["Offline pushes off and on: `mute`, `unmute`", "关闭与恢复离线推送：`mute`、`unmute`"],
      official: { has: ["Conversation#mute", "Conversation#unmute"] },
      shown: [theirs("changes a conversation's attributes, and mutes it")],
    },
    {
      what: ["Chat rooms", "聊天室"],
      official: { has: ["ChatRoom", "IMClient#createChatRoom", "IMClient#getChatRoomQuery"] },
      shown: bothWays("opens rooms and conversations that end"),
    },
    {
      what: ["Temporary conversations with a `ttl`", "带 `ttl` 的临时对话"],
      official: {
        has: ["TemporaryConversation#expired", "IMClient#createTemporaryConversation({ ttl })"],
      },
      shown: bothWays("opens rooms and conversations that end"),
    },
  ],
};

/** Who is in a conversation, and what they may do. */
export const members: Area = {
  name: ["Members", "成员"],
  features: [
    {
      what: [
        "`add`, `remove`, `join`, `quit`, with their events",
        "`add`、`remove`、`join`、`quit` 以及相应的事件",
      ],
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
      ],
    },
    {
      what: ["Silence members, for whom it failed and why", "禁言，并说明对谁失败及原因"],
      official: {
        has: [
          "Conversation#muteMembers",
          "Conversation#unmuteMembers",
          "Conversation#queryMutedMembers",
        ],
      },
      shown: bothWays("silences and blocks"),
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
      shown: bothWays("silences and blocks"),
    },
    {
      what: ["Roles: owner, manager, member", "角色：群主、管理员、成员"],
      official: { has: ["Conversation#updateMemberRole", "Event.MEMBER_INFO_UPDATED"] },
      shown: [
        ...bothWays("makes managers"),
        roles("leancloud-realtime 5.0.0-rc.8 makes managers, silences and blocks members"),
      ],
    },
  ],
};

/** How conversations are found. */
export const queries: Area = {
  name: ["Queries", "查询"],
  features: [
    {
      what: [
        "With their newest messages: `withLastMessagesRefreshed`",
        "同时取得最后一条消息：`withLastMessagesRefreshed`",
      ],
      official: { has: ["ConversationQuery#withLastMessagesRefreshed"] },
      shown: [theirs("queries conversations")],
    },
  ],
};
