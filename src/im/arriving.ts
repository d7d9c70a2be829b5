/** The messages that arrive, one by one. @module */
import type { EventEmitter } from "../connection/event_emitter.ts";
import type { Cancel } from "../protocol/mod.ts";
import type { IMClientEvents } from "./client_events.ts";

type Arrived = IMClientEvents["message"];

/** What a client's `message` event tells, until a signal is aborted, or the client left and all is told. */
export async function* arriving(
  client: EventEmitter<IMClientEvents>,
  left: Cancel,
  signal: Cancel | undefined,
): AsyncGenerator<Arrived, void, void> {
  const arrived: Arrived[] = [];
  let wake = () => {};
  const end = () => wake();
  const take = (...message: Arrived) => {
    arrived.push(message);
    wake();
  };
  const ends = [left, signal];
  for (const each of ends) each?.addEventListener("abort", end);
  client.on("message", take);
  try {
    while (!signal?.aborted) {
      const message = arrived.shift();
      if (message) yield message;
      else if (left.aborted) return;
      else await new Promise<void>((resolve) => wake = resolve);
    }
  } finally {
    client.off("message", take);
    for (const each of ends) each?.removeEventListener("abort", end);
  }
}
