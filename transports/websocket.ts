/**
 * Links over WebSocket, by the platform's class or by another one.
 *
 * @module
 */
import type { WebSocketConstructor, WebSocketLike } from "../src/environment/mod.ts";
import { TransportError } from "../src/protocol/errors.ts";
import type { Accept, Dial, Frame, Receiver, Transport } from "../src/protocol/transport.ts";

/** How to open WebSockets. */
export interface WebSocketOptions {
  /** The class to use; by default the platform's. In Node 20 that of the package `ws`. */
  readonly WebSocket?: WebSocketConstructor | undefined;
}

const LOST = 1006;

/** What a close event says; some platforms leave parts out. */
interface CloseEvent {
  readonly code?: number;
  readonly reason?: string;
}

function dialWith(
  Constructor: WebSocketConstructor,
  { url, protocols, cancelled }: Dial,
  accept: Accept,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const givenUp = () => new TransportError("timeout", `${url} was given up before it answered`);
    if (cancelled.aborted) return reject(givenUp());
    let socket: WebSocketLike;
    try {
      socket = new Constructor(url, [...protocols]);
    } catch (cause) {
      const message = `${url} is no address of a WebSocket`;
      return reject(new TransportError("unreachable", message, { cause }));
    }
    socket.binaryType = "arraybuffer";
    let failure: string | undefined;
    /** As long as there is a link. */
    let receiver: Receiver | undefined;
    /** Nothing more is sent or heard. */
    let closing = false;

    const close = (code?: number, reason?: string) => {
      if (closing) return;
      closing = true;
      try {
        socket.close(code, reason);
      } catch {
        socket.close(); // A code that a client may not send, or a reason that is too long.
      }
    };
    const giveUp = (error: TransportError) => {
      cancelled.removeEventListener("abort", cancel);
      reject(error);
      close();
    };
    const cancel = () => giveUp(givenUp());

    socket.onopen = () => {
      if (closing) return;
      const { protocol } = socket;
      if (!protocols.includes(protocol)) {
        const message =
          `${url} speaks none of ${protocols.join(", ")}: it chose ${protocol || "none"}; ` +
          "check that the address is that of a Curlew or LeanCloud server";
        return giveUp(new TransportError("subprotocol", message));
      }
      cancelled.removeEventListener("abort", cancel);
      receiver = accept({
        protocol,
        get pending() {
          return receiver ? socket.bufferedAmount : 0;
        },
        send: (frame) => {
          if (closing) return;
          try {
            // Not every implementation has copied a frame that is lent when this returns.
            socket.send(typeof frame === "string" ? frame : new Uint8Array(frame));
          } catch (error) { // Some throw when the other side has closed before they tell so.
            failure = String(error);
            close();
          }
        },
        close,
      });
      resolve();
    };
    socket.onmessage = ({ data }: { data: unknown }) => {
      if (closing) return;
      const frame = data instanceof ArrayBuffer ? new Uint8Array(data) : data;
      if (typeof frame === "string" || frame instanceof Uint8Array) receiver?.frame(frame);
      else close(3003, "Neither bytes nor text");
    };
    const unreachable = (why: string | undefined, code: number) => {
      const message =
        `${url} could not be reached${why ? ` (${why})` : ""}: check the address, that a server ` +
        "listens there, and that a proxy before it lets WebSockets through";
      giveUp(new TransportError("unreachable", message, { code }));
    };
    socket.onerror = (event: { message?: string }) => {
      failure = event?.message;
      // Of a socket that a page's policy forbids, Chromium says this and never that it closed.
      if (!receiver) unreachable(failure, LOST);
    };
    socket.onclose = (event: CloseEvent) => {
      const { reason = "" } = event;
      const code = event.code || LOST; // Deno says 0 of a link that broke.
      const heard = receiver;
      if (!heard) return unreachable(failure || reason, code);
      receiver = undefined;
      closing = true;
      if (code !== LOST) return heard.closed({ code, reason });
      const message = `The link to ${url} broke${failure ? `: ${failure}` : ""}`;
      const error = new TransportError("unreachable", message, { code });
      heard.closed({ code, reason, error });
    };
    cancelled.addEventListener("abort", cancel);
  });
}

/**
 * Opens WebSockets. Rejects with a `TypeError` where there is no WebSocket class: Node 22 and later
 * have one, and in Node 20 that of the package `ws` is passed in.
 *
 * ```ts
 * import { WebSocket } from "ws";
 * const transports = [webSocket({ WebSocket })];
 * ```
 */
export function webSocket(options: WebSocketOptions = {}): Transport<Frame> {
  return {
    name: "websocket",
    carries: "any",
    open: async (dial, accept) => {
      const Constructor = options.WebSocket ??
        (globalThis as { WebSocket?: WebSocketConstructor }).WebSocket;
      if (!Constructor) {
        throw new TypeError(
          "This platform has no WebSocket: use Node 22 or later, or transports: [webSocket({ WebSocket })] with that of the package ws",
        );
      }
      await dialWith(Constructor, dial, accept);
    },
  };
}
