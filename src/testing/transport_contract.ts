/**
 * What every transport promises, whatever carries its frames.
 *
 * @module
 */
import { Cancellation } from "../connection/cancel.ts";
import { TransportError } from "../protocol/mod.ts";
import { ContractError, same, sameList } from "./expect.ts";
import { inRig, lend, type MakeRig, numbered, type World } from "./rig.ts";
import { PATIENCE, pause } from "./wait.ts";

/** One promise, and how to see whether it is kept. */
export interface ContractCase {
  /** What is promised. */
  readonly name: string;
  /** Rejects, with what was expected and what came, where the promise is not kept. */
  readonly run: () => Promise<void>;
}

/** How to run the cases. */
export interface ContractOptions {
  /** How long what must come may take, in ms; 5,000. */
  readonly patience?: number;
}

/** Long enough for what must not come to come, in ms. */
const MOMENT = 10;

/** The error that an attempt fails with, which must be a `TransportError`. */
async function failure(what: string, attempt: Promise<void>): Promise<TransportError> {
  const error = await attempt.then(() => "no error", (error) => error);
  if (error instanceof TransportError) return error;
  throw new ContractError(what, "a TransportError", error);
}

const count = <T>(length: number, make: (n: number) => T): T[] =>
  Array.from({ length }, (_, n) => make(n));

