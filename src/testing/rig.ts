/**
 * A transport as a case needs it: with another side that the case plays.
 *
 * @module
 */
import { Cancellation } from "../connection/cancel.ts";
import type { Accept, AnyTransport, Dial, Frame, Link, Transport } from "../protocol/mod.ts";
import { type Ear, ears } from "./ear.ts";
import { same } from "./expect.ts";
import { until, within } from "./wait.ts";

/** The other side of the links, which the cases play. */
export interface OtherSide {
  /** The subprotocols that it speaks. */
  readonly protocols: readonly string[];
  /** To be called with the other side's end of each link that was opened. */
  readonly accept: Accept;
}

/** A transport, with the way to the other side. */
export interface Rig {
  /** The transport to try. */
  readonly transport: AnyTransport;
  /** The address at which the other side is reached. */
  readonly url: string;
  /** Where nobody answers, and how to get there. */
  readonly nowhere: { readonly transport: AnyTransport; readonly url: string };
  /** How many links the other side has open. */
  readonly links: () => number;
  /** Lets go of all that was made for it. */
  readonly close: () => Promise<void>;
}

/** Makes a rig for one case. */
export type MakeRig = (otherSide: OtherSide) => Promise<Rig>;

/** The subprotocols that the other side speaks. */
const PROTOCOLS = ["suite.one", "suite.two"];

/** How to dial otherwise than usual. */
export type How = Partial<Dial & { readonly transport: AnyTransport }>;

/** What a case has at hand. */
export interface World {
  readonly rig: Rig;
  /** All of this side's ends, and all of the other's. */
  readonly here: readonly Ear[];
  readonly there: readonly Ear[];
  /** This side's `accept`: keeps its end. */
  readonly accept: Accept;
  /** Opens a link, by `Transport.open`. */
  readonly dial: (how?: How, accept?: Accept) => Promise<void>;
  /** Opens a link: this side's end and the other's. */
  readonly open: () => Promise<readonly [here: Ear, there: Ear]>;
  /** What this side sends with: text alone where the transport carries no more. */
  readonly frame: (n: number) => Frame;
  /** Waits until it holds, since what is promised is only that it will. */
  readonly until: (what: string, holds: () => boolean) => Promise<void>;
}

/** A frame of 64 bytes or characters that says which one it is. */
export function numbered(n: number, text: boolean): Frame {
  return text ? `${n} `.padEnd(64, "鹬") : new Uint8Array(64).fill(n);
}

/** Sends a frame, and overwrites it: it was lent. */
export function lend(link: Link, frame: Frame): void {
  if (typeof frame === "string") return link.send(frame);
  const lent = frame.slice();
  link.send(lent);
  lent.fill(0xff);
}

/** Runs a case in a rig of its own, and checks at the end what holds in every case. */
export async function inRig(
  make: MakeRig,
  patience: number,
  test: (world: World) => Promise<void>,
): Promise<void> {
  const here = ears(patience);
  const there = ears(patience);
  const rig = await make({ protocols: PROTOCOLS, accept: there });
  const dial: World["dial"] = ({ transport = rig.transport, ...how } = {}, accept = here) =>
    within(
      patience,
      () => "`open` to resolve or to reject",
      (transport as Transport).open({
        url: rig.url,
        protocols: PROTOCOLS,
        cancelled: new Cancellation(),
        probe: () => "",
        ...how,
      }, accept),
    );
  const world: World = {
    rig,
    here: here.all,
    there: there.all,
    accept: here,
    dial,
    frame: (n) => numbered(n, rig.transport.carries === "text"),
    until: (what, holds) => until(patience, what, holds),
    open: async () => {
      await dial();
      const met = () => here.all.length === there.all.length;
      await until(patience, "`accept` to be called on both sides", met);
      return [here.all.at(-1)!, there.all.at(-1)!];
    },
  };
  const all = () => [...here.all, ...there.all];
  try {
    await test(world);
    for (const { link } of all()) link.close();
    for (const ear of all()) await ear.ended();
    await until(patience, "the other side to have no link", () => rig.links() === 0);
  } finally {
    await rig.close();
  }
  for (const { ends, late } of all()) {
    same("How often `closed` is called", 1, ends.length);
    same("Frames that come after `closed`", 0, late);
  }
}
