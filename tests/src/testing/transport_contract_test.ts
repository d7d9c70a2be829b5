import assert from "node:assert/strict";
import { describe, it } from "node:test";
import {
  type Closed,
  type Dial,
  type Frame,
  type Link,
  type Receiver,
  type Transport,
  TransportError,
} from "@curlew/realtime/protocol";
import { ContractError, type MakeRig, transportContract } from "@curlew/realtime/testing";
import { memory } from "@curlew/realtime/transports/memory";
import { Cancellation } from "../../../src/connection/cancel.ts";
import { checkLeaks } from "../../kit/leaks.ts";
import { memoryRig } from "../../transports/rigs.ts";

/** A transport that works, with what a broken one does otherwise. */
type Break = (transport: Transport) => Transport;

const opens = (open: (transport: Transport) => Transport["open"]): Break => (transport) => ({
  ...transport,
  open: open(transport),
});

/** Does otherwise with each link, and knows what the link reports to. */
const links = (otherwise: (link: Link, dial: Dial, receiver: () => Receiver) => Partial<Link>) =>
  opens((transport) => (dial, accept) =>
    transport.open(dial, (link) => {
      let receiver: Receiver | undefined;
      const { protocol, pending, send, close } = link;
      const broken = otherwise(link, dial, () => receiver!);
      return receiver = accept({ protocol, pending, send, close, ...broken });
    })
  );

/** Reports otherwise. */
const reports = (otherwise: (receiver: Receiver) => Partial<Receiver>): Break =>
  opens((transport) => (dial, accept) =>
    transport.open(dial, (link) => {
      const receiver = accept(link);
      return {
        ...receiver,
        frame: receiver.frame,
        closed: receiver.closed,
        ...otherwise(receiver),
      };
    })
  );

const later = (run: () => void) => void Promise.resolve().then(run);
const closed: Closed = { code: 1000, reason: "" };

/** A browser's `WebSocket` takes no other code. */
function mayClose(code = 1000): void {
  if (code !== 1000 && (code < 3000 || code > 4999)) throw new RangeError(`Not a code: ${code}`);
}

