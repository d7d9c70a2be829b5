/**
 * A mini program's sockets as a `WebSocket` class.
 *
 * @module
 */
import { fromBase64, toBase64 } from "../src/codecs/base64_codec.ts";
import type { Clock, Timer, WebSocketConstructor, WebSocketLike } from "../src/environment/mod.ts";
import {
  exactBuffer,
  type Failure,
  headerOf,
  type Headers,
  reasonOf,
} from "./mini_program_host.ts";

/** How a call ended, which a mini program says by callbacks. */
interface Outcome {
  readonly success: () => void;
  readonly fail: (failure: Failure) => void;
}

/** What arrives. Alipay wraps it, and has bytes as base64. */
interface Payload {
  readonly data: string | ArrayBuffer | Payload;
  readonly isBuffer?: boolean;
}

/** Why a socket ended. Alipay wraps it, and may not say. */
interface Ending {
  readonly code?: number | string;
  readonly reason?: string;
  readonly data?: Ending;
}

/** One socket, as a mini program has it. */
interface SocketTask {
  readonly readyState?: number;
  send(options: { data: string | ArrayBuffer; isBuffer?: boolean } & Outcome): void;
  close(options: { code: number; reason: string } & Outcome): void;
  onOpen(listener: (opened: { readonly header?: Headers }) => void): void;
  onMessage(listener: (message: Payload) => void): void;
  onError(listener: (failure: Failure) => void): void;
  onClose(listener: (ending: Ending) => void): void;
}

/** The part of a mini program's API that opens sockets. */
export interface SocketHost {
  connectSocket(
    options: { url: string; protocols: string[]; multiple?: boolean } & Outcome,
  ): SocketTask;
  onSocketClose?(listener: (ending: Ending) => void): void;
}

const LOST = 1006;
const OPEN = 1;
/** How long a socket may take to close, in ms: some never say that they did. */
const FAREWELL = 1_000;
/** The most characters of a reason: each takes three bytes at most, and 123 bytes are allowed. */
const REASON = 41;

/** A code as a client may send it. */
const sendable = (code: number): number =>
  code === 1000 || code >= 3000 && code <= 4999 ? code : 1000;

/** Bytes are made here: an `ArrayBuffer` of the platform may be none to `instanceof`. */
function frameIn({ data, isBuffer }: Payload): string | Uint8Array {
  if (typeof data === "string") return isBuffer ? fromBase64(data) : data;
  return "data" in data ? frameIn(data) : new Uint8Array(data);
}

/**
 * A class of `WebSocket`s over a mini program's sockets. A platform allows five at a time, and one
 * that was closed counts until it is gone: the next waits for it.
 */
export function socketClass(
  host: SocketHost,
  isAlipay: boolean,
  clock: Clock,
): WebSocketConstructor {
  /** Those that the platform may have open, and those that wait until another is gone. */
  const sockets = new Set<Socket>();
  const waiting: Socket[] = [];
  // When it closes all of them, as it does in the background, it may say so here alone.
  host.onSocketClose?.((ending) => {
    for (const socket of [...sockets]) socket.closedSomewhere(ending?.data ?? ending);
  });

  class Socket implements WebSocketLike {
    binaryType = "arraybuffer";
    protocol = "";
    bufferedAmount = 0;
    onopen: WebSocketLike["onopen"] = null;
    onmessage: WebSocketLike["onmessage"] = null;
    onerror: WebSocketLike["onerror"] = null;
    onclose: WebSocketLike["onclose"] = null;
    #task: SocketTask | undefined;
    #leaving = false;
    #ended = false;
    #farewell: Timer | undefined;

    constructor(readonly url: string, readonly protocols: string[]) {
      clock.turnEnd(() => this.connect());
    }

    connect(): void {
      if (this.#ended) return;
      if ([...sockets].some((other) => other.#leaving)) return void waiting.push(this);
      const { url, protocols } = this;
      sockets.add(this);
      try {
        const task = this.#task = host.connectSocket({
          url,
          protocols: [...protocols],
          success: () => {}, // Without a callback uni gives no task.
          fail: (failure) => this.#break(failure),
          ...isAlipay && { multiple: true },
        });
        task.onOpen(({ header } = {}) => {
          // Where a socket is closed before it is open, some platforms forget that.
          if (this.#leaving || this.#ended) return this.#closeTask(1000, "");
          // Not all say what the server chose; where one subprotocol is offered, nothing else can be.
          this.protocol = headerOf(header, "Sec-WebSocket-Protocol") ?? protocols[0] ?? "";
          this.onopen?.(undefined as never);
        });
        task.onMessage((message) => this.onmessage?.({ data: frameIn(message) } as never));
        task.onError((failure) => this.#break(failure));
        task.onClose((ending) => this.#end(ending?.data ?? ending));
      } catch (error) {
        this.#break({ errMsg: String(error) });
      }
    }

    send(data: string | Uint8Array<ArrayBuffer>): void {
      if (this.#leaving || this.#ended) return;
      const { length } = data;
      const done = () => void (this.bufferedAmount -= length);
      this.bufferedAmount += length;
      const binary = typeof data !== "string";
      this.#task?.send({
        data: !binary ? data : isAlipay ? toBase64(data) : exactBuffer(data),
        ...binary && isAlipay && { isBuffer: true },
        success: done,
        fail: (failure) => {
          done();
          this.#break(failure);
        },
      });
    }

    close(code = 1000, reason = ""): void {
      if (this.#leaving || this.#ended) return;
      this.#leaving = true;
      if (!this.#task) return clock.turnEnd(() => this.#end({ code, reason }));
      this.#farewell = clock.after(FAREWELL, () => this.#end({ code, reason }));
      this.#closeTask(sendable(code), reason.slice(0, REASON));
    }

    /** A socket was closed, which may be another one of the app. */
    closedSomewhere(ending: Ending): void {
      const state = this.#task?.readyState;
      if (state === undefined ? sockets.size === 1 : state > OPEN) this.#end(ending);
    }

    #closeTask(code: number, reason: string): void {
      try {
        this.#task?.close({ code, reason, success: () => {}, fail: () => {} });
      } catch {
        // It is closed already, which it will say.
      }
    }

    #break(failure: Failure): void {
      if (this.#ended) return;
      this.onerror?.({ message: reasonOf(failure) } as never);
      this.#closeTask(1000, "");
      this.#end({ code: LOST });
    }

    #end({ code, reason = "" }: Ending = {}): void {
      if (this.#ended) return;
      this.#ended = true;
      this.#farewell?.cancel();
      sockets.delete(this);
      this.onclose?.({ code: Number(code ?? LOST), reason } as never);
      for (const socket of waiting.splice(0)) socket.connect();
    }
  }
  return Socket;
}
