/**
 * One client logged in on one link.
 *
 * @module
 */
import type { Codec, Command, Frame, ProtocolVersion } from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import type { Caller } from "../service/context.ts";
import type { SessionClaims } from "../service/session_token.ts";
import type { Will } from "../service/will.ts";

/** Where a session's frames go. */
export interface Outlet {
  /** The link's codec. */
  readonly codec: Codec;
  /** The version that its subprotocol means. */
  readonly version: ProtocolVersion;
  /** How much waits to be sent, where 1 is as much as may. */
  readonly fullness: () => number;
  /** Sends a frame, or ends a link whose other side does not keep up. */
  readonly send: (frame: Frame) => void;
  /** Forgets a session that was ended from elsewhere. */
  readonly forget: (session: Session) => void;
}

/** Where a message stands, so that it is not counted twice. */
export interface Place {
  /** The conversation's id. */
  readonly conversation: string;
  /** The message's place in it. */
  readonly seq: number;
}

/** One client logged in on one link. */
export class Session implements Caller {
  /** What its token remembers. */
  readonly claims: SessionClaims;
  readonly app: App;
  readonly session: string;
  readonly outlet: Outlet;
  /** When the last thing was told before it came, by the store's time. */
  readonly toldBefore: number;
  /** The room that it is in. */
  room: string | undefined;
  /** What the others are to hear when its client is lost. */
  will: Will | undefined;
  /** The stored messages that it was pushed, while there are more; under version 1 alone. */
  pushed: ReadonlySet<string> | undefined;
  /** Pushes that came while what the client missed is read; `undefined` afterwards. */
  #held: { readonly frame: Frame; readonly place: Place | undefined }[] | undefined = [];
  /** Up to which place of a conversation the client was told at its login. */
  #upTo: ReadonlyMap<string, number> = new Map();

  /** A session whose pushes are held back until `release`. */
  constructor(
    app: App,
    claims: SessionClaims,
    session: string,
    outlet: Outlet,
    toldBefore: number,
  ) {
    this.app = app;
    this.claims = claims;
    this.session = session;
    this.outlet = outlet;
    this.toldBefore = toldBefore;
  }

  /** The client's id. */
  get client(): string {
    return this.claims.client;
  }

  /** The version that its subprotocol means. */
  get version(): ProtocolVersion {
    return this.outlet.version;
  }

  /** Sends a command that is this session's own. */
  send(command: Command): void {
    this.outlet.send(
      this.outlet.codec.encode({ ...command, service: command.service ?? 2, peerId: this.client }),
    );
  }

  /** Sends a push that was encoded for many, without `peerId`. */
  deliver(frame: Frame, place: Place | undefined): void {
    if (this.#held) this.#held.push({ frame, place });
    else if (!this.#accountedFor(place)) this.outlet.send(this.#addressed(frame));
  }

  #accountedFor(place: Place | undefined): boolean {
    return place !== undefined && place.seq <= (this.#upTo.get(place.conversation) ?? 0);
  }

  #addressed(frame: Frame): Frame {
    const { codec } = this.outlet;
    return codec.address
      ? codec.address(frame, this.client)
      : codec.encode({ ...codec.decode(frame), peerId: this.client });
  }

  /**
   * Sends what the client missed, and then what was held back. What that accounts for already is
   * not sent again, now or later, since a client counts each message that it gets.
   */
  release(missed: readonly Command[], upTo: ReadonlyMap<string, number>): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    this.#upTo = upTo;
    for (const command of missed) this.send(command);
    for (const { frame, place } of held) this.deliver(frame, place);
  }
}
