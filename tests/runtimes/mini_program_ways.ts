/**
 * The end-to-end suite as a mini program, over each of its transports. It is bundled, and is given
 * `wx` alone.
 *
 * @module
 */
import * as curlew from "@curlew/realtime";
import { cbor } from "@curlew/realtime/codecs/cbor";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { miniProgram, type MiniProgramApi } from "@curlew/realtime/transports/mini-program";
import { after, race } from "@curlew/realtime/transports/race";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { webSocket } from "@curlew/realtime/transports/websocket";
import { type Outcome, runCases } from "./cases.ts";
import { endToEnd, type ServerUnderTest, type Setup } from "./suite.ts";

declare const wx: MiniProgramApi;

/** Runs the whole suite in each way, and says what each case ended with. */
export async function runAll(server: ServerUnderTest): Promise<Record<string, Outcome[]>> {
  const environment = miniProgram(wx);
  class Realtime extends curlew.Realtime {
    constructor(options: curlew.RealtimeOptions) {
      super(options, environment);
    }
  }
  const socket = webSocket(environment);
  const polled = longPoll(environment);
  const setups: Record<string, Setup> = {
    "by default": {},
    "with noBinary": { noBinary: true },
    "over WebSocket with CBOR": { transports: [socket], codecs: [cbor] },
    "over long-poll": { transports: [polled] },
    "over long-poll, in text alone": { transports: [textOnly(polled)], noBinary: true },
    "over a race of both": { transports: [race([socket, after(2_000, polled)])] },
  };
  const outcomes: Record<string, Outcome[]> = {};
  for (const [way, setup] of Object.entries(setups)) {
    outcomes[way] = await runCases(endToEnd({ ...curlew, Realtime }, server, setup));
  }
  return outcomes;
}
