/**
 * One link, and what is said over it.
 *
 * @module
 */
import type { Clock } from "@curlew/realtime/environment";
import type { Closed, Codec, Command, Frame, Link, Transport } from "@curlew/realtime/protocol";
import { PATIENCE } from "./ask.ts";

/** A link with somebody who asks over it. */
export interface Talk {
  /** Sends a command and waits for its reply; rejects where none comes in time. */
  readonly request: (command: Command) => Promise<Command>;
  /** Resolves when the link ends. */
  readonly ended: Promise<Closed>;
  /** Ends the link, and waits until it has. */
  readonly close: () => Promise<unknown>;
}

/** A frame as a command; what is none is an empty one, for which nobody waits. */
function decode(codec: Codec, frame: Frame): Command {
  try {
    return codec.decode(frame);
  } catch {
    return {};
  }
}

/** Opens a link, which speaks one codec. */
export async function openTalk(
  transport: Transport,
  url: string,
  codec: Codec,
  clock: Clock,
): Promise<Talk> {
  const waiting = new Map<number, (reply: Command) => void>();
  let serial = 0;
  let link: Link<Frame> | undefined;
  let end: (why: Closed) => void = () => {};
  const ended = new Promise<Closed>((resolve) => end = resolve);

  const late = new AbortController();
  const patience = clock.after(PATIENCE, () => late.abort());
  try {
    await transport.open({
      url,
      protocols: [codec.subprotocol(3)],
      cancelled: late.signal,
      probe: () => codec.encode({ cmd: "echo", i: 0 }),
    }, (opened: Link<Frame>) => {
      link = opened;
      return {
        frame: (frame) => {
          const { i = 0, ...reply } = decode(codec, frame);
          waiting.get(i)?.(reply);
        },
        closed: end,
      };
    });
  } finally {
    patience.cancel();
  }

  const request = (command: Command) =>
    new Promise<Command>((resolve, reject) => {
      const i = ++serial;
      const settle = (then: () => void) => {
        waiting.delete(i);
        timer.cancel();
        then();
      };
      const timer = clock.after(
        PATIENCE,
        () => settle(() => reject(new Error(`no reply within ${PATIENCE / 1_000} s`))),
      );
      waiting.set(i, (reply) => settle(() => resolve(reply)));
      void ended.then(({ code }) =>
        settle(() => reject(new Error(`the link was closed with ${code}`)))
      );
      link?.send(codec.encode({ ...command, i }));
    });
  return {
    request,
    ended,
    close: () => {
      link?.close();
      return ended;
    },
  };
}
