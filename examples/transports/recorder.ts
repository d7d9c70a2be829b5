/**
 * Wraps a transport and records every frame, with its time and its direction, one JSON object a
 * line. `playback.ts` plays a recording to a client without a server; this prints one:
 *
 * ```sh
 * deno run --allow-read examples/transports/recorder.ts session.jsonl
 * ```
 *
 * A recording holds all that was said, and tokens to log in with: treat it as you treat those.
 *
 * @module
 */
import { appendFileSync, readFileSync } from "node:fs";
import process from "node:process";
import type { Plugin } from "@curlew/realtime";
import { fromBase64, protobufText, toBase64 } from "@curlew/realtime/codecs/base64";
import { cbor, cborText } from "@curlew/realtime/codecs/cbor";
import { json } from "@curlew/realtime/codecs/json";
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import { type Clock, systemClock } from "@curlew/realtime/environment";
import type { Codec, Frame, Transport } from "@curlew/realtime/protocol";
import { webSocket } from "@curlew/realtime/transports/websocket";

/** A frame as JSON can hold it. */
export type RecordedFrame = { readonly text: string } | { readonly base64: string };

/** What happened. */
export type Happening =
  | { readonly event: "failed"; readonly url: string; readonly error: string }
  | { readonly event: "opened"; readonly url: string; readonly protocol: string }
  | { readonly event: "sent" | "received" } & RecordedFrame
  | {
    readonly event: "closed";
    readonly by: "client" | "server";
    readonly code: number;
    readonly reason: string;
  };

/** One line of a recording: what happened, when (in ms since the epoch), and on which link. */
export type Line = Happening & { readonly at: number; readonly link: number };

/** A frame is lent: what is kept of it must be taken now. */
const recorded = (frame: Frame): RecordedFrame =>
  typeof frame === "string" ? { text: frame } : { base64: toBase64(frame) };

/** The frame that was recorded. */
export const frameOf = (frame: RecordedFrame): Frame =>
  "text" in frame ? frame.text : fromBase64(frame.base64);

/** The same transport, all of whose frames are written down. Links are numbered from 1. */
export function recorder<F extends Frame>(
  transport: Transport<F>,
  write: (line: Line) => void,
  clock: Clock = systemClock,
): Transport<F> {
  let links = 0;
  return {
    ...transport,
    open: async (dial, accept) => {
      const link = ++links;
      const { url } = dial;
      const note = (happening: Happening) => write({ at: clock.now(), link, ...happening });
      try {
        await transport.open(dial, (inner) => {
          const { protocol, transport } = inner;
          note({ event: "opened", url, protocol });
          let over = false;
          const { frame, closed } = accept({
            protocol,
            ...transport !== undefined && { transport }, // which one of several made it
            get pending() { // It changes: copying the link would keep what it is now.
              return inner.pending;
            },
            send: (frame) => {
              if (!over) note({ event: "sent", ...recorded(frame) });
              inner.send(frame);
            },
            close: (code, reason) => {
              over = true;
              inner.close(code, reason);
            },
          });
          return {
            frame: (one) => {
              note({ event: "received", ...recorded(one) });
              frame(one);
            },
            closed: (why) => {
              const { code, reason } = why;
              note({ event: "closed", by: over ? "client" : "server", code, reason });
              over = true;
              closed(why);
            },
          };
        });
      } catch (error) {
        note({ event: "failed", url, error: String(error) });
        throw error;
      }
    },
  };
}

/** A plugin that records what its app's connections carry, over WebSocket unless said otherwise. */
export function recording(file: string, transport: Transport<Frame> = webSocket()): Plugin {
  // For nobody else's eyes: it holds tokens to log in with.
  const write = (line: Line) => appendFileSync(file, `${JSON.stringify(line)}\n`, { mode: 0o600 });
  return { name: "recorder", transports: [recorder(transport, write)] };
}

/** The lines of a recording. */
export function readRecording(file: string): readonly Line[] {
  return readFileSync(file, "utf8").split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

const codecs = new Map(
  [protobuf, protobufText, cbor, cborText, json].flatMap((codec: Codec) =>
    ([1, 3] as const).map((version) => [codec.subprotocol(version), codec] as const)
  ),
);

/** What turns the frames of a subprotocol into commands and back, where it is known. */
export const codecOf = (protocol: string): Codec | undefined => codecs.get(protocol);

/** A recording for people: the commands as JSON, with seconds from its beginning. */
export function* printed(lines: readonly Line[]): Generator<string> {
  const protocols = new Map<number, string>();
  const start = lines[0]?.at ?? 0;
  const readable = (frame: Frame, protocol = ""): string => {
    const codec = codecOf(protocol);
    if (codec) return json.encode(codec.decode(frame));
    return typeof frame === "string" ? frame : `${frame.length} bytes`;
  };
  for (const line of lines) {
    const { at, link } = line;
    const say = () => {
      switch (line.event) {
        case "failed":
          return `could not connect to ${line.url}: ${line.error}`;
        case "opened":
          protocols.set(link, line.protocol);
          return `connected to ${line.url}, speaking ${line.protocol}`;
        case "closed":
          return `closed by the ${line.by}: ${line.code} ${line.reason}`.trimEnd();
        default: {
          const arrow = line.event === "sent" ? "→" : "←";
          return `${arrow} ${readable(frameOf(line), protocols.get(link))}`;
        }
      }
    };
    yield `${((at - start) / 1000).toFixed(3).padStart(9)} #${link} ${say()}`;
  }
}

if (import.meta.main) {
  const [file] = process.argv.slice(2);
  if (file === undefined) {
    console.error("Which recording? Give its file");
    process.exit(1);
  }
  for (const line of printed(readRecording(file))) console.log(line);
}
