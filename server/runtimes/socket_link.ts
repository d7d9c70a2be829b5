/**
 * A link over a WebSocket of the package `ws`.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { Clock, Log } from "@curlew/realtime/environment";
import type { Link, Receiver } from "@curlew/realtime/protocol";

/** Holds back a socket's writes until the end of this turn, so that they leave in one. */
export type Cork = (socket: Duplex) => void;

/** One list of held sockets for all links of a server, let go of together. */
export function corkPerTurn(clock: Pick<Clock, "turnEnd">): Cork {
  const held = new Set<Duplex>();
  const letGo = () => {
    for (const socket of held) socket.uncork();
    held.clear();
  };
  return (socket) => {
    if (held.has(socket)) return;
    if (held.size === 0) clock.turnEnd(letGo);
    held.add(socket);
    socket.cork();
  };
}

const OPEN = 1;
const REASON_BYTES = 123;

/** Whether a close frame may carry the code. */
const sendable = (code: number): boolean =>
  (code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code)) ||
  (code >= 3000 && code <= 4999);

/** A reason as it fits into a close frame, cut between two characters. */
function fitting(reason: string): string {
  let text = reason;
  while (Buffer.byteLength(text) > REASON_BYTES) text = [...text].slice(0, -1).join("");
  return text;
}

/** The link that sends through the socket. */
export function linkOver(
  webSocket: WebSocket,
  socket: Duplex,
  protocol: string,
  cork: Cork,
): Link {
  return {
    protocol,
    get pending() {
      return webSocket.bufferedAmount;
    },
    send: (frame) => {
      if (webSocket.readyState !== OPEN) return;
      cork(socket);
      // ws keeps what it is given until it is written, and a frame is only lent.
      webSocket.send(typeof frame === "string" ? frame : Buffer.from(frame));
    },
    close: (code = 1000, reason = "") => {
      if (webSocket.readyState !== OPEN) return;
      webSocket.close(sendable(code) ? code : 1000, fitting(reason));
    },
  };
}

/** Hands the receiver what the socket gets, until it ends. */
export function report(webSocket: WebSocket, receiver: Receiver, log: Log): void {
  webSocket.on("message", (data: Buffer, binary: boolean) => {
    try {
      // A plain view: Buffer's `slice` does not copy, as that of a Uint8Array does.
      receiver.frame(
        binary ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength) : data.toString(),
      );
    } catch (error) {
      log.error("A frame could not be handled", { error });
      webSocket.close(1011, "Internal error");
    }
  });
  webSocket.on("close", (code, reason) => receiver.closed({ code, reason: reason.toString() }));
}
