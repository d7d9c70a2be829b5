/**
 * What LeanCloud's SDK names and Curlew does not, and why: as docs/migration.md says it.
 *
 * @module
 */

/** Names that are left out for one reason; a member of a class with its class before it. */
export interface LeftOut {
  /** The names, exported or declared. */
  readonly names: readonly string[];
  /** The reason, in English and in Chinese. */
  readonly why: readonly [english: string, chinese: string];
}

/** All that is left out. */
export const leftOut: readonly LeftOut[] = [
  {
    names: ["Realtime.defineConversationProperty"],
    why: [
      "It is the function `defineConversationProperty` alone, so that who does not use it does not ship it",
      "只有函数 `defineConversationProperty`，不用它的应用就不必打包它",
    ],
  },
  {
    names: ["setAdapters", "getAdapter"],
    why: [
      "What a platform lacks is handed to each `Realtime` as its second argument: `new Realtime(options, miniProgram(wx))`",
      "平台缺少的能力作为第二个参数传给每个 `Realtime`：`new Realtime(options, miniProgram(wx))`",
    ],
  },
  {
    names: ["debug", "Debug", "Debug.enable", "Debug.disable"],
    why: [
      "Each `Realtime` logs to the `log` in its second argument: `new Realtime(options, { log: console })`",
      "每个 `Realtime` 把日志写到第二个参数中的 `log`：`new Realtime(options, { log: console })`",
    ],
  },
  {
    names: ["IMClient.markAllAsRead"],
    why: [
      "It is declared, but LeanCloud's SDK has not had it since 4.0: call `read()` of each conversation",
      "类型声明里有，但 LeanCloud 的 SDK 从 4.0 起就没有实现：请对每个对话调用 `read()`",
    ],
  },
  {
    names: ["Promise"],
    why: ["Platforms have it", "各平台自带"],
  },
  {
    names: ["Protocals", "Protocols"],
    why: [
      "Commands are plain objects; `@curlew/realtime/protocol` has their types and numbers",
      "指令是普通对象，其类型和编号在 `@curlew/realtime/protocol` 里",
    ],
  },
  {
    names: ["IMPlugin"],
    why: [
      "Messaging is no plugin here; it is there for LeanCloud's own LiveQuery",
      "即时通讯在这里不是插件；它只供 LeanCloud 自己的 LiveQuery 使用",
    ],
  },
  {
    names: ["AsyncIterator", "IteratorResult"],
    why: ["TypeScript has them", "TypeScript 自带"],
  },
  {
    names: ["Middleware", "Decorator", "EventContext", "OptionalContext"],
    why: [
      "They help other declarations; `Plugin` and `IMClientEvents` say what they say",
      "只用来写其他声明；`Plugin` 和 `IMClientEvents` 已经说明",
    ],
  },
];
