import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { BodyFetch } from "@curlew/realtime/environment";
import { type Dial, type Frame, TransportError } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { textOnly } from "@curlew/realtime/transports/text-only";
import { Cancellation } from "../../src/connection/cancel.ts";
import { transportContract } from "../contract/transport.ts";
import { FakeClock, settle } from "../kit/clock.ts";
import { countedClock } from "../kit/counted_clock.ts";
import { ears } from "../kit/ear.ts";
import {
  answerOf,
  fetchFrom,
  longPollModel,
  type ModelAnswer,
  type ModelOptions,
  type ModelRequest,
} from "../kit/long_poll_model.ts";
import { seeded } from "../kit/seeded.ts";
import { longPollRig } from "./rigs.ts";

transportContract("long-poll", longPollRig((transport) => transport));
transportContract("textOnly of long-poll", longPollRig(textOnly));

const dialOf = (more: Partial<Dial> = {}): Dial => ({
  url: "ws://chat.test/",
  protocols: ["p"],
  cancelled: new Cancellation(),
  probe: () => "",
  ...more,
});

/** A client and the model, over a network that a test may get into. */
function world(options: Partial<ModelOptions> = {}) {
  const clock = new FakeClock();
  const [here, there] = [ears(), ears()];
  const model = longPollModel({ protocols: ["p"], accept: there, clock, ...options });
  const requests: ModelRequest[] = [];
  const inits: Parameters<BodyFetch>[1][] = [];
  const net = { answer: model.answer };
  const through = fetchFrom((request) => {
    requests.push(request);
    return net.answer(request);
  });
  const fetch: BodyFetch = (url, init) => {
    inits.push(init);
    return through(url, init);
  };
  const timers = countedClock(clock);
  const transport = longPoll({ fetch, clock: timers, random: seeded(1) });
  return {
    clock,
    /** Those of the client. */
    timers,
    model,
    net,
    here,
    there,
    requests,
    inits,
    dial: (more?: Partial<Dial>) => transport.open(dialOf(more), here),
    /** Opens a link. */
    open: async () => {
      await transport.open(dialOf(), here);
      await settle();
      return [here.all.at(-1)!, there.all.at(-1)!] as const;
    },
    /** The bodies of the requests to that end of the address, as JSON. */
    bodies: (end: string) =>
      requests.filter(({ path }) => path.endsWith(end)).map(({ body }) => JSON.parse(String(body))),
  };
}

const html = { "Content-Type": "text/html" };

const because = (reason: string, message: RegExp) => (error: unknown) =>
  error instanceof TransportError && error.reason === reason && message.test(error.message);

