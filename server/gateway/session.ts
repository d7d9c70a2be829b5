/**
 * One client logged in on one link.
 *
 * @module
 */
import type { Codec, Command, Frame, ProtocolVersion } from "@curlew/realtime/protocol";
import type { App } from "../apps.ts";
import type { Caller } from "../service/context.ts";
import type { SessionClaims } from "../service/session_token.ts";

/** Where a session's frames go. */
export interface Outlet {
  /** The link's codec. */
  readonly codec: Codec;
  /** The version that its subprotocol means. */
  readonly version: ProtocolVersion;
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
  /** Pushes that came while what the client missed is read; `undefined` afterwards. */
  #held: { readonly frame: Frame; readonly place: Place | undefined }[] | undefined = [];

  /** A session whose pushes are held back until `release`. */
  constructor(app: App, claims: SessionClaims, session: string, outlet: Outlet) {
    this.app = app;
    this.claims = claims;
    this.session = session;
    this.outlet = outlet;
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
    else this.outlet.send(this.#addressed(frame));
  }

  #addressed(frame: Frame): Frame {
    const { codec } = this.outlet;
    return codec.address
      ? codec.address(frame, this.client)
      : codec.encode({ ...codec.decode(frame), peerId: this.client });
  }

  /**
   * Sends what the client missed, and then what was held back. What that accounts for already goes
   * before it, since a client sets its counts by it.
   */
  release(missed: readonly Command[], upTo: ReadonlyMap<string, number>): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    const accounted = (place: Place | undefined) =>
      place !== undefined && place.seq <= (upTo.get(place.conversation) ?? 0);
    for (const { frame, place } of held) if (accounted(place)) this.deliver(frame, place);
    for (const command of missed) this.send(command);
    for (const { frame, place } of held) if (!accounted(place)) this.deliver(frame, place);
  }
}
