/**
 * A transport over `MessagePort`: the client talks to a server in the same process, as here, or in a
 * `Worker` or `SharedWorker`, to which a port can be handed. It runs by itself:
 *
 * ```sh
 * deno run examples/transports/message_port.ts
 * ```
 *
 * Each link has a channel of its own, one port of which goes to the other side through a port that
 * both have: the door. On a link, text and bytes are frames, and objects are notes about the link.
 *
 * @module
 */
import { Realtime, TextMessage } from "@curlew/realtime";
import { findEnvironment } from "@curlew/realtime/environment";
import {
  type Accept,
  type Closed,
  type Frame,
  type Receiver,
  type Transport,
  TransportError,
  type TransportFailure,
} from "@curlew/realtime/protocol";
import { createServer } from "@curlew/server";
import { createMemoryStore } from "@curlew/server/store/memory";

/** What is said through the door, together with the port of the link-to-be. */
interface Knock {
  readonly protocols: readonly string[];
}

/** What is said about a link, on its own port: the first is the answer to the knock. */
type Note =
  | { readonly kind: "open"; readonly protocol: string }
  | { readonly kind: "refused"; readonly reason: TransportFailure; readonly message: string }
  | { readonly kind: "close"; readonly code: number; readonly reason: string };

/** One end of a link, which both sides have alike. */
function useLink(port: MessagePort, protocol: string, accept: Accept): void {
  let over = false;
  const note = (note: Note) => port.postMessage(note);
  const end = (why: Closed) => {
    over = true;
    port.close();
    // `closed` is no part of `close`: whoever calls that may be in the middle of something.
    void Promise.resolve().then(() => receiver.closed(why));
  };
  const receiver: Receiver = accept({
    protocol,
    pending: 0, // A port takes whatever it is given at once.
    send: (frame) => {
      if (over) return;
      if (typeof frame === "string") return port.postMessage(frame);
      // A frame is lent, and may be a part of a large buffer, all of which a port would copy.
      const copy = new Uint8Array(frame);
      port.postMessage(copy, [copy.buffer]);
    },
    close: (code = 1000, reason = "") => {
      if (over) return;
      note({ kind: "close", code, reason });
      end({ code, reason });
    },
  });
  port.onmessage = ({ data }: MessageEvent<Frame | Note>) => {
    if (over) return;
    if (typeof data === "string" || data instanceof Uint8Array) receiver.frame(data);
    else if (data.kind === "close") end({ code: data.code, reason: data.reason });
  };
}

/**
 * Opens links to whoever listens at the other end of the door. A port can't tell whether anybody
 * does: where nobody answers, the attempt ends when the client gives it up.
 */
export function messagePort(door: MessagePort): Transport<Frame> {
  return {
    name: "message-port",
    carries: "any",
    open: ({ protocols, cancelled }, accept) =>
      new Promise((resolve, reject) => {
        const late = () => new TransportError("timeout", "Nobody answered at the port in time");
        if (cancelled.aborted) return reject(late());
        const { port1: port, port2: theirs } = new MessageChannel();
        const giveUp = () => {
          // If the other side has opened the link by now, this ends it.
          port.postMessage({ kind: "close", code: 1006, reason: "" } satisfies Note);
          port.close();
          reject(late());
        };
        cancelled.addEventListener("abort", giveUp);
        port.onmessage = ({ data }: MessageEvent<Note>) => {
          cancelled.removeEventListener("abort", giveUp);
          if (data.kind === "open") {
            useLink(port, data.protocol, accept);
            return resolve();
          }
          port.close();
          const { reason, message } = data.kind === "refused"
            ? data
            : { reason: "not-curlew" as const, message: "The other side of the port is no server" };
          reject(new TransportError(reason, message));
        };
        door.postMessage({ protocols } satisfies Knock, [theirs]);
      }),
  };
}

/** Who listens at the door. */
export interface Host {
  /** The subprotocols that it speaks. */
  readonly protocols: readonly string[];
  /** Called with each new link. */
  readonly accept: Accept;
}

/** Listens at the door until the function that it returns is called: then it refuses. */
export function listen(door: MessagePort, { protocols, accept }: Host): () => void {
  let open = true;
  const answer = (offered: readonly string[]): Exclude<Note, { readonly kind: "close" }> => {
    if (!open) return { kind: "refused", reason: "unreachable", message: "Nobody listens here" };
    const protocol = offered.find((name) => protocols.includes(name));
    if (protocol !== undefined) return { kind: "open", protocol };
    const message = `The server speaks none of ${offered.join(", ")}`;
    return { kind: "refused", reason: "subprotocol", message };
  };
  door.onmessage = ({ data, ports: [port] }: MessageEvent<Knock>) => {
    if (!port) return;
    const note = answer(data.protocols);
    port.postMessage(note);
    if (note.kind === "open") useLink(port, note.protocol, accept);
    else port.close();
  };
  return () => {
    open = false;
  };
}

/** Two people talk, and neither the network nor a file is touched. Resolves with what was heard. */
export async function chat(): Promise<string> {
  const environment = findEnvironment();
  const store = createMemoryStore(environment);
  const apps = [{ id: "app", key: "key", login: "open" }] as const;
  const server = createServer({ apps, store, version: "1.0.0" }, environment);
  const { port1, port2 } = new MessageChannel();
  listen(port1, {
    protocols: server.protocols,
    accept: (link) => server.accept(link, { address: "message-port", secure: true }),
  });
  const realtime = new Realtime({
    appId: "app",
    appKey: "key",
    RTMServers: "message-port:",
    plugins: [{ name: "message-port", transports: [messagePort(port2)] }],
  });
  try {
    const tom = await realtime.createIMClient("tom");
    const jerry = await realtime.createIMClient("jerry");
    const heard = new Promise<string>((resolve) =>
      jerry.on("message", (message) => {
        if (message instanceof TextMessage) resolve(`${message.from}: ${message.text}`);
      })
    );
    const conversation = await tom.createConversation({ members: ["jerry"] });
    await conversation.send(new TextMessage("Hello, Jerry"));
    return `${await heard} (over ${realtime.transport})`;
  } finally {
    await realtime.close();
    await server.close();
    port1.close();
    port2.close();
  }
}

if (import.meta.main) console.log(await chat());