describe("long-poll", () => {
  it("carries frames both ways, and the end", async () => {
    const { timers, open } = world();
    const [here, there] = await open();
    here.link.send("up");
    there.link.send(new Uint8Array([1, 2]));
    await settle();
    assert.deepEqual(there.frames, ["up"]);
    assert.deepEqual(here.frames, [new Uint8Array([1, 2])]);
    here.link.close(4000, "enough");
    await settle();
    assert.deepEqual(there.ends, [{ code: 4000, reason: "enough" }]);
    assert.deepEqual(here.ends, [{ code: 4000, reason: "enough" }]);
    assert.equal(timers.waiting, 0);
  });

  it("asks beside the WebSocket's address, by POST and without cookies", async () => {
    const { requests, inits, dial, here } = world();
    await dial({ url: "wss://chat.test/path?query#hash" });
    await settle();
    assert.deepEqual(requests.map(({ path }) => path), [
      "https://chat.test/path/lp",
      "https://chat.test/path/lp/node.1/poll",
    ]);
    const asked = ["method", "headers", "body", "redirect", "credentials", "signal"];
    for (const init of inits) {
      assert.deepEqual(Object.keys(init!), asked, "Some platforms throw at more");
      const { method, redirect, credentials } = init!;
      assert.deepEqual([method, redirect, credentials], ["POST", "manual", "omit"]);
    }
    assert.equal(inits[0]!.headers!["Curlew-Secret"], undefined);
    here.all[0]!.link.close();
    await settle();
  });

  it("sends what one turn produced at once, and one batch at a time", async () => {
    const { open, bodies } = world();
    const [here, there] = await open();
    for (const frame of ["a", "b", "c"]) here.link.send(frame);
    assert.equal(here.link.pending, 3);
    await Promise.resolve();
    for (const frame of ["d", "e"]) here.link.send(frame);
    await settle();
    assert.deepEqual(bodies("send").map(({ frames }) => frames), [["a", "b", "c"], ["d", "e"]]);
    assert.deepEqual(there.frames, ["a", "b", "c", "d", "e"]);
    assert.equal(here.link.pending, 0);
    here.link.close();
    await settle();
  });

  it("keeps a batch as small as the server asks, but for a single frame", async () => {
    const { open, bodies } = world({ batch: 550 });
    const [here, there] = await open();
    const frames = ["12345", "12345", "12345", "x".repeat(100), "12345"];
    for (const frame of frames) here.link.send(frame);
    await settle();
    assert.deepEqual(bodies("send").map((body) => body.frames.length), [2, 1, 1, 1]);
    assert.deepEqual(there.frames, frames);
    here.link.close();
    await settle();
  });

  it("repeats a poll that was lost, and takes nothing twice", async () => {
    const { clock, timers, open, net, model } = world();
    const [here, there] = await open();
    net.answer = async (request) => {
      await model.answer(request);
      throw new Error("The answer was lost");
    };
    there.link.send("once");
    await settle();
    here.link.send("once too");
    await settle();
    assert.deepEqual(here.frames, ["once"], "The poll that was there already brings it");
    there.link.send("again");
    await clock.advance(1_000);
    assert.deepEqual(here.frames, ["once"]);
    net.answer = model.answer;
    await clock.advance(5_000);
    assert.deepEqual(here.frames, ["once", "again"]);
    assert.deepEqual(there.frames, ["once too"]);
    here.link.close();
    await settle();
    assert.equal(timers.waiting, 0);
  });

  it("asks again when another poll took over, and of a server that answers too soon", async () => {
    const { clock, timers, open, net, model, requests } = world();
    const [here] = await open();
    net.answer = (request) =>
      request.path.endsWith("poll")
        ? Promise.resolve(answerOf(200, JSON.stringify({ first: 1, ack: 0, frames: [] })))
        : model.answer(request);
    void model.answer(requests.at(-1)!); // The same poll once more, by whatever means.
    const before = requests.length;
    await clock.advance(20_000);
    assert.ok(requests.length - before < 12, "It does not ask all the time");
    assert.ok(requests.length - before > 3);
    here.link.close();
    await settle();
    assert.equal(timers.waiting, 0);
  });

  it("asks for shorter polls where something cuts them for being idle", async () => {
    const { clock, timers, open, net, model, bodies } = world();
    const cut = (request: ModelRequest) =>
      Promise.race([
        model.answer(request),
        new Promise<ModelAnswer>((_, reject) =>
          void clock.after(10_000, () => reject(new Error("Idle")))
        ),
      ]);
    net.answer = cut;
    const [here] = await open();
    await clock.advance(60_000);
    const waits: number[] = bodies("poll").map(({ wait }) => wait);
    assert.equal(waits[0], 25_000);
    assert.equal(waits[1], 8_000);
    assert.ok(Math.max(...waits.slice(1)) < 8_500, `${waits}`);
    assert.equal(here.ends.length, 0);
    here.link.close();
    await clock.advance(10_000);
    assert.equal(timers.waiting, 0);
  });

  it("asks for long polls again where it was the network that failed", async () => {
    const { clock, timers, open, net, model, bodies } = world();
    let fail = (_: Error) => {};
    net.answer = (request) =>
      Promise.race([
        model.answer(request),
        new Promise<ModelAnswer>((_, reject) => fail = reject),
      ]);
    const [here] = await open();
    for (let failures = 0; failures < 3; failures++) {
      await clock.advance(6_000);
      fail(new Error("Out of reach"));
      await settle();
    }
    await clock.advance(1_000);
    const waits = (): number[] => bodies("poll").map(({ wait }) => wait);
    assert.ok(waits().at(-1)! < 6_000, `${waits()}`);
    await clock.advance(3_600_000);
    assert.equal(waits().at(-1), 25_000);
    here.link.close();
    await settle();
    assert.equal(timers.waiting, 0);
  });

  it("gives up a poll that is never answered, and asks again", async () => {
    const { clock, timers, open, net, model, bodies, there } = world();
    let held = 0;
    net.answer = (request) =>
      request.path.endsWith("poll") && held++ < 1 ? new Promise(() => {}) : model.answer(request);
    const [here] = await open();
    await clock.advance(36_000);
    assert.equal(bodies("poll").length, 2);
    there.all[0]!.link.send("heard");
    await settle();
    assert.deepEqual(here.frames, ["heard"]);
    here.link.close();
    await settle();
    assert.equal(timers.waiting, 0);
  });

  it("ends when nothing succeeds for as long as the server keeps a channel", async () => {
    const { clock, timers, open, net } = world({ keep: 20_000 });
    const [here] = await open();
    net.answer = () => Promise.resolve(answerOf(502, "<html>", { "Content-Type": "text/html" }));
    here.link.send("into the void");
    await clock.advance(15_000);
    assert.equal(here.ends.length, 0);
    await clock.advance(40_000);
    const [end] = here.ends;
    assert.equal(end?.code, 1006);
    assert.ok(because("unreachable", /broke: the server did not answer for too long/)(end?.error));
    assert.match(String(end?.error?.cause), /502/);
    assert.equal(here.link.pending, 0);
    assert.equal(timers.waiting, 0);
  });

  it("ends when the server does not know the channel any more", async () => {
    const { timers, open, model } = world();
    const [here] = await open();
    model.forget();
    here.link.send("who am I?");
    await settle();
    assert.equal(here.ends[0]?.code, 1006);
    assert.ok(
      because("unreachable", /the server does not know it; it was started anew, or a proxy/)(
        here.ends[0]?.error,
      ),
    );
    assert.equal(timers.waiting, 0);
  });

  it("ends when a frame is too large for the server, or one is missing", async () => {
    const large = world();
    const [here] = await large.open();
    large.net.answer = () => Promise.resolve(answerOf(413, "{}"));
    here.link.send("large");
    await settle();
    assert.equal(here.ends[0]?.code, 1009);
    assert.equal(large.timers.waiting, 0);

    const gap = world();
    gap.net.answer = (request) =>
      request.path.endsWith("poll")
        ? Promise.resolve(answerOf(200, JSON.stringify({ first: 2, ack: 0, frames: ["second"] })))
        : gap.model.answer(request);
    const [other, there] = await gap.open();
    await settle();
    assert.deepEqual(other.frames, []);
    assert.equal(other.ends[0]?.code, 1002);
    assert.equal(there.ends[0]?.code, 1002, "The server is told");
    assert.equal(gap.timers.waiting, 0);
  });

  it("believes no acknowledgement of what it never sent", async () => {
    const { clock, open, net, model } = world();
    const acks: unknown[] = [99, -1, "1", null, 1.5];
    net.answer = (request) =>
      request.path.endsWith("send") && acks.length
        ? Promise.resolve(answerOf(200, JSON.stringify({ ack: acks.shift() })))
        : model.answer(request);
    const [here, there] = await open();
    here.link.send("a");
    await settle();
    assert.equal(here.link.pending, 1);
    await clock.advance(30_000);
    assert.equal(here.link.pending, 0);
    assert.deepEqual(there.frames, ["a"]);
    here.link.close();
    await settle();
  });

  it("says farewell once, and for 1 s at most", async () => {
    const { clock, timers, open, net } = world();
    const [here] = await open();
    net.answer = () => new Promise(() => {});
    here.link.send("last words");
    await settle();
    here.link.close(4001);
    here.link.close(4002);
    here.link.send("too late");
    await clock.advance(999);
    assert.equal(here.ends.length, 0);
    await clock.advance(1);
    assert.deepEqual(here.ends, [{ code: 4001, reason: "" }]);
    assert.equal(timers.waiting, 0);
  });

  it("says farewell with what is left to be said, however many batches it takes", async () => {
    const { timers, open, bodies } = world({ batch: 530 });
    const [here, there] = await open();
    for (const frame of ["12345", "67890"]) here.link.send(frame);
    here.link.close(4003, "Enough");
    await settle();
    assert.deepEqual(there.frames, ["12345", "67890"]);
    assert.deepEqual(there.ends, [{ code: 4003, reason: "Enough" }]);
    assert.deepEqual(bodies("send").map(({ close }) => close), [undefined, [4003, "Enough"]]);
    assert.equal(timers.waiting, 0);
  });
});