/** What a careless transport may do, by the promise that it breaks, and what the case says of it. */
const breaks: readonly (readonly [promise: string, how: string, Break, says: RegExp])[] = [
  [
    "carries frames both ways, in order",
    "swaps frames",
    links(({ send }) => {
      const held: Frame[] = [];
      return { send: (frame) => held.push(frame) % 2 || held.splice(0).reverse().forEach(send) };
    }),
    /^What the other side hears, number 1 of 100: expected bytes \[0, 0.*, got bytes \[1, 1/,
  ],
  [
    "carries frames both ways, in order",
    "sends frames twice",
    links(({ send }) => ({ send: (frame) => [frame, frame].forEach(send) })),
    /^What the other side hears, number 2 of 100: expected bytes \[1, 1, .*, got bytes \[0, 0, /,
  ],
  [
    "carries frames both ways, in order",
    "sends nothing",
    links(() => ({ send: () => {} })),
    /^Waited \d+ ms in vain for frame 1 of 100$/,
  ],
  [
    "keeps text and bytes apart, the empty ones too",
    "makes text of bytes",
    reports(({ frame }) => ({ frame: (one) => frame(`${one}`) })),
    /^What this side hears, number 1 of 7: expected bytes \[\], got ""$/,
  ],
  [
    "keeps text and bytes apart, the empty ones too",
    "drops empty frames",
    links(({ send }) => ({ send: (frame) => frame.length && send(frame) })),
    /^What the other side hears|^Waited \d+ ms in vain for frame \d+ of 8$/,
  ],
  [
    "takes what is lent by its value",
    "sends what was lent later",
    links(({ send }) => ({ send: (frame) => later(() => send(frame)) })),
    /^What the other side hears, number 1 of 50: expected bytes \[0, .*, got bytes \[255, /,
  ],
  [
    "sends a part of a buffer as that part",
    "sends the whole buffer",
    links(({ send }) => ({
      send: (frame) => send(typeof frame === "string" ? frame : new Uint8Array(frame.buffer)),
    })),
    /^What the other side hears, .*: expected bytes \[2, 3\], got bytes \[1, 2, 3, 4, 5\]$/,
  ],
  [
    "carries 60 KB, and has nothing pending in the end",
    "drops large frames",
    links(({ send }) => ({ send: (frame) => frame.length < 32_000 && send(frame) })),
    /^Waited \d+ ms in vain for frame 1 of 6$/,
  ],
  [
    "carries 60 KB, and has nothing pending in the end",
    "counts wrong",
    links(() => ({ pending: 1 })),
    /^Waited \d+ ms in vain for this side to have nothing `pending`$/,
  ],
  [
    "says which subprotocol was chosen",
    "says what it would like",
    links((_, { protocols: [protocol = ""] }) => ({ protocol })),
    /^`protocol`: expected "suite.two", got "suite.unknown"$/,
  ],
  [
    "lets a link be used within `accept`",
    "is deaf until it is open",
    links(({ send }) => {
      let opened = false;
      later(() => opened = true);
      return { send: (frame) => opened && send(frame) };
    }),
    /^What the other side hears before: expected \["first words"\], got \[\]$/,
  ],
  [
    "rejects where no subprotocol is shared",
    "ignores the subprotocols",
    opens(({ open }) => (dial, accept) => open({ ...dial, protocols: ["suite.one"] }, accept)),
    /^An attempt .* expected "a TransportError", got "no error"$/,
  ],
  [
    "rejects where nobody answers",
    "fails with an error of the platform",
    opens(({ open }) => (dial, accept) =>
      open(dial, accept).catch(() => Promise.reject(new TypeError("Failed to fetch")))
    ),
    /expected "a TransportError", got TypeError: Failed to fetch$/,
  ],
  [
    "rejects where nobody answers",
    "waits for ever",
    opens(() => () => new Promise(() => {})),
    /expected "a TransportError", got Error: Waited \d+ ms in vain for `open` to resolve or to reject$/,
  ],
  [
    "gives an attempt up that is cancelled before",
    "looks at no cancel",
    opens(({ open }) => (dial, accept) => open({ ...dial, cancelled: new Cancellation() }, accept)),
    /^An attempt that is cancelled fails with: expected "a TransportError", got "no error"$/,
  ],
  [
    "gives an attempt up that is cancelled before",
    "gives another reason",
    opens(({ open }) => (dial, accept) =>
      open(dial, accept).catch(() => {
        throw new TransportError("unreachable", "Gone");
      })
    ),
    /^The reason of an attempt that is cancelled: expected "timeout", got "unreachable"$/,
  ],
  [
    "gives an attempt up that is cancelled meanwhile",
    "looks at a cancel once",
    opens(({ open }) => (dial, accept) => {
      const { aborted } = dial.cancelled;
      return open({ ...dial, cancelled: { ...dial.cancelled, aborted } }, accept);
    }),
    /^An attempt that is cancelled fails with: expected "a TransportError", got "no error"$/,
  ],
  [
    "keeps a link whose attempt is cancelled after it",
    "ends a link for a cancel",
    links(({ close }, { cancelled }) => {
      cancelled.addEventListener("abort", () => close());
      return {};
    }),
    /^Calls of `closed`: expected 0, got 1$/,
  ],
  [
    "tells both sides of the end that this side makes",
    "keeps the close code for itself",
    links(({ close }) => ({ close: () => close() })),
    /^The other side's close code: expected 4000, got 1000$/,
  ],
  [
    "tells both sides of the end that this side makes",
    "tells of the end within `close`",
    links(({ close }, _, receiver) => ({
      close: (code) => {
        receiver().closed(closed);
        close(code);
      },
    })),
    /^Calls of `closed` within `close`: expected 0, got 1$/,
  ],
  [
    "tells both sides of the end that the other side makes",
    "makes up a close code",
    reports((receiver) => ({ closed: () => receiver.closed({ code: 1006, reason: "" }) })),
    /^This side's close code: expected 4001, got 1006$/,
  ],
  [
    "tells both sides of the end that the other side makes",
    "tells of no end",
    reports(() => ({ closed: () => {} })),
    /^Waited \d+ ms in vain for the end of a link \(`closed`\)$/,
  ],
  [
    "delivers nothing after a `close` within `frame`",
    "closes later",
    links(({ close }) => ({ close: (...how) => void setTimeout(() => close(...how), 5) })),
    /^What the one that closed hears: expected \["0"\], got \["0", "1", /,
  ],
  [
    "never throws from `send` and `close`, whoever ended it when",
    "throws after the end",
    links(({ send, close }, _, receiver) => {
      let over = false;
      later(() => {
        const { closed } = receiver();
        Object.assign(receiver(), {
          closed: (why: Closed) => {
            over = true;
            closed(why);
          },
        });
      });
      return {
        send: (frame) => {
          if (over) throw new Error("Already closed");
          send(frame);
        },
        close,
      };
    }),
    /^Already closed$/,
  ],
  [
    "takes any close code and any reason",
    "throws for a close code",
    links(({ close }) => ({
      close: (code, reason) => {
        mayClose(code);
        close(code, reason);
      },
    })),
    /^Not a code: 0$/,
  ],
  [
    "keeps links apart",
    "mixes links up",
    (() => {
      let last: Receiver | undefined;
      return reports((receiver) => {
        last = receiver;
        return { frame: (frame) => last?.frame(frame) };
      });
    })(),
    /^Waited \d+ ms in vain for frame 1 of 1$/,
  ],
  [
    "keeps links apart",
    "tells of the end twice",
    reports(({ closed }) => ({
      closed: (why) => {
        closed(why);
        closed(why);
      },
    })),
    /^How often `closed` is called: expected 1, got 2$/,
  ],
  [
    "keeps links apart",
    "delivers after the end",
    reports(({ frame, closed }) => ({
      closed: (why) => {
        closed(why);
        frame("P.S.");
      },
    })),
    /^Frames that come after `closed`: expected 0, got 1$/,
  ],
];

const caseOf = (promise: string, make: MakeRig) => {
  const found = transportContract(make, { patience: 100 }).find(({ name }) => name === promise);
  assert.ok(found, promise);
  return found;
};

describe("the contract of transports", () => {
  for (const [promise, how, broken, says] of breaks) {
    it(
      `"${promise}" fails for one that ${how}`,
      checkLeaks(() => assert.rejects(caseOf(promise, memoryRig(broken)).run(), { message: says })),
    );
  }

  it("has no case that nothing can fail", () => {
    const cases = transportContract(memoryRig((transport) => transport));
    const broken = new Set(breaks.map(([promise]) => promise));
    assert.deepEqual(cases.map(({ name }) => name).filter((name) => !broken.has(name)), []);
  });

  it("finds out who hands frames over within `send`", async () => {
    const make: MakeRig = async (otherSide) => {
      const rig = await memoryRig((transport) => transport)(otherSide);
      return { ...rig, transport: memory({ ...otherSide, turnEnd: (run) => run() }) };
    };
    const found = caseOf("carries frames both ways, in order", make);
    await assert.rejects(found.run(), {
      message: "Frames that arrive within `send`: expected 0, got 100",
    });
  });

  it("finds out whose other side keeps a link", async () => {
    const make: MakeRig = async (otherSide) => ({
      ...await memoryRig((transport) => transport)(otherSide),
      links: () => 1,
    });
    const found = caseOf("keeps links apart", make);
    await assert.rejects(found.run(), {
      message: "Waited 100 ms in vain for the other side to have no link",
    });
  });

  it("lets go of a rig also where the case fails", async () => {
    let open = 0;
    const make: MakeRig = async (otherSide) => {
      open++;
      const rig = await memoryRig(links(() => ({ send: () => {} })))(otherSide);
      return { ...rig, close: () => Promise.resolve(void open--) };
    };
    await assert.rejects(caseOf("keeps links apart", make).run());
    assert.equal(open, 0);
  });

  it("says what was expected and what came, for runners that show how they differ", async () => {
    const make = memoryRig(links(() => ({ protocol: "wrong" })));
    await assert.rejects(
      caseOf("says which subprotocol was chosen", make).run(),
      (error: unknown) =>
        error instanceof ContractError && error.expected === "suite.one" &&
        error.actual === "wrong",
    );
  });
});
