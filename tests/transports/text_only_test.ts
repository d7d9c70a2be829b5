import assert from "node:assert/strict";
import { describe, it } from "node:test";
// @ts-types="@types/ws"
import { WebSocket } from "ws";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import { memory } from "@curlew/realtime/transports/memory";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { transportContract } from "../contract/transport.ts";
import { ears } from "../kit/ear.ts";
import { memoryRig, webSocketRig } from "./rigs.ts";

const ws = WebSocket as unknown as WebSocketConstructor;

transportContract("textOnly of memory", memoryRig(textOnly));
transportContract("textOnly of websocket", webSocketRig(textOnly));
transportContract("textOnly of websocket, with the class of ws", webSocketRig(textOnly, ws));

describe("textOnly", () => {
  it("keeps the name of the transport", () => {
    const { name, carries } = textOnly(memory({ protocols: [], accept: ears() }));
    assert.deepEqual([name, carries], ["memory", "text"]);
  });
});