/** The promises, each with what shows that it is kept. */
const promises: Readonly<Record<string, (world: World) => Promise<void>>> = {
  "carries frames both ways, in order": async ({ open, frame }) => {
    const [here, there] = await open();
    const sent = count(100, frame);
    for (const one of sent) here.link.send(one);
    same("Frames that arrive within `send`", 0, there.frames.length);
    for (const one of sent) there.link.send(one);
    same("Frames that arrive within `send`", 0, here.frames.length);
    sameList("What the other side hears", sent, await there.heard(100));
    sameList("What this side hears", sent, await here.heard(100));
  },

  "keeps text and bytes apart, the empty ones too": async ({ open, rig }) => {
    const [here, there] = await open();
    const text = ["", "a", "鹬 🐦"];
    const bytes = [new Uint8Array(), new Uint8Array([0, 1, 255])];
    const sent = rig.transport.carries === "text" ? text : [...text, ...bytes, ...text];
    for (const one of sent) here.link.send(one);
    sameList("What the other side hears", sent, await there.heard(sent.length));
    const all = [...bytes, ...text, ...bytes];
    for (const one of all) there.link.send(one);
    sameList("What this side hears", all, await here.heard(all.length));
  },

  "takes what is lent by its value": async ({ open, frame }) => {
    const [here, there] = await open();
    for (let n = 0; n < 50; n++) lend(here.link, frame(n));
    for (let n = 0; n < 50; n++) lend(there.link, numbered(n, false));
    sameList("What the other side hears", count(50, frame), await there.heard(50));
    const bytes = count(50, (n) => numbered(n, false));
    sameList("What this side hears", bytes, await here.heard(50));
  },

  "sends a part of a buffer as that part": async ({ open, rig }) => {
    const [here, there] = await open();
    const part = () => new Uint8Array([1, 2, 3, 4, 5]).subarray(1, 3);
    const bytes = [new Uint8Array([2, 3])];
    there.link.send(part());
    sameList("What this side hears", bytes, await here.heard(1));
    if (rig.transport.carries === "text") return;
    here.link.send(part());
    sameList("What the other side hears", bytes, await there.heard(1));
  },

  "carries 60 KB, and has nothing pending in the end": async ({ open, rig, until }) => {
    const [here, there] = await open();
    const large = "x".repeat(60_000);
    const bytes = rig.transport.carries === "any" ? [new Uint8Array(60_000).fill(7)] : [];
    const sent = [...count(5, () => large), ...bytes];
    for (const one of sent) here.link.send(one);
    sameList("What the other side hears", sent, await there.heard(sent.length));
    there.link.send(large);
    sameList("What this side hears", [large], await here.heard(1));
    await until("this side to have nothing `pending`", () => here.link.pending === 0);
    await until("the other side to have nothing `pending`", () => there.link.pending === 0);
  },

  "says which subprotocol was chosen": async ({ open, dial, here, there, until }) => {
    for (const end of await open()) same("`protocol`", "suite.one", end.link.protocol);
    await dial({ protocols: ["suite.unknown", "suite.two"] });
    await until("the other side's link", () => there.length === 2);
    for (const ends of [here, there]) same("`protocol`", "suite.two", ends[1]?.link.protocol);
  },

  "lets a link be used within `accept`": async ({ dial, here, there, until, accept }) => {
    await dial({}, (link) => {
      link.send("first words");
      const receiver = accept(link);
      link.close(4008, "at once");
      return receiver;
    });
    await until("the other side's link", () => there.length === 1);
    same("The other side's close code", 4008, (await there[0]?.ended())?.code);
    sameList("What the other side hears before", ["first words"], there[0]?.frames ?? []);
    await here[0]?.ended();
  },

  "rejects where no subprotocol is shared": async ({ dial, here }) => {
    await failure(
      "An attempt with unknown subprotocols fails with",
      dial({ protocols: ["suite.unknown"] }),
    );
    same("Calls of `accept`", 0, here.length);
  },

  "rejects where nobody answers": async ({ dial, rig, here }) => {
    await failure("An attempt where nobody answers fails with", dial(rig.nowhere));
    same("Calls of `accept`", 0, here.length);
  },

  "gives an attempt up that is cancelled before": async ({ dial, here }) => {
    const cancelled = new Cancellation();
    cancelled.abort();
    const { reason } = await failure(
      "An attempt that is cancelled fails with",
      dial({ cancelled }),
    );
    same("The reason of an attempt that is cancelled", "timeout", reason);
    same("Calls of `accept`", 0, here.length);
  },

  "gives an attempt up that is cancelled meanwhile": async ({ dial, here }) => {
    const cancelled = new Cancellation();
    const attempt = dial({ cancelled });
    cancelled.abort();
    const { reason } = await failure("An attempt that is cancelled fails with", attempt);
    same("The reason of an attempt that is cancelled", "timeout", reason);
    await pause(MOMENT);
    same("Calls of `accept`", 0, here.length);
  },

  "keeps a link whose attempt is cancelled after it": async ({ dial, here }) => {
    const cancelled = new Cancellation();
    await dial({ cancelled });
    cancelled.abort();
    await pause(MOMENT);
    same("Calls of `accept`", 1, here.length);
    same("Calls of `closed`", 0, here[0]?.ends.length);
  },

  "tells both sides of the end that this side makes": async ({ open }) => {
    const [here, there] = await open();
    here.link.send("last words");
    here.link.close(4000, "enough");
    same("Calls of `closed` within `close`", 0, here.ends.length);
    const { code, reason } = await there.ended();
    same("The other side's close code", 4000, code);
    same("The other side's reason", "enough", reason);
    sameList("What the other side hears before", ["last words"], there.frames);
    await here.ended();
  },

  "tells both sides of the end that the other side makes": async ({ open }) => {
    const [here, there] = await open();
    there.link.send("last words");
    there.link.close(4001, "gone");
    const { code, reason, error } = await here.ended();
    same("This side's close code", 4001, code);
    same("This side's reason", "gone", reason);
    same("This side's error", undefined, error);
    sameList("What this side hears before", ["last words"], here.frames);
    await there.ended();
  },

  "delivers nothing after a `close` within `frame`": async ({ open }) => {
    for (const side of [0, 1] as const) {
      const ends = await open();
      const closer = ends[side];
      const other = ends[side ? 0 : 1];
      closer.onFrame = () => {
        closer.link.close(4002);
        closer.link.close(4003);
      };
      for (let n = 0; n < 10; n++) other.link.send(`${n}`);
      same("The close code of the one that did not close", 4002, (await other.ended()).code);
      await closer.ended();
      sameList("What the one that closed hears", ["0"], closer.frames);
    }
  },

  "never throws from `send` and `close`, whoever ended it when": async ({ open, frame }) => {
    const [here, there] = await open();
    there.link.close(4004, "race");
    for (let n = 0; n < 20; n++) here.link.send(frame(n));
    await here.ended();
    await there.ended();
    for (const { link } of [here, there]) {
      link.send("too late");
      link.close(4005, "too late");
      link.send("too late");
      same("What is `pending` after the end", 0, link.pending);
    }
    const [again] = await open();
    again.link.close(1000);
    again.link.send("too late");
    await again.ended();
    const [both, ways] = await open();
    both.link.close(4006);
    ways.link.close(4007);
    await Promise.all([both.ended(), ways.ended()]);
  },

  "takes any close code and any reason": async ({ open }) => {
    for (const code of [undefined, 0, 1000, 1001, 1006, 2000, 4999, 70_000]) {
      const [here] = await open();
      here.link.close(code, "because ".repeat(100));
      await here.ended();
    }
  },

  "keeps links apart": async ({ open }) => {
    const [one, oneThere] = await open();
    const [other, otherThere] = await open();
    one.link.send("one");
    other.link.send("other");
    sameList("What the first link carries", ["one"], await oneThere.heard(1));
    sameList("What the second link carries", ["other"], await otherThere.heard(1));
    oneThere.link.send("one, back");
    sameList("What the first link carries back", ["one, back"], await one.heard(1));
    one.link.close();
    await one.ended();
    otherThere.link.send("still here");
    sameList("What the second link carries back", ["still here"], await other.heard(1));
    sameList("What the first link carried", ["one"], oneThere.frames);
    sameList("What the second link carried", ["other"], otherThere.frames);
  },
};

/**
 * The cases that a transport must pass. Each makes a rig of its own, so that they may run in any
 * order, and needs nothing of the platform but timers.
 *
 * ```ts
 * for (const { name, run } of transportContract(makeRig)) Deno.test(name, run);
 * ```
 */
export function transportContract(
  make: MakeRig,
  { patience = PATIENCE }: ContractOptions = {},
): readonly ContractCase[] {
  return Object.entries(promises).map(([name, test]) => ({
    name,
    run: () => inRig(make, patience, test),
  }));
}
