/**
 * A link over a WebSocket of the package `ws`. What one turn of the event loop sends is gathered
 * and written at its end, in one write: frames are made here rather than by `ws`, since one buffer
 * with all of them costs the event loop half of what it costs with two chunks a frame.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
// @ts-types="@types/ws"
import type { WebSocket } from "ws";
import type { Clock, Log } from "@curlew/realtime/environment";
import type { Frame, Link, Receiver } from "@curlew/realtime/protocol";

const OPEN = 1;
const REASON_BYTES = 123;
const FIRST_BATCH = 256;
const nothing = Buffer.alloc(0);

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

/** How many bytes the head of a server's frame has (RFC 6455, section 5.2). */
const headOf = (length: number): number => length < 126 ? 2 : length < 65_536 ? 4 : 10;

/** Calls back each of a server's links that sent something, at the end of the turn. */
export type TurnEnd = (link: SocketLink) => void;

/** One list of links for a whole server, so that a turn has one end. */
export function flushPerTurn(clock: Pick<Clock, "turnEnd">): TurnEnd {
  let waiting: SocketLink[] = [];
  const end = () => {
    const links = waiting;
    waiting = [];
    for (const link of links) link.flush();
  };
  return (link) => {
    if (waiting.length === 0) clock.turnEnd(end);
    waiting.push(link);
  };
}

/** The link that sends through a socket. */
export class SocketLink implements Link {
  readonly #webSocket: WebSocket;
  readonly #socket: Duplex;
  readonly #turnEnd: TurnEnd;
  #batch = nothing;
  #length = 0;

  constructor(
    webSocket: WebSocket,
    socket: Duplex,
    readonly protocol: string,
    turnEnd: TurnEnd,
  ) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#turnEnd = turnEnd;
  }

  get pending(): number {
    return this.#socket.writableLength + this.#length;
  }

  readonly send = (frame: Frame): void => {
    if (this.#webSocket.readyState !== OPEN) return;
    const text = typeof frame === "string";
    const length = text ? Buffer.byteLength(frame) : frame.length;
    if (this.#length === 0) this.#turnEnd(this);
    const batch = this.#reserve(headOf(length) + length);
    let at = this.#length;
    batch[at++] = text ? 0x81 : 0x82;
    if (length < 126) {
      batch[at++] = length;
    } else if (length < 65_536) {
      batch[at++] = 126;
      at = batch.writeUInt16BE(length, at);
    } else {
      batch[at++] = 127;
      at = batch.writeBigUInt64BE(BigInt(length), at);
    }
    if (text) batch.write(frame, at);
    else batch.set(frame, at);
    this.#length = at + length;
  };

  readonly close = (code = 1000, reason = ""): void => {
    if (this.#webSocket.readyState !== OPEN) return;
    this.flush();
    this.#webSocket.close(sendable(code) ? code : 1000, fitting(reason));
  };

  /** Writes what was gathered. After a close frame nothing may follow, so then it is dropped. */
  flush(): void {
    if (this.#length === 0) return;
    if (this.#webSocket.readyState === OPEN) {
      this.#socket.write(this.#batch.subarray(0, this.#length));
    }
    this.#batch = nothing;
    this.#length = 0;
  }

  /** The batch, with room for so many bytes more. */
  #reserve(bytes: number): Buffer {
    const needed = this.#length + bytes;
    if (needed > this.#batch.length) {
      const room = Math.max(FIRST_BATCH, needed, 2 * this.#batch.length);
      const larger = Buffer.allocUnsafe(room);
      larger.set(this.#batch.subarray(0, this.#length));
      this.#batch = larger;
    }
    return this.#batch;
  }
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
