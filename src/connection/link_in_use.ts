/**
 * A link for as long as it is in use: hears what arrives on it, and notices its end.
 *
 * @module
 */
import type { Environment, Timer } from "../environment/mod.ts";
import type { Command } from "../protocol/command.ts";
import type { Closed, Receiver } from "../protocol/transport.ts";
import { deferred } from "./deferred.ts";
import { type HeartbeatTimes, startHeartbeat } from "./heartbeat.ts";
import type { Connected, Live } from "./state.ts";

/** How long a link must live after its first answer to have proven itself, in ms. */
const PROOF = 5_000;
/** How long the other side may take to close it too, in ms. */
const FAREWELL = 1_000;

/** What a connection does about its link. */
export interface LinkUser {
  /** To ask the other side whether it is there. */
  readonly ping: () => void;
  /** Takes a command; says whether it answered a request. */
  readonly take: (command: Command) => boolean;
  /** The link has proven itself. */
  readonly proven: () => void;
  /** The link ended by itself. */
  readonly lost: (why: Closed) => void;
}

/** Uses a link: the state of having it, and what the transport reports to. */
export function useLink(
  live: Live,
  times: HeartbeatTimes,
  { clock, log }: Environment,
  { ping, take, proven, lost }: LinkUser,
): readonly [Connected, Receiver] {
  const gone = deferred();
  let used = true;
  let proof: Timer | undefined;
  const heartbeat = startHeartbeat(
    clock,
    times,
    ping,
    () => lost({ code: 1006, reason: "Nothing was heard from the server" }),
  );
  const state: Connected = {
    name: "connected",
    live,
    heartbeat,
    stop: () => {
      used = false;
      heartbeat.stop();
      proof?.cancel();
    },
    farewell: () => {
      const timer = clock.after(FAREWELL, gone.resolve);
      return gone.promise.then(timer.cancel);
    },
  };
  const receiver: Receiver = {
    frame: (frame) => {
      if (!used) return;
      heartbeat.heard();
      let command: Command;
      try {
        command = live.decode(frame);
      } catch (error) {
        return log.warn("A frame was dropped: it is no command", { error });
      }
      if (take(command)) proof ??= clock.after(PROOF, proven);
    },
    closed: (why) => {
      gone.resolve();
      if (used) lost(why);
    },
  };
  return [state, receiver];
}
