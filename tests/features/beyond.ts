/**
 * What LeanCloud's SDK does not do, and where Curlew runs.
 *
 * @module
 */
import { type Area, no, testsIn, yes } from "./feature.ts";

const official = testsIn("interop/official_limits", "LeanCloud's SDK");
const arriving = testsIn("src/im/messages_as_they_arrive", "messages as they arrive");
const signals = testsIn("src/im/signals", "a signal");
const suite = testsIn("runtimes/runtimes", "the end-to-end suite");
const programs = testsIn("types/programs", "programs written for LeanCloud's declarations");

/** What one has after changing the import. */
const beyond: Area = {
  name: ["What changing the import brings", "改用 Curlew 客户端之后"],
  features: [
    {
      what: ["Programs for LeanCloud's types compile", "为 LeanCloud 类型所写的程序可以通过编译"],
      official: {
        is: yes,
        shown: programs("are correct by the declarations of 5.0.0-rc.8"),
      },
      shown: [programs("are correct by Curlew's declarations")],
    },
    {
      what: ["A chat app, compressed", "一个聊天应用压缩之后的体积"],
      official: {
        is: ["more than 60 kB", "超过 60 kB"],
        shown: official("ships more than 60 kB, compressed, to browsers of today"),
      },
      curlew: ["22 kB", "22 kB"],
      shown: [
        testsIn("size", "the size of what an app ships, from the sources")(
          "is at most 22,000 bytes for a chat over WebSocket and protobuf, compressed",
        ),
      ],
    },
    {
      what: ["Called while reconnecting", "重连期间发起的调用"],
      official: {
        is: ["refused", "被拒绝"],
        shown: official("refuses what is called while it is connecting again"),
      },
      curlew: ["waits", "等待"],
      shown: [
        testsIn("src/im/official_defects", "the official SDK's defects")(
          "3: a call made while reconnecting waits for the session",
        ),
      ],
    },
    {
      what: ["Several `Realtime`s of one app", "同一应用的多个 `Realtime`"],
      official: {
        is: ["throws", "抛出异常"],
        shown: official("throws for a second Realtime of an app"),
      },
      shown: [
        testsIn("src/im/official_defects", "the official SDK's defects")(
          "7: several for the same app live side by side, and end",
        ),
      ],
    },
    {
      what: ["`for await` over history", "用 `for await` 遍历历史消息"],
      official: {
        is: no,
        shown: official("has nothing that a loop or `await using` takes"),
      },
      shown: [
        testsIn("src/im/history", "the history")(
          "is walked through page by page, the last with done",
        ),
      ],
    },
    {
      what: ["`for await` over messages as they arrive", "用 `for await` 接收消息"],
      official: {
        is: no,
        shown: official("has nothing that a loop or `await using` takes"),
      },
      shown: [
        arriving("come in order, those of one conversation and those of all"),
        arriving("end quietly with the signal, also within the loop, and listen no more"),
      ],
    },
    {
      what: ["`await using`", "`await using`"],
      official: { lacks: ["asyncDispose"] },
      shown: [
        testsIn("src/im/messages_as_they_arrive", "a client in an `await using`")(
          "is logged out at its end",
        ),
        testsIn("src/realtime", "the connection of a Realtime")(
          "ends with close, and with await using",
        ),
      ],
    },
    {
      what: ["An `AbortSignal` for all that waits", "所有等待都接受 `AbortSignal`"],
      official: { lacks: ["AbortSignal", "signal"] },
      shown: [
        ...["createConversation", "a query's find", "send", "queryMessages", "add", "save"].map((
          call,
        ) => signals(`ends ${call} while the server does not answer`)),
        signals("ends a login, and the client's id is free again"),
      ],
    },
    {
      what: ["Message classes that check what arrives", "对收到的内容做校验的消息类"],
      official: { lacks: ["schema", "checkedMessage"] },
      shown: [
        testsIn("src/im/checked_messages", "messages of a class with schemas")(
          "arrive with their fields, in the history too; bad ones arrive as what the next class makes of them",
        ),
      ],
    },
  ],
};

/** What carries it, and where it runs. */
const running: Area = {
  name: ["Transports, codecs, runtimes", "传输、编码与运行环境"],
  features: [
    {
      what: ["Text alone, where bytes can't pass", "二进制不通时只用文本"],
      official: { has: ["Realtime({ noBinary })"] },
      shown: [
        testsIn("interop/official_js", "leancloud-realtime 5.0.0-rc.8, noBinary")(
          "sends text to Curlew's client",
        ),
      ],
    },
    {
      what: ["Plain HTTP, where WebSocket can't pass", "WebSocket 不通时用 HTTP 长轮询"],
      official: { lacks: ["longPoll", "transports"] },
      shown: [
        testsIn("runtimes/browser", "a page in Chromium")(
          "falls back to long-poll, without waiting, where its policy forbids WebSocket",
        ),
        suite("in Node.js 22 by import", "passes over long-poll with protobuf"),
      ],
    },
    {
      what: ["CBOR and JSON instead of protobuf", "用 CBOR 或 JSON 代替 protobuf"],
      official: { lacks: ["codecs", "cbor"] },
      shown: [
        suite("in Node.js 22 by import", "passes over WebSocket with CBOR"),
        suite("in Node.js 22 by import", "passes over WebSocket with JSON"),
      ],
    },
    {
      what: ["Browsers", "浏览器"],
      official: { has: ["dist/im-browser.min.js"] },
      shown: [
        testsIn("runtimes/browser", "a page in Chromium", "over the end-to-end suite")(
          "passes by default",
        ),
      ],
    },
    {
      what: ["Mini programs", "小程序"],
      official: { has: ["dist/im-weapp.min.js"] },
      shown: [
        testsIn("runtimes/mini_program", "README's program for a mini program")("runs in one"),
      ],
    },
    {
      what: ["React Native", "React Native"],
      official: { untried: true },
      shown: [
        testsIn("src/environment/hermes", "README's program for React Native")(
          "runs there, and is not connected in the background",
        ),
      ],
    },
    {
      what: ["Node.js 22, and 20 with `ws`", "Node.js 22，以及装有 `ws` 的 Node.js 20"],
      official: { has: ["dist/im-node.js"] },
      shown: [
        suite("in Node.js 22 by import", "passes by default"),
        suite(
          "in Node.js 20 with the WebSocket of ws",
          "passes over WebSocket with protobuf",
        ),
      ],
    },
    {
      what: ["Deno", "Deno"],
      official: {
        is: yes,
        shown: testsIn("interop/official_js", "leancloud-realtime 5.0.0-rc.8")(
          "logs in, and sees who else is there",
        ),
      },
      shown: [suite("in Deno, to the server that Deno runs", "passes by default")],
    },
    {
      what: ["Cloudflare Workers", "Cloudflare Workers"],
      official: { untried: true },
      shown: [
        suite("in a Cloudflare Worker as of 2026-04-01", "passes by default"),
        testsIn("examples/programs", "the examples")(
          "answer requests of a Worker, several at once, by a client in a Durable Object",
        ),
      ],
    },
  ],
};

/** What the other has not, and what is beneath. */
export const ofItsOwn: readonly Area[] = [beyond, running];
