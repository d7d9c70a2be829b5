/**
 * The states of a connection: what each one holds, and which close codes end it.
 *
 * @module
 */
import type { Timer } from "../environment/mod.ts";
import type { Command } from "../protocol/command.ts";
import { RealtimeError } from "../protocol/errors.ts";
import type { Closed, Frame } from "../protocol/transport.ts";
import type { Cancellation } from "./cancel.ts";
import type { Heartbeat } from "./heartbeat.ts";

/** A link in use, with the codec that was agreed on. */
export interface Live {
  /** The transport's name. */
  readonly transport: string;
  /** Sends a command. */
  readonly send: (command: Command) => void;
  /** A frame of the link as a command; throws where it is none. */
  readonly decode: (frame: Frame) => Command;
  /** Ends the link. */
  readonly close: (code?: number) => void;
}

/** There is a link. */
export interface Connected {
  /** Which state it is. */
  readonly name: "connected";
  /** The link in use. */
  readonly live: Live;
  /** Notices when it is dead. */
  readonly heartbeat: Heartbeat;
  /** Ends what runs as long as the link is in use; what it still says is not heard. */
  readonly stop: () => void;
  /** Resolves when the link is closed, or does not close within 1 s. */
  readonly farewell: () => Promise<void>;
}

/** What a connection is doing, with what it needs for that. */
export type ConnectionState =
  | { readonly name: "initialized" }
  | { readonly name: "connecting"; readonly cancel: Cancellation }
  | Connected
  | { readonly name: "waiting"; readonly timer: Timer }
  | { readonly name: "offline" }
  | { readonly name: "closed" };

/** The name of a state. */
export type StateName = ConnectionState["name"];

/** The close codes after which there is no use in trying again, by their symbolic names. */
const fatalCloseCodes: { readonly [code: number]: string } = {
  4100: "APP_NOT_AVAILABLE",
  4103: "INVALID_LOGIN",
  4110: "INVALID_ORIGIN",
};

/** Why the end of a link is the end of its connection; `undefined` where it is not. */
export function fatalError({ code, reason }: Closed): RealtimeError | undefined {
  const name = fatalCloseCodes[code];
  if (name === undefined) return undefined;
  return new RealtimeError(name, `The server refused the connection: ${reason || name}`, { code });
}
