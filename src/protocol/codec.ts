/**
 * The seam between commands and frames. Everything may know a `Command`; only a codec knows bytes.
 *
 * @module
 */
import type { Command } from "./command.ts";
import type { Frame } from "./transport.ts";

/** 3 has unread-count notifications; 1 has stored messages pushed at login. */
export type ProtocolVersion = 1 | 3;

/** Turns commands into frames and back. Pure and synchronous. */
export interface Codec<out F extends Frame = Frame> {
  /** For logs. */
  readonly name: string;
  /** What its frames are. */
  readonly frames: "text" | "binary";
  /** The subprotocol it speaks, such as `lc.protobuf2.3`. */
  readonly subprotocol: (version: ProtocolVersion) => string;
  /** One command as one frame, lent until the next call: whoever keeps it copies it. */
  readonly encode: (command: Command) => F;
  /** One frame as one command; throws `DecodeError`, also for the wrong kind of frame. */
  readonly decode: (frame: Frame) => Command;
  /**
   * Adds `peerId` to a finished frame of a command without one: equal to
   * `encode({ ...command, peerId })`, without encoding it again.
   */
  readonly address?: (frame: Frame, peerId: string) => F;
  /** Of a codec with binary frames: its twin, which a transport that carries text alone is offered. */
  readonly text?: Codec<string>;
}
