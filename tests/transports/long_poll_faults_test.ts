import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Accept, contentType, type Frame, TransportError } from "@curlew/realtime/protocol";
import { longPoll } from "@curlew/realtime/transports/long-poll";
import { longPollChannels } from "../../server/gateway/long_poll.ts";
import { Cancellation } from "../../src/connection/cancel.ts";
import { FakeClock, settle } from "../kit/clock.ts";
import { countedClock } from "../kit/counted_clock.ts";
import { ears } from "../kit/ear.ts";
import { listeningLog } from "../kit/log.ts";
import {
  answerOf,
  fetchFrom,
  longPollModel,
  type ModelAnswer,
  type ModelRequest,
} from "../kit/long_poll_model.ts";
import { seeded, seededBytes } from "../kit/seeded.ts";
import { faults, unreliable } from "../kit/unreliable.ts";

/** A frame that says which one it is. */
function numbered(n: number, random: () => number): Frame {
  const size = Math.floor(random() * 40);
  return random() < 0.5 ? `${n} ${"鹬".repeat(size)}` : new Uint8Array(4 + size).fill(n);
}

/** The other side: what answers requests. */
type MakeServer = (
  options: { readonly accept: Accept; readonly clock: FakeClock; readonly keep: number },
) => (request: ModelRequest) => Promise<ModelAnswer>;

const servers: Readonly<Record<string, MakeServer>> = {
  "the model": ({ accept, clock, keep }) =>
    longPollModel({ protocols: ["p"], accept, clock, keep, batch: 800 }).answer,
  "the server": ({ accept, clock, keep }) => {
    const channels = longPollChannels({
      protocols: ["p"],
      accept,
      clock,
      log: listeningLog(),
      secret: seededBytes(seeded(1)),
      limits: { batch: 800, channelKeep: keep },
    });
    return async ({ path, body, secret }) => {
      const headers = {
        "Content-Type": contentType(body),
        ...secret && { "Curlew-Secret": secret },
      };
      const request = new Request(path, { method: "POST", body: body as BodyInit, headers });
      const response = await channels.handle(request, { address: "1.2.3.4" })!;
      const bytes = new Uint8Array(await response.arrayBuffer());
      return answerOf(response.status, bytes, Object.fromEntries(response.headers));
    };
  },
};

interface Run {
  readonly up: readonly Frame[];
  readonly down: readonly Frame[];
  readonly here: ReturnType<typeof ears>;
  readonly there: ReturnType<typeof ears>;
  readonly timers: number;
}

/** Both sides talk for a minute, over a network that is as bad as it is said to be. */
async function talk(
  server: MakeServer,
  seed: number,
  badness: (at: number) => number,
  keep = 60_000,
): Promise<Run> {
  const random = seeded(seed);
  const clock = new FakeClock();
  const start = clock.now();
  const [here, there] = [ears(), ears()];
  const timers = countedClock(clock);
  const answer = unreliable(server({ accept: there, clock, keep }), {
    clock,
    random,
    badness: () => badness(clock.now() - start),
  });
  const transport = longPoll({ fetch: fetchFrom(answer), clock: timers, random });
  const opened = transport.open({
    url: "ws://chat.test/",
    protocols: ["p"],
    cancelled: new Cancellation(),
    probe: () => "",
  }, here);
  await clock.advance(500);
  await opened;
  const up: Frame[] = [];
  const down: Frame[] = [];
  const ends = [[here.all[0]!, up], [there.all[0]!, down]] as const;
  for (let step = 0; step < 60; step++) {
    for (const [{ link, ends: ended }, sent] of ends) {
      const burst = random() < 0.4 ? Math.floor(random() * 5) : 0;
      for (let i = 0; i < burst && !ended.length; i++) {
        const frame = numbered(sent.length, random);
        sent.push(frame);
        link.send(frame);
      }
    }
    await clock.advance(random() * 2_000);
  }
  await clock.advance(120_000);
  const live = here.all[0]!;
  if (!live.ends.length) {
    assert.equal(live.link.pending, 0, "All was acknowledged");
    live.link.close(4000);
    await clock.advance(2_000);
  }
  await settle();
  return { up, down, here, there, timers: timers.waiting };
}

/** What arrived is what was sent, once and in order, up to where it ends. */
function isPrefix(arrived: readonly Frame[], sent: readonly Frame[]): void {
  assert.deepEqual(arrived, sent.slice(0, arrived.length));
}

for (const [name, server] of Object.entries(servers)) {
  describe(`long-poll over a bad network, with ${name}`, () => {
    it("delivers each frame once and in order, both ways", async () => {
      for (let seed = 1; seed <= 150; seed++) {
        // Fair at first, so that it opens, and in the end, so that what is on its way arrives.
        const badness = (at: number) => at < 500 || at > 70_000 ? 0 : 0.4;
        const { up, down, here, there, timers } = await talk(server, seed, badness, 600_000);
        assert.deepEqual(there.all[0]!.frames, up, `Seed ${seed}`);
        assert.deepEqual(here.all[0]!.frames, down, `Seed ${seed}`);
        assert.deepEqual(here.all[0]!.ends, [{ code: 4000, reason: "" }], `Seed ${seed}`);
        assert.deepEqual(there.all[0]!.ends, [{ code: 4000, reason: "" }], `Seed ${seed}`);
        assert.equal(timers, 0, `Seed ${seed}`);
      }
    });

    it("ends with a reason where it can't, and has lost nothing in between", async () => {
      let lost = 0;
      for (let seed = 1; seed <= 150; seed++) {
        const badness = (at: number) => at < 500 ? 0 : at < 20_000 ? 0.5 : 0.97;
        const { up, down, here, there, timers } = await talk(server, seed, badness, 15_000);
        isPrefix(there.all[0]!.frames, up);
        isPrefix(here.all[0]!.frames, down);
        const [{ code, error } = { code: 0 }, ...more] = here.all[0]!.ends;
        assert.equal(more.length, 0);
        if (code === 1006) lost++;
        else assert.equal(code, 4000);
        assert.equal(error instanceof TransportError, code === 1006);
        assert.equal(timers, 0, `Seed ${seed}`);
      }
      assert.ok(lost > 75, `${lost} of 150 ended`);
    });
  });
}

describe("long-poll", () => {
  for (const [what, fault] of Object.entries(faults)) {
    it(`goes on when now and then a request ${what}`, async () => {
      const clock = new FakeClock();
      const [here, there] = [ears(), ears()];
      const model = longPollModel({ protocols: ["p"], accept: there, clock });
      const random = seeded(7);
      let count = 0;
      const cache = new Map();
      const wait = (ms: number) => new Promise<void>((done) => void clock.after(ms, done));
      const fetch = fetchFrom((request) =>
        ++count % 3 ? model.answer(request) : fault(request, model.answer, { random, wait, cache })
      );
      await longPoll({ fetch, clock, random }).open({
        url: "ws://chat.test/",
        protocols: ["p"],
        cancelled: new Cancellation(),
        probe: () => "",
      }, here);
      const [one, other] = [here.all[0]!, there.all[0]!];
      const sent = Array.from({ length: 12 }, (_, n) => numbered(n, random));
      for (const frame of sent) {
        one.link.send(frame);
        other.link.send(frame);
        await clock.advance(2_000);
      }
      await clock.advance(100_000);
      assert.deepEqual(other.frames, sent);
      assert.deepEqual(one.frames, sent);
      assert.equal(one.ends.length, 0);
      one.link.close();
      await clock.advance(2_000);
      assert.equal(one.ends.length, 1);
    });
  }
});
