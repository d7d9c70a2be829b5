/**
 * What a handler is given, and what it gives back. Handlers know no link and no codec.
 *
 * @module
 */
import type { Clock, Log } from "@curlew/realtime/environment";
import {
  type Command,
  ErrorCode,
  type ProtocolVersion,
  RealtimeError,
} from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import type { Store } from "../store/store.ts";
import type { ServiceEvent } from "./events.ts";
import type { SessionClaims } from "./session_token.ts";
import type { Will } from "./will.ts";

/** The session whose command is handled. */
export interface Caller {
  /** The app it is logged in to. */
  readonly app: App;
  /** The client's id. */
  readonly client: string;
  /** The session's own id, which no other session on any node has. */
  readonly session: string;
  /** The version that its subprotocol means. */
  readonly version: ProtocolVersion;
  /** What its token remembers. */
  readonly claims: SessionClaims;
}

/** What handlers work with. */
export interface Context {
  /** What is kept. */
  readonly store: Store;
  /** Tells the time. */
  readonly clock: Clock;
  /** A new id that nobody can guess: 22 characters of base64url. */
  readonly newId: () => string;
  /** Which of these clients are online. */
  readonly online: (app: string, clients: readonly string[]) => readonly string[];
  /** Which clients are in a room, each once. */
  readonly inRoom: (app: string, room: string) => readonly string[];
  /** Where log lines go. */
  readonly log: Log;
}

/** What a command came to: the reply goes out first, then the events. */
export interface Outcome {
  /** The reply, without what the gateway adds to each: `i`, `peerId`, `service`. */
  readonly reply?: Command;
  /** What others are to hear of it. */
  readonly events?: readonly ServiceEvent[];
  /** What the others are to hear when the client is lost; the last one counts. */
  readonly will?: Will;
  /** The room that the session is inside from now on, or is not any more. */
  readonly room?: { readonly id: string; readonly inside: boolean };
}

/** Handles one kind of command. A `RealtimeError` that it throws is the reply. */
export type Handler = (
  caller: Caller,
  command: Command,
  context: Context,
) => Promise<Outcome> | Outcome;

const names: { readonly [code: number]: string } = Object.fromEntries(
  Object.entries(ErrorCode).map(([name, code]) => [code, name]),
);

/** The symbolic name of a code, which is what clients match on. */
export function nameOf(code: number): string {
  return names[code] ?? "INTERNAL_ERROR";
}

/** How long a sentence may be: it repeats what it is about, which may be as long as a frame. */
const DETAIL = 300;

function brief(text: string): string {
  return text.length > DETAIL ? `${text.slice(0, DETAIL - 1)}…` : text;
}

/** The reply to a command that was refused, or failed. */
export function errorReply(error: unknown): Command {
  const known = error instanceof RealtimeError && error.code !== undefined;
  return {
    cmd: "error",
    errorMessage: known
      ? { code: error.code!, reason: error.name, detail: brief(error.message) }
      : {
        code: ErrorCode.INTERNAL_ERROR,
        reason: "INTERNAL_ERROR",
        detail: "The server failed, and its log says why",
      },
  };
}
