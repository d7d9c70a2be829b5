/**
 * What every transport promises, whatever carries its frames.
 *
 * @module
 */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { setTimeout } from "node:timers/promises";
import {
  type Accept,
  type AnyTransport,
  type Dial,
  type Frame,
  type Link,
  type Transport,
  TransportError,
} from "@curlew/realtime/protocol";
import { Cancellation } from "../../src/connection/cancel.ts";
import { type Ear, ears } from "../kit/ear.ts";
import { checkLeaks } from "../kit/leaks.ts";

/** The other side of the links, which the suite plays. */
export interface OtherSide {
  readonly protocols: readonly string[];
  readonly accept: Accept;
}

/** A transport, with the way to the other side. */
export interface Rig {
  readonly transport: AnyTransport;
  readonly url: string;
  /** Where nobody answers, and how to get there. */
  readonly nowhere: { readonly transport: AnyTransport; readonly url: string };
  /** How many links the other side has open. */
  readonly links: () => number;
  readonly close: () => Promise<void>;
}

/** Makes a rig for one test. */
export type MakeRig = (otherSide: OtherSide) => Promise<Rig>;

const PROTOCOLS = ["suite.one", "suite.two"];

interface World {
  readonly rig: Rig;
  /** All of this side's ends, and all of the other's. */
  readonly here: readonly Ear[];
  readonly there: readonly Ear[];
  readonly dial: (how?: Partial<Dial & { transport: AnyTransport }>) => Promise<void>;
  /** Opens a link: this side's end and the other's. */
  readonly open: () => Promise<readonly [here: Ear, there: Ear]>;
  /** What this side sends with: text alone where the transport carries no more. */
  readonly frame: (n: number) => Frame;
}

/** A frame of 64 bytes or characters that says which one it is. */
function numbered(n: number, text: boolean): Frame {
  return text ? `${n} `.padEnd(64, "鹬") : new Uint8Array(64).fill(n);
}

/** Sends a frame, and overwrites it: it was lent. */
function lend(link: Link, frame: Frame): void {
  if (typeof frame === "string") return link.send(frame);
  const lent = frame.slice();
  link.send(lent);
  lent.fill(0xff);
}

/** Waits until it holds, since what is promised is only that it will. */
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 500 && !holds(); i++) await setTimeout(5);
  assert.ok(holds(), what);
}

function inRig(make: MakeRig, test: (world: World) => Promise<void>): () => Promise<void> {
  return checkLeaks(async () => {
    const here = ears();
    const there = ears();
    const rig = await make({ protocols: PROTOCOLS, accept: there });
    const dial: World["dial"] = ({ transport = rig.transport, ...how } = {}) =>
      (transport as Transport).open({
        url: rig.url,
        protocols: PROTOCOLS,
        cancelled: new Cancellation(),
        probe: () => "",
        ...how,
      }, here);
    const world: World = {
      rig,
      here: here.all,
      there: there.all,
      dial,
      frame: (n) => numbered(n, rig.transport.carries === "text"),
      open: async () => {
        await dial();
        await until(() => here.all.length === there.all.length, "The other side has no link");
        return [here.all.at(-1)!, there.all.at(-1)!];
      },
    };
    try {
      await test(world);
      for (const ear of [...here.all, ...there.all]) ear.link.close();
      for (const ear of [...here.all, ...there.all]) await ear.ended();
      await until(() => rig.links() === 0, "A link is left open");
    } finally {
      await rig.close();
    }
    for (const ear of [...here.all, ...there.all]) {
      assert.equal(ear.ends.length, 1, "`closed` is called once");
      assert.equal(ear.late, 0, "`closed` is called last");
    }
  });
}