describe("opening a long-poll", () => {
  const refusals: readonly (readonly [
    what: string,
    answer: readonly [number, Frame, Record<string, string>?],
    reason: string,
    message: RegExp,
    more?: Partial<TransportError>,
  ])[] = [
    [
      "names what the server speaks",
      [400, '{"code":4113,"error":"None","protocols":["x.3","y.3"]}'],
      "subprotocol",
      /it speaks x\.3, y\.3; use a codec/,
      { status: 400, code: 4113 },
    ],
    ["says that it is busy", [429, "{}", { "Retry-After": "7" }], "busy", /429: try again later/, {
      retryAfter: 7_000,
    }],
    [
      "reads a time to wait for, and waits 5 minutes at most",
      [503, '{"error":"Full"}', { "Retry-After": "Thu, 01 Jan 2099 00:00:00 GMT" }],
      "busy",
      /503 \(Full\): try again later/,
      { retryAfter: 300_000 },
    ],
    [
      "waits no time that is none",
      [503, "{}", { "Retry-After": "soon" }],
      "busy",
      /503: try again/,
      {
        retryAfter: undefined,
      },
    ],
    ["says where nothing is served", [404, "{}"], "refused", /404: no long-poll is served here/, {
      status: 404,
    }],
    [
      "says who refuses",
      [403, '{"code":4110,"error":"Foreign"}'],
      "refused",
      /403 \(Foreign\): check whom/,
      { code: 4110 },
    ],
    ["says that something fails", [502, "<html>", html], "refused", /502: check that the server/],
    [
      "names where a redirect leads",
      [302, "", { Location: "https://other/" }],
      "refused",
      /redirects to https:\/\/other\/; connect/,
    ],
    [
      "knows a redirect that a browser hides",
      [0, "", html],
      "refused",
      /redirects to a place that is hidden/,
    ],
    [
      "knows a login page",
      [200, "<html>", html],
      "not-curlew",
      /whether this network wants a login/,
    ],
    ["knows other JSON", [200, '{"id":1}'], "not-curlew", /that is no channel; check/],
    ["knows JSON that is cut", [200, '{"id":'], "not-curlew", /that is no channel; check/],
    ["knows bytes", [200, new Uint8Array(3)], "not-curlew", /that is no channel; check/],
    ["knows no other status", [418, "{}"], "refused", /418: check the address/],
  ];
  for (const [what, answer, reason, message, more = {}] of refusals) {
    it(what, async () => {
      const { net, dial, here } = world();
      net.answer = () => Promise.resolve(answerOf(...answer));
      await assert.rejects(dial(), (error: TransportError) => {
        assert.ok(because(reason, message)(error), String(error));
        for (const [key, value] of Object.entries(more)) {
          assert.equal(error[key as keyof TransportError], value, key);
        }
        return true;
      });
      assert.equal(here.all.length, 0);
    });
  }

  it("says that nobody answers", async () => {
    const { net, dial } = world();
    net.answer = () => Promise.reject(new TypeError("fetch failed"));
    await assert.rejects(dial(), because("unreachable", /could not be reached \(TypeError: fetch/));
  });

  it("refuses a subprotocol that was not offered, and closes the channel", async () => {
    const { timers, net, model, dial, there } = world();
    net.answer = async (request) => {
      const answer = await model.answer(request);
      const text = (await answer.text()).replace('"protocol":"p"', '"protocol":"q"');
      return answerOf(answer.status, text);
    };
    await assert.rejects(dial(), because("subprotocol", /chose q, which was not offered/));
    await settle();
    assert.equal(there.all[0]?.ends.length, 1);
    assert.equal(timers.waiting, 0);
  });

  it("closes a channel that was opened when nobody wanted it any more", async () => {
    const { clock, timers, net, model, dial, here, there } = world();
    net.answer = async (request) => {
      if (request.path.endsWith("/lp")) {
        await new Promise<void>((done) => void clock.after(100, done));
      }
      return await model.answer(request);
    };
    const cancelled = new Cancellation();
    const attempt = dial({ cancelled });
    attempt.catch(() => {});
    await clock.advance(50);
    cancelled.abort();
    await assert.rejects(attempt, because("timeout", /given up before it answered/));
    await clock.advance(200);
    assert.equal(there.all[0]?.ends.length, 1);
    assert.equal(here.all.length, 0);
    assert.equal(timers.waiting, 0);
  });

  it("is accepted or given up, whenever it is cancelled, and never both", async () => {
    const outcomes = new Set<string>();
    for (let step = 0; step < 40; step++) {
      const { net, model, dial, here, there, timers, clock } = world();
      const cancelled = new Cancellation();
      const later = (steps: number) =>
        queueMicrotask(() => steps ? later(steps - 1) : cancelled.abort());
      net.answer = async (request) => {
        const answer = await model.answer(request);
        if (request.path.endsWith("/lp")) later(step);
        return answer;
      };
      const outcome = await dial({ cancelled }).then(() => "open", ({ reason }) => reason);
      await settle();
      assert.equal(here.all.length, outcome === "open" ? 1 : 0, `Step ${step}: ${outcome}`);
      assert.equal(here.all[0]?.ends.length ?? 0, 0);
      here.all[0]?.link.close();
      await clock.advance(1_000);
      assert.equal(there.all[0]?.ends.length, 1, `Step ${step}: ${outcome}`);
      assert.equal(timers.waiting, 0, `Step ${step}: ${outcome}`);
      outcomes.add(outcome);
    }
    assert.deepEqual([...outcomes].sort(), ["open", "timeout"]);
  });

  it("lets go of a server that says nothing, once it was given up", async () => {
    const { clock, timers, net, dial, inits } = world();
    net.answer = () => new Promise(() => {});
    const cancelled = new Cancellation();
    const attempt = dial({ cancelled });
    attempt.catch(() => {});
    await settle();
    cancelled.abort();
    await assert.rejects(attempt, because("timeout", /given up/));
    await clock.advance(1_000);
    assert.ok(inits[0]?.signal?.aborted);
    assert.equal(timers.waiting, 0);
    await assert.rejects(dial({ cancelled }), because("timeout", /given up/));
    assert.equal(inits.length, 1);
  });

  it("works where there is no AbortController", async () => {
    const { AbortController } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "AbortController");
      const { timers, open, inits } = world();
      const [here, there] = await open();
      here.link.send("hello");
      await settle();
      assert.deepEqual(there.frames, ["hello"]);
      here.link.close();
      await settle();
      assert.equal(timers.waiting, 0);
      assert.equal(inits[0]?.signal, undefined);
    } finally {
      Object.assign(globalThis, { AbortController });
    }
  });

  it("names the remedy where there is no fetch", async () => {
    const { fetch } = globalThis;
    try {
      Reflect.deleteProperty(globalThis, "fetch");
      await assert.rejects(longPoll().open(dialOf(), ears()), {
        name: "TypeError",
        message: /longPoll\({ fetch }\)/,
      });
      // One that is passed is used, whatever the platform has.
      await assert.rejects(longPoll({ fetch }).open(dialOf({ url: "ws://127.0.0.1:1/" }), ears()), {
        name: "TRANSPORT_ERROR",
      });
    } finally {
      Object.assign(globalThis, { fetch });
    }
  });
});
