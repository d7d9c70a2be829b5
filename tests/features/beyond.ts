/**
 * What LeanCloud's SDK does not do, and where Curlew runs.
 *
 * @module
 */
import { type Area, testsIn } from "./feature.ts";

/** What one has after changing the import. */
export const beyond: Area = {
  name: ["Beyond LeanCloud's SDK", "LeanCloud SDK 之外"],
  features: [
    {
      what: ["`await using`", "`await using`"],
      official: { lacks: ["asyncDispose"] },
      shown: [
        testsIn("src/realtime", "the connection of a Realtime")(
          "ends with close, and with await using",
        ),
      ],
    },
  ],
};

/** What carries it, and where. */
export const running: Area = {
  name: ["Transports, codecs, runtimes", "传输、编码与运行环境"],
  features: [
    {
      what: ["Long-poll where WebSocket is blocked", "WebSocket 不通时用长轮询"],
      official: { lacks: ["longPoll", "long"] },
      shown: [
        testsIn("transports/long_poll", "long-poll")("carries frames both ways, and the end"),
      ],
    },
  ],
};