/** Runs the suite over a transport. */
export function transportContract(name: string, make: MakeRig): void {
  const promises = (promise: string, test: (world: World) => Promise<void>) =>
    it(promise, inRig(make, test));

  describe(`the transport ${name}`, () => {
    promises("carries frames both ways, in order", async ({ open, frame }) => {
      const [here, there] = await open();
      const sent = Array.from({ length: 100 }, (_, n) => frame(n));
      for (const one of sent) here.link.send(one);
      for (const one of sent) there.link.send(one);
      assert.deepEqual(await there.heard(100), sent);
      assert.deepEqual(await here.heard(100), sent);
    });

    promises("keeps text and bytes apart, the empty ones too", async ({ open, rig }) => {
      const [here, there] = await open();
      const text = ["", "a", "鹬 🐦"];
      const bytes = [new Uint8Array(), new Uint8Array([0, 1, 255])];
      const sent = rig.transport.carries === "text" ? text : [...text, ...bytes, ...text];
      for (const one of sent) here.link.send(one);
      assert.deepEqual(await there.heard(sent.length), sent);
      const all = [...bytes, ...text, ...bytes];
      for (const one of all) there.link.send(one);
      assert.deepEqual(await here.heard(all.length), all);
    });

    promises("sends a part of a buffer, and takes what is lent by its value", async (world) => {
      const [here, there] = await world.open();
      for (let n = 0; n < 50; n++) lend(here.link, world.frame(n));
      for (let n = 0; n < 50; n++) lend(there.link, numbered(n, false));
      const [first] = await there.heard(50);
      assert.deepEqual(first, world.frame(0));
      assert.deepEqual(there.frames, Array.from({ length: 50 }, (_, n) => world.frame(n)));
      await here.heard(50);
      assert.deepEqual(here.frames, Array.from({ length: 50 }, (_, n) => numbered(n, false)));
      const part = new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3);
      there.link.send(part);
      assert.deepEqual((await here.heard(51))[50], new Uint8Array([2, 3]));
    });

    promises("carries 60 KB, and has nothing pending in the end", async ({ open, rig }) => {
      const [here, there] = await open();
      const large = "x".repeat(60_000);
      for (let i = 0; i < 5; i++) here.link.send(large);
      if (rig.transport.carries === "any") here.link.send(new Uint8Array(60_000).fill(7));
      const frames = await there.heard(rig.transport.carries === "any" ? 6 : 5);
      assert.deepEqual(frames.slice(0, 5), Array.from({ length: 5 }, () => large));
      if (frames[5]) assert.deepEqual(frames[5], new Uint8Array(60_000).fill(7));
      there.link.send(large);
      assert.deepEqual(await here.heard(1), [large]);
      await until(() => here.link.pending === 0, "Something is pending on this side");
      await until(() => there.link.pending === 0, "Something is pending on the other side");
    });

    promises("says which subprotocol was chosen", async ({ open, dial, here, there }) => {
      const [one, other] = await open();
      assert.equal(one.link.protocol, "suite.one");
      assert.equal(other.link.protocol, "suite.one");
      await dial({ protocols: ["suite.unknown", "suite.two"] });
      await until(() => there.length === 2, "The other side has no link");
      assert.equal(here[1]!.link.protocol, "suite.two");
      assert.equal(there[1]!.link.protocol, "suite.two");
    });

    promises("rejects where no subprotocol is shared", async ({ dial, here }) => {
      await assert.rejects(dial({ protocols: ["suite.unknown"] }), TransportError);
      assert.equal(here.length, 0);
    });

    promises("rejects where nobody answers", async ({ dial, rig, here }) => {
      await assert.rejects(dial(rig.nowhere), TransportError);
      assert.equal(here.length, 0);
    });

    promises("gives an attempt up when it is cancelled", async ({ dial, here }) => {
      const timeout = (error: unknown) =>
        error instanceof TransportError && error.reason === "timeout";
      const before = new Cancellation();
      before.abort();
      await assert.rejects(dial({ cancelled: before }), timeout);
      const meanwhile = new AbortController();
      const attempt = dial({ cancelled: meanwhile.signal });
      meanwhile.abort();
      await assert.rejects(attempt, timeout);
      const late = new Cancellation();
      await dial({ cancelled: late });
      late.abort();
      await setTimeout(10);
      assert.equal(here.length, 1);
      assert.equal(here[0]!.ends.length, 0, "A link outlives the attempt that opened it");
    });

    promises("tells both sides of the end that this side makes", async ({ open }) => {
      const [here, there] = await open();
      here.link.send("last words");
      here.link.close(4000, "enough");
      assert.deepEqual(here.ends, [], "`closed` is no part of `close`");
      const { code, reason } = await there.ended();
      assert.deepEqual([code, reason], [4000, "enough"]);
      assert.deepEqual(there.frames, ["last words"]);
      await here.ended();
    });

    promises("tells both sides of the end that the other side makes", async ({ open }) => {
      const [here, there] = await open();
      there.link.send("last words");
      there.link.close(4001, "gone");
      assert.deepEqual(await here.ended(), { code: 4001, reason: "gone" });
      assert.deepEqual(here.frames, ["last words"]);
      await there.ended();
    });

    promises("delivers nothing after a close() within `frame`", async ({ open }) => {
      for (const side of [0, 1]) {
        const ends = await open();
        const closer = ends[side]!;
        const other = ends[1 - side]!;
        closer.onFrame = () => {
          closer.link.close(4002);
          closer.link.close(4003);
        };
        for (let n = 0; n < 10; n++) other.link.send(`${n}`);
        assert.equal((await other.ended()).code, 4002);
        await closer.ended();
        assert.deepEqual(closer.frames, ["0"]);
      }
    });

    promises("never throws from `send` and `close`, whoever ended it when", async (world) => {
      const [here, there] = await world.open();
      there.link.close(4004, "race");
      for (let n = 0; n < 20; n++) here.link.send(world.frame(n));
      await here.ended();
      await there.ended();
      for (const { link } of [here, there]) {
        link.send("too late");
        link.close(4005, "too late");
        link.send("too late");
        assert.equal(link.pending, 0);
      }
      const [again] = await world.open();
      again.link.close(1000);
      again.link.send("too late");
      await again.ended();
      const [both, ways] = await world.open();
      both.link.close(4006);
      ways.link.close(4007);
      await Promise.all([both.ended(), ways.ended()]);
    });

    promises("takes any close code and any reason", async ({ open }) => {
      for (const code of [undefined, 0, 1000, 1001, 1006, 2000, 4999, 70_000]) {
        const [here] = await open();
        here.link.close(code, "because ".repeat(100));
        await here.ended();
      }
    });

    promises("keeps links apart", async ({ open }) => {
      const [one, oneThere] = await open();
      const [other, otherThere] = await open();
      one.link.send("one");
      other.link.send("other");
      await oneThere.heard(1);
      await otherThere.heard(1);
      one.link.close();
      await one.ended();
      otherThere.link.send("still here");
      assert.deepEqual(await other.heard(1), ["still here"]);
      assert.deepEqual([oneThere.frames, otherThere.frames], [["one"], ["other"]]);
    });
  });
}
