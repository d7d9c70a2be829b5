/**
 * The end-to-end suite over each transport with each codec. It is bundled for each runtime, with the
 * packages that the runtime's project installed.
 *
 * @module
 */
import * as curlew from "@curlew/realtime";
import { protobufText } from "@curlew/realtime/codecs/base64";
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { WebSocketConstructor } from "@curlew/realtime/environment";
import type { AnyTransport, Codec } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { after, race } from "@curlew/realtime/transports/race";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { type Outcome, runCases } from "./cases.ts";
import { endToEnd, type ServerUnderTest, type Setup } from "./suite.ts";

/** What a runtime hands in where it lacks it. */
export interface Lacking {
  /** A class, where the runtime has none. */
  readonly WebSocket?: WebSocketConstructor;
}

/** How the client is set up for each way. */
function setups(lacking: Lacking): Readonly<Record<string, Setup>> {
  const socket = webSocket(lacking);
  const over = (transport: AnyTransport, codec: Codec): Setup => ({
    transports: [transport],
    codecs: [codec],
  });
  return {
    ...(lacking.WebSocket ? {} : {
      "by default": {},
      "with noBinary": { noBinary: true },
    }),
    "over WebSocket with protobuf": over(socket, protobuf),
    "over WebSocket with CBOR": over(socket, cbor),
    "over WebSocket with JSON": over(socket, json),
    "over WebSocket, in text alone, with protobuf": over(textOnly(socket), protobufText),
    "over WebSocket, in text alone, with CBOR": over(textOnly(socket), cborText),
    "over long-poll with protobuf": over(longPoll(), protobuf),
    "over long-poll with CBOR": over(longPoll(), cbor),
    "over long-poll with JSON": over(longPoll(), json),
    "over long-poll, in text alone, with protobuf": over(textOnly(longPoll()), protobufText),
    "over a race of both with protobuf": over(race([socket, after(2_000, longPoll())]), protobuf),
    "over a race of both, in text alone, with CBOR": over(
      race([longPoll(), after(2_000, textOnly(socket))]),
      cborText,
    ),
  };
}

/** The ways, by name. */
export const waysWith = (lacking: Lacking = {}): readonly string[] => Object.keys(setups(lacking));

/** Runs the whole suite in each way, and says what each case ended with. */
export async function runAll(
  server: ServerUnderTest,
  lacking: Lacking = {},
): Promise<Record<string, Outcome[]>> {
  const outcomes: Record<string, Outcome[]> = {};
  for (const [way, setup] of Object.entries(setups(lacking))) {
    outcomes[way] = await runCases(endToEnd(curlew, server, setup));
  }
  return outcomes;
}
