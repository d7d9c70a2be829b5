/**
 * Who is here: the sessions of this node, by their clients and by the rooms that they are in.
 *
 * @module
 */
import type { Codec, Command, Frame, ProtocolVersion } from "@curlew/realtime/protocol";
import type { LostEvent } from "../service/events.ts";
import type { Place, Session } from "./session.ts";

/** A push for many sessions: encoded once for each codec. */
export interface Push {
  /** The command, without `peerId`. */
  readonly command: Command;
  /** The id of a session that is not to get it. */
  readonly except?: string | undefined;
  /** Only sessions of this version get it, where one is named. */
  readonly version?: ProtocolVersion | undefined;
  /** When it was told, where that is known: sessions that came later don't get it. */
  readonly toldAt?: number;
  /** How much it matters, where a link that is slow may go without it: 1 most, 3 least. */
  readonly priority?: number;
  /** Where it stands, for a message that is kept. */
  readonly place?: Place;
}

/** Whom a push is for: the sessions of some clients, or those in a room. */
export type Audience =
  | { readonly clients: Iterable<string>; readonly room?: undefined }
  | { readonly room: string; readonly clients?: undefined };

/** How full a link may be, from 0 to 1, that is sent what does not matter most in a room. */
const USUALLY_SPARED = 1 / 2;
const SPARED: { readonly [priority: number]: number } = { 1: Infinity, 3: 1 / 4 };

const none: ReadonlySet<Session> = new Set();

/** A device of a client. */
type Device = Pick<LostEvent, "client" | "device">;

const keyOf = ({ client, device }: Device): string => JSON.stringify([client, device]);

/** The open sessions of one app on this node. */
export class Presence {
  readonly #clients = new Map<string, Set<Session>>();
  readonly #rooms = new Map<string, Set<Session>>();
  /** When the last thing was told before anybody came. */
  #toldBefore: number | undefined;
  /** Where devices were when they were lost, and how many sweeps there had been then. */
  readonly #lost = new Map<string, { readonly room: string; readonly at: number }>();

  /** Those of a client. */
  sessions(client: string): ReadonlySet<Session> {
    return this.#clients.get(client) ?? none;
  }

  /**
   * Up to when all that was told was told before any of those came who are here of a client, or of
   * all where none is named; `undefined` where nobody came.
   */
  toldBefore(client?: string): number | undefined {
    if (client === undefined) return this.#toldBefore;
    const sessions = this.sessions(client);
    return sessions.size === 0
      ? undefined
      : Math.min(...[...sessions].map(({ toldBefore }) => toldBefore));
  }

  /** The clients in a room, each once. */
  inRoom(room: string): readonly string[] {
    return [...new Set([...this.#rooms.get(room) ?? none].map(({ client }) => client))];
  }

  /** From now on a session gets what is for its client. */
  join(session: Session): void {
    this.#toldBefore ??= session.toldBefore;
    add(this.#clients, session.client, session);
  }

  /** From now on it doesn't. */
  leave(session: Session): void {
    remove(this.#clients, session.client, session);
    if (session.room !== undefined) this.goOut(session, session.room);
  }

  /** From now on a session gets what is said in a room, and no more what is said in another. */
  goIn(session: Session, room: string): void {
    if (session.room !== undefined) remove(this.#rooms, session.room, session);
    session.room = room;
    add(this.#rooms, room, session);
  }

  /** From now on it doesn't. */
  goOut(session: Session, room: string): void {
    remove(this.#rooms, room, session);
    if (session.room === room) session.room = undefined;
  }

  /** Notes in which room a device was when it was lost. */
  lose(device: Device & { readonly room: string }, at: number): void {
    const key = keyOf(device);
    this.#lost.delete(key);
    this.#lost.set(key, { room: device.room, at });
  }

  /** A session of a device: it is back before the end of its old link was noticed. */
  heirOf({ client, device }: Device): Session | undefined {
    return [...this.sessions(client)].find(({ claims }) => claims.device === device);
  }

  /** A will was sent: whoever has it lets go of it. */
  letGo(client: string, will: string): void {
    for (const session of this.sessions(client)) {
      if (session.will?.id === will) session.will = undefined;
    }
  }

  /** It left the room by itself: coming back, it is in none. */
  forget(device: Device): void {
    this.#lost.delete(keyOf(device));
  }

  /** Forgets who was lost before that many sweeps. */
  forgetLost(before: number): void {
    for (const [key, { at }] of this.#lost) {
      if (at >= before) return;
      this.#lost.delete(key);
    }
  }

  /** The room in which a device is, on a link whose end was not noticed yet, or was when it was lost. */
  roomOf(device: Device): string | undefined {
    // Those that name no device may be different ones.
    const others = device.device === undefined ? none : this.sessions(device.client);
    for (const { room, claims } of others) {
      if (room !== undefined && claims.device === device.device) return room;
    }
    return this.#lost.get(keyOf(device))?.room;
  }

  /** From now on no session of these clients gets what is said in a room. */
  expel(clients: Iterable<string>, room: string): void {
    for (const client of clients) {
      for (const session of this.sessions(client)) this.goOut(session, room);
    }
  }

  /** The rooms in which somebody is. */
  get rooms(): readonly string[] {
    return [...this.#rooms.keys()];
  }

  /** Sends a push to its audience. */
  deliver(push: Push, { clients, room }: Audience): void {
    const send = sender(push);
    if (room !== undefined) return this.#rooms.get(room)?.forEach(send);
    for (const client of clients) this.#clients.get(client)?.forEach(send);
  }
}

/** Sends one push to one session after the other. */
function sender(
  { command, except, version, toldAt, priority, place }: Push,
): (session: Session) => void {
  const frames = new Map<Codec, Frame>();
  const fullness = priority === undefined ? Infinity : SPARED[priority] ?? USUALLY_SPARED;
  return (session) => {
    if (session.session === except) return;
    if (version !== undefined && session.version !== version) return;
    if (toldAt !== undefined && session.toldBefore >= toldAt) return;
    if (fullness < Infinity && session.outlet.fullness() > fullness) return;
    const { codec } = session.outlet;
    let frame = frames.get(codec);
    if (frame === undefined) {
      const lent = codec.encode(command);
      frame = typeof lent === "string" ? lent : lent.slice();
      frames.set(codec, frame);
    }
    session.deliver(frame, place);
  };
}

function add(sets: Map<string, Set<Session>>, key: string, session: Session): void {
  const set = sets.get(key);
  if (set) set.add(session);
  else sets.set(key, new Set([session]));
}

function remove(sets: Map<string, Set<Session>>, key: string, session: Session): void {
  const set = sets.get(key);
  set?.delete(session);
  if (set?.size === 0) sets.delete(key);
}
