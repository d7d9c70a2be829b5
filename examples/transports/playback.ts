/**
 * Plays a recording to a client, without a server: the answers and the messages are those that the
 * server gave then. For demonstrations, for tests of an app, and to see again how it failed.
 *
 * A client never says quite the same twice: requests have other numbers, and timers run at other
 * times. So a recording is not played frame by frame. A request gets the answer that the next
 * recorded one of its kind got (same command, client and conversation; not the same content), and
 * what the server sent unasked comes when the client has made the requests that it had made then.
 *
 * @module
 */
import type { Plugin } from "@curlew/realtime";
import { type Clock, systemClock, type Timer } from "@curlew/realtime/environment";
import {
  type Closed,
  type Command,
  ErrorCode,
  type Frame,
  type Transport,
  TransportError,
} from "@curlew/realtime/protocol";
import { codecOf, frameOf, type Line } from "./recorder.ts";

/** How to play. */
export interface PlaybackOptions {
  /** 1 takes as long as it took then, 2 twice as long; 0, the default, waits for nothing. */
  readonly pace?: number;
  /** What to wait by. */
  readonly clock?: Clock;
}

/** A part of a script: what the client did, or what is to be done to it. */
interface Request {
  readonly at: number;
  readonly command: Command;
  /** The number under which the client made it now, once it has. */
  now?: number;
}
interface Cue {
  readonly at: number;
  /** The request that it answers. */
  readonly answers: Request | undefined;
  /** How many requests had been made before. */
  readonly after: number;
  readonly what: Command | Closed;
  done: boolean;
}
interface Script {
  readonly opened: number;
  readonly requests: readonly Request[];
  readonly cues: readonly Cue[];
}

/** Heartbeats come when they come: they are answered as they are. */
const isEcho = ({ cmd }: Command): boolean => cmd === "echo";

const isClosed = (what: Command | Closed): what is Closed => "code" in what;

/** What makes two requests one of a kind. */
const kindOf = (
  { cmd, op, peerId, convMessage, directMessage, logsMessage }: Command,
): string => JSON.stringify([cmd, op, peerId, (convMessage ?? directMessage ?? logsMessage)?.cid]);

/** What is recorded of one link as a script. */
function scriptOf(lines: readonly Line[]): Script | undefined {
  const opening = lines.find((line) => line.event === "opened");
  if (opening?.event !== "opened") return undefined;
  const codec = codecOf(opening.protocol);
  if (!codec) throw new TypeError(`Nobody here speaks ${opening.protocol}`);
  const requests: Request[] = [];
  const cues: Cue[] = [];
  for (const line of lines) {
    const { at } = line;
    const after = requests.length;
    if (line.event === "closed" && line.by === "server") {
      const { code, reason } = line;
      cues.push({ at, answers: undefined, after, what: { code, reason }, done: false });
    }
    if (line.event !== "sent" && line.event !== "received") continue;
    const command = codec.decode(frameOf(line));
    if (isEcho(command)) continue;
    if (line.event === "received") {
      const { i } = command;
      const answers = requests.find((request) => i !== undefined && request.command.i === i);
      cues.push({ at, answers, after, what: command, done: false });
    } else if (command.i !== undefined) requests.push({ at, command });
  }
  return { opened: opening.at, requests, cues };
}

/** The scripts of the links that were opened, in their order. */
function scriptsOf(lines: readonly Line[]): Script[] {
  const links = [...new Set(lines.map(({ link }) => link))];
  return links.map((link) => scriptOf(lines.filter((line) => line.link === link)))
    .filter((script) => script !== undefined);
}

/**
 * Plays each recorded link to the next attempt to connect, whatever codec the client uses, and then
 * refuses. For one `Realtime`: it remembers how far it is.
 */
export function playback(
  lines: readonly Line[],
  { pace = 0, clock = systemClock }: PlaybackOptions = {},
): Transport<Frame> {
  const scripts = scriptsOf(lines);
  return {
    name: "playback",
    carries: "any",
    open: async ({ protocols, cancelled }, accept) => {
      await Promise.resolve();
      if (cancelled.aborted) throw new TransportError("timeout", "The attempt was given up");
      const protocol = protocols.find((name) => codecOf(name));
      const codec = codecOf(protocol ?? "");
      if (protocol === undefined || !codec) {
        throw new TransportError("subprotocol", `Nobody here speaks ${protocols.join(", ")}`);
      }
      const script = scripts.shift();
      if (!script) throw new TransportError("unreachable", "The recording is over");

      const { requests, cues } = script;
      const timers = new Set<Timer>();
      let over = false;
      const later = (ms: number, run: () => void) => {
        const unlessOver = () => {
          if (!over) run();
        };
        if (pace === 0) return clock.turnEnd(unlessOver);
        const timer = clock.after(ms * pace, () => {
          timers.delete(timer);
          unlessOver();
        });
        timers.add(timer);
      };
      const end = (why: Closed) => {
        over = true;
        for (const timer of timers) timer.cancel();
        receiver.closed(why);
      };
      const deliver = (command: Command) => receiver.frame(codec.encode(command));

      /** Gives all cues whose time has come. */
      const goOn = () => {
        const missing = requests.findIndex(({ now }) => now === undefined);
        for (const cue of cues) {
          const { at, answers, after, what } = cue;
          const due = answers ? answers.now !== undefined : missing < 0 || after <= missing;
          if (cue.done || !due) continue;
          cue.done = true;
          const since = answers?.at ?? requests[after - 1]?.at ?? script.opened;
          later(at - since, () => {
            if (isClosed(what)) end(what);
            else deliver(answers?.now === undefined ? what : { ...what, i: answers.now });
          });
        }
      };
      const hear = (command: Command) => {
        const { i, peerId } = command;
        if (isEcho(command)) return later(0, () => deliver({ ...command, service: 2 }));
        if (i === undefined) return; // It expects no answer.
        const kind = kindOf(command);
        const request = requests.find(({ command, now }) =>
          now === undefined && kindOf(command) === kind
        );
        if (request) {
          request.now = i;
          return goOn();
        }
        const code = ErrorCode.CONVERSATION_API_FAILED;
        const detail = `The recording has no further answer to ${command.cmd} ${command.op ?? ""}`;
        const errorMessage = { code, reason: "NOT_RECORDED", detail: detail.trimEnd() };
        later(0, () => deliver({ cmd: "error", i, peerId, errorMessage }));
      };
      const receiver = accept({
        protocol,
        pending: 0,
        send: (frame) => {
          if (!over) hear(codec.decode(frame));
        },
        close: (code = 1000, reason = "") => {
          if (over) return;
          over = true;
          clock.turnEnd(() => end({ code, reason }));
        },
      });
      goOn();
    },
  };
}

/** A plugin that plays a recording, in place of the network. */
export function playing(lines: readonly Line[], options?: PlaybackOptions): Plugin {
  return { name: "playback", transports: [playback(lines, options)] };
}
