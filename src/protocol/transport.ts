/**
 * The seam between the core and the network: a transport opens links, a link carries frames.
 * Functions are properties, not methods: methods are bivariant, and the checks would be lost.
 *
 * @module
 */
import type { TransportError } from "./errors.ts";

/** One message on the wire. */
export type Frame = Uint8Array | string;

/** Something that may be cancelled; every `AbortSignal` is one. */
export interface Cancel {
  /** Whether it has been cancelled. */
  readonly aborted: boolean;
  /** Calls the listener once when it is cancelled; not if it has been already. */
  readonly addEventListener: (type: "abort", listener: () => void) => void;
  /** Forgets a listener. */
  readonly removeEventListener: (type: "abort", listener: () => void) => void;
}

/** One live, ordered, duplicate-free link. It exists only while it is live. `F` is what it can send. */
export interface Link<in F extends Frame = Frame> {
  /** The subprotocol that the server chose. */
  readonly protocol: string;
  /** The name of the transport that made it, where the one that was asked is made of several. */
  readonly transport?: string;
  /** Bytes accepted and not yet handed to the network. */
  readonly pending: number;
  /** Sends a frame, which is lent: whoever keeps it copies it. After the end a no-op, never a throw. */
  readonly send: (frame: F) => void;
  /** Ends the link; calling it again does nothing. */
  readonly close: (code?: number, reason?: string) => void;
}

/** Why a link ended: a value, never an exception. */
export interface Closed {
  /** The close code; 1006 where there was none. */
  readonly code: number;
  /** What the other side gave as its reason. */
  readonly reason: string;
  /** The failure, where it was one. */
  readonly error?: TransportError;
}

/** What a link reports to. */
export interface Receiver {
  /** A frame arrived; it is valid until this returns. */
  readonly frame: (frame: Frame) => void;
  /** The link ended: called once, last. */
  readonly closed: (why: Closed) => void;
}

/** Called once a link is open and its subprotocol, hence its codec, is known. */
export type Accept<F extends Frame = Frame> = (link: Link<F>) => Receiver;

/** What a transport needs to open a link. */
export interface Dial {
  /** Where to, such as `wss://chat.example.com/`. */
  readonly url: string;
  /** The subprotocols to offer, the favourite first. */
  readonly protocols: readonly string[];
  /** Ends the attempt; after `accept` was called it has no effect. */
  readonly cancelled: Cancel;
  /** An encoded `echo`: every server answers it, and it changes nothing. */
  readonly probe: (protocol: string) => Frame;
}

/** Opens links. Stateless: one transport serves many connections. */
export interface Transport<in F extends Frame = Frame> {
  /** For logs and for `realtime.transport`. */
  readonly name: string;
  /** Whether it carries text alone, or bytes too. */
  readonly carries: "text" | "any";
  /** Opens a link; rejects with a `TransportError`, and then `accept` was never called. */
  readonly open: (dial: Dial, accept: Accept<F>) => Promise<void>;
}

/** A transport, whatever it carries. */
export type AnyTransport = Transport<Frame> | Transport<string>;
