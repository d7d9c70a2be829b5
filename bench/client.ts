/**
 * A logged-in session over the bench's cheap socket: requests are awaited while it is set up, then
 * messages are only counted.
 *
 * @module
 */
import { protobuf } from "@curlew/realtime/codecs/protobuf";
import type { Command } from "@curlew/realtime/protocol";
import { clientFrame, Socket } from "./socket.ts";

/** One session on one connection. */
export interface Session {
  /** Its connection. */
  readonly socket: Socket;
  /** Its client id. */
  readonly id: string;
  /** Its token, for the next open. */
  readonly token: string;
}

/** A command as a frame of a client. */
export function frame(command: Command): Uint8Array<ArrayBuffer> {
  return clientFrame(protobuf.encode(command));
}

/** Sends a command and resolves with its reply. What is no reply is handed to `push`, also later. */
export function request(
  socket: Socket,
  command: Command,
  push?: (command: Command) => void,
): Promise<Command> {
  return new Promise((resolve, reject) => {
    socket.onPayload = (payload) => {
      const reply = protobuf.decode(payload);
      if (reply.i !== 1) return push?.(reply);
      socket.onPayload = push && ((payload) => push(protobuf.decode(payload)));
      if (reply.errorMessage) reject(new Error(reply.errorMessage.reason));
      else resolve(reply);
    };
    socket.write(frame({ ...command, i: 1 }));
  });
}

/** Connects and logs in. */
export async function login(
  port: number,
  id: string,
  token?: string,
  push?: (command: Command) => void,
): Promise<Session> {
  const socket = await Socket.connect(port, "lc.protobuf2.3");
  const reply = await request(socket, {
    cmd: "session",
    op: "open",
    appId: "curlew-dev",
    peerId: id,
    sessionMessage: { ua: "bench", r: token !== undefined, st: token, configBitmap: 187 },
  }, push);
  return { socket, id, token: reply.sessionMessage?.st ?? "" };
}

/** Starts a conversation of these clients, and resolves with its id. */
export async function converse(session: Session, members: readonly string[]): Promise<string> {
  const reply = await request(session.socket, {
    cmd: "conv",
    op: "start",
    peerId: session.id,
    convMessage: { m: [...members, session.id], attr: { data: "{}" }, unique: false },
  });
  const id = reply.convMessage?.cid;
  if (!id) throw new Error("The reply names no conversation");
  return id;
}

/** A message of about 350 bytes as a frame, the same each time. */
export function message(session: Session, conversation: string, transient: boolean) {
  return frame({
    cmd: "direct",
    i: 1,
    peerId: session.id,
    directMessage: {
      cid: conversation,
      msg: JSON.stringify({ _lctype: -1, _lctext: "x".repeat(176) }),
      ...(transient ? { transient } : {}),
    },
  });
}

/** Does something to many, a hundred at a time. */
export async function each<In, Out>(
  items: readonly In[],
  run: (item: In) => Promise<Out>,
): Promise<Out[]> {
  const results: Out[] = [];
  for (let at = 0; at < items.length; at += 100) {
    results.push(...await Promise.all(items.slice(at, at + 100).map(run)));
  }
  return results;
}
